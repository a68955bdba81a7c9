use std::{fmt, str::FromStr};

pub const LAMPORTS_PER_SOL: u64 = 1_000_000_000;
const DECIMALS: usize = 9;

/// An amount of SOL, exact: it never passes through a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sol(pub u64);

impl FromStr for Sol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no amount of SOL; write for example 0.01");
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() && part.is_empty() || !digits(whole) || !digits(part) {
            return Err(wrong());
        }
        if part.len() > DECIMALS {
            return Err(format!(
                "{text:?} is finer than a lamport; use at most {DECIMALS} digits after the point"
            ));
        }
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| wrong())? };
        let part: u64 = format!("{part:0<DECIMALS$}").parse().map_err(|_| wrong())?;
        let lamports = whole.checked_mul(LAMPORTS_PER_SOL).and_then(|sum| sum.checked_add(part));
        lamports.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Sol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / LAMPORTS_PER_SOL, self.0 % LAMPORTS_PER_SOL);
        let part = format!("{part:09}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole} SOL"),
            part => write!(f, "{whole}.{part} SOL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        for (text, lamports) in
            [("1", 1_000_000_000), ("0.01", 10_000_000), (".5", 500_000_000), ("0.000000001", 1)]
        {
            assert_eq!(text.parse(), Ok(Sol(lamports)), "{text}");
        }
        for wrong in ["", ".", "-1", "1e3", "0.0000000001", "1,5", "99999999999"] {
            assert!(wrong.parse::<Sol>().is_err(), "{wrong}");
        }
        assert_eq!(Sol(1_500_000_000).to_string(), "1.5 SOL");
        assert_eq!(Sol(5_000).to_string(), "0.000005 SOL");
        assert_eq!(Sol(0).to_string(), "0 SOL");
    }
}
