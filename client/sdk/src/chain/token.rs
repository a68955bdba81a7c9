//! Mints and token accounts of both token programs, as far as paying with them needs: the program reads the same bytes
//! (programs/aceso/src/token.rs, whose tests compare them with spl-token-2022-interface).

use aceso::token::{SPL_TOKEN, TOKEN_2022, parse_account};
use anchor_lang::prelude::Pubkey;

use super::{Chain, ChainError, RawAccount};

/// The program that makes [`associated`] accounts.
pub const ASSOCIATED: Pubkey =
    Pubkey::from_str_const("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
const DECIMALS_AT: usize = 44;
const INITIALIZED_AT: usize = 45;
const STATE_AT: usize = 108;
const FROZEN: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mint {
    pub address: Pubkey,
    /// One of the two token programs.
    pub program: Pubkey,
    pub decimals: u8,
}

/// Somebody's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub address: Pubkey,
    pub mint: Pubkey,
    /// The wallet whose tokens they are.
    pub owner: Pubkey,
    pub amount: u64,
    /// Its issuer lets nothing in or out.
    pub frozen: bool,
}

/// Where a wallet keeps tokens of a mint, unless it says otherwise.
pub fn associated(wallet: &Pubkey, mint: &Mint) -> Pubkey {
    let seeds = [wallet.as_ref(), mint.program.as_ref(), mint.address.as_ref()];
    Pubkey::find_program_address(&seeds, &ASSOCIATED).0
}

impl Mint {
    /// An amount in the mint's own unit, as people write it: no rounding, no more places than needed.
    pub fn show(&self, amount: u64) -> String {
        let digits = format!("{amount:0>width$}", width = usize::from(self.decimals) + 1);
        let (whole, part) = digits.split_at(digits.len() - usize::from(self.decimals));
        match part.trim_end_matches('0') {
            "" => whole.to_owned(),
            part => format!("{whole}.{part}"),
        }
    }

    /// The other way; `None` for what is no amount, too large, or finer than the mint.
    pub fn read(&self, text: &str) -> Option<u64> {
        let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let fits = part.len() <= usize::from(self.decimals);
        if whole.len() + part.len() == 0 || !is_number(whole) || !is_number(part) || !fits {
            return None;
        }
        format!("{whole}{part:0<width$}", width = usize::from(self.decimals)).parse().ok()
    }
}

impl Chain {
    pub async fn mint(&self, at: &Pubkey) -> Result<Mint, ChainError> {
        let raw = self.rpc.account(at).await?;
        raw.as_ref().and_then(|raw| mint(*at, raw)).ok_or(ChainError::AccountWrong {
            kind: "mint",
            address: *at,
            reason: "no token program has made one there",
        })
    }

    /// A token account, or nothing where there is none.
    pub async fn tokens(&self, at: &Pubkey) -> Result<Option<Tokens>, ChainError> {
        Ok(self.rpc.account(at).await?.as_ref().and_then(|raw| tokens(*at, raw)))
    }
}

fn of_token_program(raw: &RawAccount) -> bool {
    raw.owner == SPL_TOKEN || raw.owner == TOKEN_2022
}

fn mint(at: Pubkey, raw: &RawAccount) -> Option<Mint> {
    let made = of_token_program(raw) && raw.data.get(INITIALIZED_AT) == Some(&1);
    // A token account has a wallet's address there, so that it is not taken for a mint by chance alone.
    let made = made && parse_account(&raw.data).is_none();
    let decimals = *raw.data.get(DECIMALS_AT)?;
    made.then_some(Mint { address: at, program: raw.owner, decimals })
}

fn tokens(at: Pubkey, raw: &RawAccount) -> Option<Tokens> {
    let found = of_token_program(raw).then(|| parse_account(&raw.data)).flatten()?;
    let frozen = raw.data.get(STATE_AT) == Some(&FROZEN);
    Some(Tokens { address: at, mint: found.mint, owner: found.owner, amount: found.amount, frozen })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(decimals: u8) -> Mint {
        Mint { address: Pubkey::default(), program: SPL_TOKEN, decimals }
    }

    #[test]
    fn amounts_are_written_and_read_as_people_do() {
        let cents = of(6);
        for (amount, text) in [
            (0, "0"),
            (1, "0.000001"),
            (1_500_000, "1.5"),
            (12_000_000, "12"),
            (999_999, "0.999999"),
        ] {
            assert_eq!(cents.show(amount), text);
            assert_eq!(cents.read(text), Some(amount));
        }
        assert_eq!((cents.read(".5"), cents.read("007")), (Some(500_000), Some(7_000_000)));
        for text in ["", ".", "1.2.3", "-1", "+1", "1e3", "0.0000001", "18446744073710"] {
            assert_eq!(cents.read(text), None, "{text}");
        }
        assert_eq!(
            (of(0).show(70), of(0).read("70"), of(0).read("7.0")),
            ("70".to_owned(), Some(70), None)
        );
    }
}
