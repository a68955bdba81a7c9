//! Values as people read them: sizes, times, short ids.

use aceso_sdk::chain::Pubkey;
use jiff::{Timestamp, tz::TimeZone};

/// Characters of an address that tables show; enough to name one among many.
const SHORT: usize = 8;

/// The beginning of an address: every command takes it in place of the whole.
pub fn short(address: &Pubkey) -> String {
    let mut text = address.to_string();
    text.truncate(SHORT);
    text
}

/// A contact's name, or the short address.
pub fn who(address: &Pubkey, name: Option<&str>) -> String {
    name.map_or_else(|| short(address), str::to_owned)
}

/// A time in the zone of this computer.
pub fn time(secs: i64) -> String {
    match Timestamp::from_second(secs) {
        Ok(at) => at.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "far off".to_owned(),
    }
}

/// A time for programs.
pub fn rfc3339(secs: i64) -> String {
    Timestamp::from_second(secs).map_or_else(|_| secs.to_string(), |at| at.to_string())
}

/// The last moment of something, or that it has none.
pub fn until(secs: Option<i64>) -> String {
    secs.map_or_else(|| "no end".to_owned(), time)
}

/// A length of time in the largest unit that fits.
pub fn span(secs: i64) -> String {
    let units = [(365 * 86_400, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute")];
    let fits = units.iter().find(|(length, _)| secs >= *length);
    let (count, unit) = fits.map_or((secs, "second"), |(length, unit)| (secs / length, *unit));
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Bytes with a unit.
pub fn size(bytes: u64) -> String {
    let units = [(1u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.iter().find(|(length, _)| bytes >= *length) {
        Some((length, unit)) => format!("{:.1} {unit}", bytes as f64 / *length as f64),
        None => format!("{bytes} byte{}", if bytes == 1 { "" } else { "s" }),
    }
}

/// `1 record`, `2 records`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_well() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(span(86_400), "1 day");
        assert_eq!(span(31 * 86_400), "31 days");
        assert_eq!(span(59), "59 seconds");
        assert_eq!(until(None), "no end");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
    }
}
