//! How things are shown to people.

use aceso::state::{EndReason, LeaseKind, LeaseStatus, PeerStatus};
use jiff::{Timestamp, tz::TimeZone};

/// Days of 24 hours need no time of day.
const DAY_SECS: i64 = 24 * 60 * 60;

/// Unix seconds, in UTC: the chain knows no other place.
pub(super) fn moment(secs: i64) -> String {
    format_at(secs, "%Y-%m-%d %H:%M UTC")
}

/// The beginning of an epoch.
pub(super) fn epoch(epoch: u64, epoch_secs: i64) -> String {
    let secs = i64::try_from(epoch).unwrap_or(i64::MAX).saturating_mul(epoch_secs);
    if epoch_secs % DAY_SECS == 0 { format_at(secs, "%Y-%m-%d") } else { moment(secs) }
}

fn format_at(secs: i64, form: &str) -> String {
    match Timestamp::from_second(secs) {
        Ok(at) => at.to_zoned_datetime(TimeZone::UTC).strftime(form).to_string(),
        Err(_) => "never".to_owned(),
    }
}

pub(super) fn sol(lamports: u64) -> String {
    let text = format!("{}.{:09}", lamports / 1_000_000_000, lamports % 1_000_000_000);
    format!("{} SOL", text.trim_end_matches('0').trim_end_matches('.'))
}

pub(super) fn kind(kind: u8) -> &'static str {
    match kind {
        k if k == LeaseKind::Record as u8 => "record",
        k if k == LeaseKind::Keyring as u8 => "keyring",
        k if k == LeaseKind::Bundle as u8 => "bundle",
        k if k == LeaseKind::Pack as u8 => "pack",
        _ => "unknown",
    }
}

pub(super) fn lease_status(status: u8) -> &'static str {
    match status {
        s if s == LeaseStatus::Offered as u8 => "offered",
        s if s == LeaseStatus::Live as u8 => "live",
        _ => "ended",
    }
}

pub(super) fn end(end: u8) -> &'static str {
    match end {
        e if e == EndReason::Declined as u8 => "declined",
        e if e == EndReason::Expired as u8 => "not accepted in time",
        e if e == EndReason::Cancelled as u8 => "cancelled by its owner",
        e if e == EndReason::Term as u8 => "term over",
        e if e == EndReason::Released as u8 => "released after notice",
        e if e == EndReason::Defaulted as u8 => "lost: not proven",
        e if e == EndReason::PeerDefaulted as u8 => "lost with the whole peer",
        _ => "",
    }
}

pub(super) fn peer_status(status: u8) -> &'static str {
    match status {
        s if s == PeerStatus::Active as u8 => "active",
        s if s == PeerStatus::Draining as u8 => "draining",
        _ => "defaulted",
    }
}

/// Columns as wide as their widest cell.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut all = vec![head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>()];
    all.extend_from_slice(rows);
    let width = |at: usize| {
        all.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let text: String = cells.map(|(cell, width)| format!("{cell:<width$}  ")).collect();
        format!("{}\n", text.trim_end())
    };
    all.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_are_dates() {
        assert_eq!(epoch(20_000, 86_400), "2024-10-04");
        assert_eq!(epoch(20_000 * 1440 + 61, 60), "2024-10-04 01:01 UTC");
        assert_eq!(epoch(u64::MAX, 86_400), "never");
    }

    #[test]
    fn sums_lose_their_noughts() {
        assert_eq!(
            (sol(1_500_000_000), sol(2_000_000_000), sol(1)),
            ("1.5 SOL".to_owned(), "2 SOL".to_owned(), "0.000000001 SOL".to_owned())
        );
    }

    #[test]
    fn columns_line_up() {
        let rows = [vec!["aaaa".to_owned(), "b".to_owned()], vec!["c".to_owned(), String::new()]];
        assert_eq!(table(&["x", "y"], &rows), "x     y\naaaa  b\nc\n");
    }
}
