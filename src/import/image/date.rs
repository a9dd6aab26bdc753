//! Unix seconds to RFC 3339, in UTC.

/// The years that RFC 3339 can write.
const YEARS: std::ops::RangeInclusive<i64> = 0..=9999;

/// The moment as text; nothing outside the years 0 to 9999.
pub(super) fn rfc3339(seconds: i64) -> Option<String> {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    YEARS.contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// Year, month and day of the Gregorian calendar, so many days after 1970-01-01.
///
/// Years are counted from March, so that the leap day is the last of a year: the first day
/// of a month is then a line through the months' lengths. 400 years have 146,097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    // Days since 0000-03-01.
    let days = i128::from(days) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = 400 * era + year + i128::from(month <= 2);
    let narrow = |number: i128| i64::try_from(number).expect("a number of days is larger than its year");
    (narrow(year), narrow(month), narrow(day))
}

#[cfg(test)]
mod tests {
    use super::{civil, rfc3339};

    #[test]
    fn moments_are_those_that_other_programs_print() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_762_391_527, "2025-11-06T01:12:07Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds).as_deref(), Some(text));
        }
        for none in [253_402_300_800, i64::MAX, i64::MIN, -62_167_219_201] {
            assert_eq!(rfc3339(none), None);
        }
    }

    #[test]
    fn each_day_is_the_one_after_the_day_before() {
        let is_leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let (mut year, mut month, mut day) = (1890, 1, 1);
        for days in -29_219..100_000 {
            assert_eq!(civil(days), (year, month, day));
            let length = match month {
                2 => 28 + i64::from(is_leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (day, month) = if day < length { (day + 1, month) } else { (1, month + 1) };
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
