use std::{ops::Range, str::FromStr};

/// `A..B`, `A..` or `..B` of a content, where each end may carry a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    pub from: u64,
    pub to: Option<u64>,
}

impl ByteRange {
    /// The range within content of `len` bytes; an open end is the content's.
    pub fn within(self, len: u64) -> Range<u64> {
        self.from..self.to.unwrap_or(len)
    }
}

impl FromStr for ByteRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (from, to) = text
            .split_once("..")
            .ok_or_else(|| "a range looks like 10MB..20MB, 4096.. or ..1KiB".to_owned())?;
        let from = if from.is_empty() { 0 } else { size(from)? };
        let to = if to.is_empty() { None } else { Some(size(to)?) };
        if to.is_some_and(|to| to < from) {
            return Err("the range ends before it begins".to_owned());
        }
        Ok(Self { from, to })
    }
}

/// A length in bytes, with or without a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        size(text).map(Self)
    }
}

fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let scale: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        _ => return Err(format!("{unit:?} is no unit of bytes; use KB, MB, GB, KiB, MiB or GiB")),
    };
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is no number of bytes"))?;
    number.checked_mul(scale).ok_or_else(|| format!("{text:?} is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let read = |text: &str| text.parse::<ByteRange>();
        assert_eq!(read("10MB..20MB"), Ok(ByteRange { from: 10_000_000, to: Some(20_000_000) }));
        assert_eq!(read("4096.."), Ok(ByteRange { from: 4096, to: None }));
        assert_eq!(read("..1KiB"), Ok(ByteRange { from: 0, to: Some(1024) }));
        assert_eq!(read("5..5"), Ok(ByteRange { from: 5, to: Some(5) }));
        for wrong in ["", "5", "9..1", "1x..2", "-1..2", "99999999999999999999.."] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
