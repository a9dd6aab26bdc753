//! Points in time that documents and commits say: RFC 3339, or a day alone.
//!
//! A text that is neither is no moment; nothing is guessed. The clock is never asked.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::text::shown;

const DAY: i64 = 86_400;

/// A point in time, as a text that RFC 3339 allows, and comparable.
///
/// ```
/// use warecat::model::Moment;
/// let day = Moment::parse("2026-08-21").unwrap();
/// assert_eq!(day.as_str(), "2026-08-21T00:00:00Z");
/// assert!(day < Moment::parse("2026-08-21T02:00:00+01:00").unwrap());
/// assert!(Moment::parse("2026-02-30").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment {
    seconds: i64,
    text: String,
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{}` is no point in time", shown(&text)))
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.text
    }
}

impl Moment {
    /// Reads `YYYY-MM-DD`, which is its first second in UTC, or RFC 3339.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !text.is_ascii() || bytes.len() < 10 || bytes.len() > 40 {
            return None;
        }
        let days = day(&text[..10])?;
        if bytes.len() == 10 {
            return Some(Self { seconds: days * DAY, text: format!("{text}T00:00:00Z") });
        }
        let is_separated = matches!(bytes[10], b'T' | b't' | b' ');
        let time = &text[11..];
        let clock = time.get(..8).filter(|_| is_separated)?;
        let seconds = clock_seconds(clock)?;
        let rest = fraction(&time[8..])?;
        let offset = offset(rest)?;
        let written = format!("{}T{}", &text[..10], time.to_ascii_uppercase());
        Some(Self { seconds: days * DAY + seconds - offset, text: written })
    }

    /// The time that documents without any have: the first second that is counted.
    #[must_use]
    pub fn epoch() -> Self {
        Self { seconds: 0, text: "1970-01-01T00:00:00Z".into() }
    }

    /// The text, RFC 3339.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The day, as its text has it.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.text[..10]
    }
}

/// By time; the same second in two spellings, bytewise.
impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.seconds.cmp(&other.seconds).then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A number of exactly these digits.
fn digits(text: &str, length: usize) -> Option<i64> {
    let is_number = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The days from 1970-01-01 to `YYYY-MM-DD`, which must be a day of the calendar
/// (Howard Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`).
fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let (month, day) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || !(1..=length).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// The seconds of `HH:MM:SS`; a leap second is refused, since few readers know it.
fn clock_seconds(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| digits(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_clock = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
    is_clock.then_some(hour * 3600 + minute * 60 + second)
}

/// What follows a fraction of a second, if there is one.
fn fraction(text: &str) -> Option<&str> {
    let Some(rest) = text.strip_prefix('.') else { return Some(text) };
    let end = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
    (end > 0).then(|| &rest[end..])
}

/// The seconds east of UTC of `Z` or `+HH:MM`.
fn offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hour, minute) = text[1..].split_once(':')?;
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
    (hour < 24 && minute < 60).then_some(sign * (hour * 3600 + minute * 60))
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_moment_is_a_day_or_rfc_3339_and_nothing_else() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("1970-01-01T00:59:59+01:00", -1),
            ("2023-11-14T14:13:20-08:00", 1_700_000_000),
            ("2023-11-14 22:13:20.123456z", 1_700_000_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(Moment::parse(text).unwrap().seconds, seconds, "{text}");
        }
        for bad in [
            "",
            "2026",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2023-02-29",
            "2026-1-01",
            "2026-08-21T",
            "2026-08-21x12:00:00Z",
            "2026-08-21T12:00",
            "2026-08-21T12:00:00",
            "2026-08-21T24:00:00Z",
            "2026-08-21T12:00:00.Z",
            "2026-08-21T12:00:00+1:00",
            "2026-08-21T12:00:00Z ",
            "２026-08-21",
            "2026-08-21T<script>",
            "+026-08-21",
            "2026-08-21T12:00:00+24:00",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn moments_are_ordered_by_time_and_written_as_rfc_3339() {
        let (early, late) = (Moment::parse("2026-01-01t00:30:00+01:00"), Moment::parse("2026-01-01"));
        assert!(early < late);
        assert_eq!(early.unwrap().as_str(), "2026-01-01T00:30:00+01:00");
        assert_eq!(late.unwrap().day(), "2026-01-01");
    }
}
