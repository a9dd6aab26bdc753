//! Dates, times and durations, as HTML's `time` and as feeds write them.

/// Whether a text is what `time` may say: a year, month, week, date, time, date and time,
/// or a duration.
pub(super) fn is_moment(text: &str) -> bool {
    let is_duration = text
        .strip_prefix('P')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b"YMWDTHS.".contains(&b)));
    let dated = text.split_once(['T', ' ']).is_some_and(|(date, time)| is_date(date) && is_clock(time, false));
    is_duration || dated || is_date(text) || is_month(text) || is_week(text) || is_year(text) || is_clock(text, false)
}

/// Whether a text is a date and time with its zone, as RFC 3339 writes them.
pub(super) fn is_instant(text: &str) -> bool {
    text.split_once('T').is_some_and(|(date, time)| is_date(date) && is_clock(time, true))
}

/// Whether a text is a date.
pub(super) fn is_date(text: &str) -> bool {
    let Some((month, day)) = text.rsplit_once('-') else { return false };
    let longest = match month.rsplit_once('-').map_or("", |(_, month)| month) {
        "04" | "06" | "09" | "11" => 30,
        "02" => 29,
        _ => 31,
    };
    is_month(month) && two(day).is_some_and(|day| (1..=longest).contains(&day))
}

fn is_year(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_month(text: &str) -> bool {
    let Some((year, month)) = text.rsplit_once('-') else { return false };
    is_year(year) && two(month).is_some_and(|month| (1..=12).contains(&month))
}

fn is_week(text: &str) -> bool {
    let Some((year, week)) = text.split_once("-W") else { return false };
    is_year(year) && two(week).is_some_and(|week| (1..=53).contains(&week))
}

/// Two digits.
fn two(text: &str) -> Option<u32> {
    let is_two = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    is_two.then(|| text.parse().ok()).flatten()
}

/// Whether a text is a time of the day, with a zone where one is needed.
fn is_clock(text: &str, needs_zone: bool) -> bool {
    let at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (time, zone) = text.split_at(at);
    let has_zone = match zone.strip_prefix(['+', '-']) {
        Some(offset) => is_hours_and_minutes(offset),
        None => zone == "Z",
    };
    if !has_zone && (needs_zone || !zone.is_empty()) {
        return false;
    }
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let (minutes, seconds) = match whole.len() {
        8 => whole.split_at_checked(5).unwrap_or((whole, "")),
        _ if needs_zone => return false,
        _ => (whole, ":00"),
    };
    let seconds = seconds.strip_prefix(':').and_then(two);
    is_fraction && is_hours_and_minutes(minutes) && seconds.is_some_and(|seconds| seconds <= 60)
}

fn is_hours_and_minutes(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else { return false };
    two(hours).is_some_and(|hours| hours < 24) && two(minutes).is_some_and(|minutes| minutes < 60)
}

#[cfg(test)]
mod tests {
    use super::{is_instant, is_moment};

    #[test]
    fn moments_are_told_from_other_texts() {
        for good in [
            "2026",
            "2026-08",
            "2026-08-22",
            "2026-W34",
            "10:00",
            "10:00:59.5",
            "2026-08-22T10:00Z",
            "2026-08-22 10:00:00",
            "2026-08-22T10:00:00+02:00",
            "P3D",
            "PT4H18M",
        ] {
            assert!(is_moment(good), "{good}");
        }
        for bad in [
            "",
            "today",
            "22.8.2026",
            "2026-13",
            "2026-02-30",
            "2026-8-2",
            "25:00",
            "2026-08-22T",
            "P",
            "2026-08-22T10:00+2",
            "août",
            "2026-08-22é",
        ] {
            assert!(!is_moment(bad), "{bad}");
        }
        assert!(is_instant("2026-08-22T10:00:00Z") && is_instant("2026-08-22T10:00:00.5-01:00"));
        assert!(!is_instant("2026-08-22") && !is_instant("2026-08-22T10:00:00") && !is_instant("2026-08-22T10:00Z"));
    }
}
