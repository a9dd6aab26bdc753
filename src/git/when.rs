//! Points in time as git keeps them: seconds and an offset from UTC in minutes.

use std::fmt;

const DAY: i64 = 86_400;
/// The last second of the year 9999 and the first of the year 0, RFC 3339's limits.
const LAST: i64 = 253_402_300_799;
const FIRST: i64 = -62_167_219_200;

/// A point in time and the offset of the clock that it was read from.
///
/// It is shown as RFC 3339. Years beyond its four digits, which only a forged commit has,
/// are shown as the nearest second it can express, and impossible offsets as UTC.
///
/// ```
/// let when = warecat::git::When { seconds: 1_700_000_000, offset_minutes: 330 };
/// assert_eq!(when.to_string(), "2023-11-15T03:43:20+05:30");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Minutes east of UTC.
    pub offset_minutes: i32,
}

impl When {
    /// Converts from libgit2's form.
    pub(super) fn from_git(time: git2::Time) -> When {
        When {
            seconds: time.seconds(),
            offset_minutes: time.offset_minutes(),
        }
    }

    /// Converts to libgit2's form.
    pub(super) fn to_git(self) -> git2::Time {
        git2::Time::new(self.seconds, self.offset_minutes)
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let possible = self.offset_minutes.unsigned_abs() < 24 * 60;
        let offset = if possible { self.offset_minutes } else { 0 };
        let local = self
            .seconds
            .saturating_add(i64::from(offset) * 60)
            .clamp(FIRST, LAST);
        let (year, month, day) = civil(local.div_euclid(DAY));
        let second = local.rem_euclid(DAY);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
            second / 3600,
            second / 60 % 60,
            second % 60
        )?;
        if offset == 0 {
            return f.write_str("Z");
        }
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar
/// (Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::When;

    fn check(seconds: i64, offset_minutes: i32, expected: &str) {
        let when = When {
            seconds,
            offset_minutes,
        };
        assert_eq!(when.to_string(), expected);
    }

    #[test]
    fn times_are_shown_as_rfc_3339() {
        check(0, 0, "1970-01-01T00:00:00Z");
        check(951_782_400, 0, "2000-02-29T00:00:00Z");
        check(1_700_000_000, -480, "2023-11-14T14:13:20-08:00");
        check(-1, 60, "1970-01-01T00:59:59+01:00");
    }

    #[test]
    fn forged_times_are_shown_within_bounds() {
        check(i64::MAX, 60, "9999-12-31T23:59:59+01:00");
        check(i64::MIN, 0, "0000-01-01T00:00:00Z");
        check(0, 9999, "1970-01-01T00:00:00Z");
    }
}
