use std::str::FromStr;

use jiff::{SignedDuration, Timestamp, ToSpan, ZonedDateTime, civil, tz::TimeZone};

/// A moment as people write it: a date, a date and time, a span from now, or never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// A day, in the time zone of this computer: its first or last moment, as the place asks.
    Day(civil::Date),
    At(Timestamp),
    After(Span),
    Forever,
}

impl When {
    /// Where something begins: of a day its first second. `None` is at once.
    pub fn begin_secs(&self, now: &ZonedDateTime) -> Option<i64> {
        match self {
            Self::Day(day) => day
                .to_zoned_datetime(now.time_zone().clone())
                .ok()
                .map(|at| at.timestamp().as_second()),
            Self::At(at) => Some(at.as_second()),
            Self::After(span) => Some(span.after(now)),
            Self::Forever => None,
        }
    }

    /// Where something ends: of a day its last second. `None` is never.
    pub fn end_secs(&self, now: &ZonedDateTime) -> Option<i64> {
        match self {
            Self::Day(day) => {
                let next = day.checked_add(1.day()).unwrap_or(*day);
                next.to_zoned_datetime(now.time_zone().clone())
                    .ok()
                    .map(|at| at.timestamp().as_second() - 1)
            }
            _ => self.begin_secs(now),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if matches!(text, "forever" | "never" | "none") {
            return Ok(Self::Forever);
        }
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self::At(at));
        }
        if text.contains('T') || text.contains(' ') {
            let time: civil::DateTime = text.parse().map_err(|_| unknown(text))?;
            let at = time.to_zoned_datetime(TimeZone::system()).map_err(|e| e.to_string())?;
            return Ok(Self::At(at.timestamp()));
        }
        if let Ok(day) = text.parse::<civil::Date>() {
            return Ok(Self::Day(day));
        }
        text.parse().map(Self::After).map_err(|_: String| unknown(text))
    }
}

fn unknown(text: &str) -> String {
    let minutes = text.ends_with('m') && text.len() > 1;
    let hint = if minutes { " (m could be minutes or months: write min or mo)" } else { "" };
    format!(
        "{text:?} is no time{hint}; write a date (2027-01-31), a time (2027-01-31T12:00:00Z), a span (30d, 6mo, 1y) or forever"
    )
}

/// A length of time: `90min`, `12h`, `30d`, `2w`, `6mo`, `1y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    count: i64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Months,
}

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;
/// Longer is a slip of the finger.
const MOST_YEARS: i64 = 200;

impl Span {
    /// Unix seconds of the moment this long after `now`. Months are those of the calendar.
    pub fn after(self, now: &ZonedDateTime) -> i64 {
        let at = match self.unit {
            Unit::Seconds => now.checked_add(SignedDuration::from_secs(self.count)),
            Unit::Months => now.checked_add(self.count.months()),
        };
        // Bounded when it was read, so nothing overflows before the year 9999.
        at.map_or(i64::MAX, |at| at.timestamp().as_second())
    }

    /// Its length in seconds, counted from `now` because months differ.
    pub fn secs(self, now: &ZonedDateTime) -> i64 {
        self.after(now) - now.timestamp().as_second()
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("{text:?} is no span of time; write for example 90min, 12h, 30d, 2w, 6mo or 1y")
        };
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, unit) = text.split_at(digits);
        let count: i64 = count.parse().map_err(|_| wrong())?;
        let (scale, unit, most) = match unit.trim() {
            "s" | "sec" => (1, Unit::Seconds, MOST_YEARS * 366 * DAY),
            "min" => (MINUTE, Unit::Seconds, MOST_YEARS * 366 * DAY),
            "h" => (60 * MINUTE, Unit::Seconds, MOST_YEARS * 366 * DAY),
            "d" | "day" | "days" => (DAY, Unit::Seconds, MOST_YEARS * 366 * DAY),
            "w" | "week" | "weeks" => (7 * DAY, Unit::Seconds, MOST_YEARS * 366 * DAY),
            "mo" | "month" | "months" => (1, Unit::Months, MOST_YEARS * 12),
            "y" | "year" | "years" => (12, Unit::Months, MOST_YEARS * 12),
            _ => return Err(wrong()),
        };
        match count.checked_mul(scale) {
            Some(count) if (1..=most).contains(&count) => Ok(Self { count, unit }),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> ZonedDateTime {
        "2026-11-23T12:00:00Z"
            .parse::<Timestamp>()
            .map(|at| at.to_zoned_datetime(TimeZone::UTC))
            .expect("a time")
    }

    fn end(text: &str) -> Option<i64> {
        text.parse::<When>().expect(text).end_secs(&now())
    }

    fn secs(text: &str) -> Option<i64> {
        Some(text.parse::<Timestamp>().expect(text).as_second())
    }

    #[test]
    fn moments_are_read() {
        assert_eq!(end("2027-01-31"), secs("2027-01-31T23:59:59Z"));
        assert_eq!(
            "2027-01-31".parse::<When>().expect("a day").begin_secs(&now()),
            secs("2027-01-31T00:00:00Z")
        );
        assert_eq!(end("2027-01-31T08:30:00+01:00"), secs("2027-01-31T07:30:00Z"));
        assert_eq!(end("30d"), secs("2026-12-23T12:00:00Z"));
        assert_eq!(end("3mo"), secs("2027-02-23T12:00:00Z"));
        assert_eq!(end("1y"), secs("2027-11-23T12:00:00Z"));
        assert_eq!(end("forever"), None);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in
            ["", "tomorrow", "31.1.2027", "0d", "-3d", "30", "2027-02-30", "999999999999y", "5m"]
        {
            assert!(wrong.parse::<When>().is_err(), "{wrong}");
        }
        assert!("5m".parse::<When>().is_err_and(|why| why.contains("minutes or months")));
    }
}
