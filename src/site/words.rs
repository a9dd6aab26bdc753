//! Small shapes of text: one line, a length, a kind's name.

use serde::Serialize;

pub(super) use crate::text::one_line;

/// Longest value that a page shows, in bytes.
const MAX_SHOWN: usize = 16 * 1024;

/// A text as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Shown {
    /// The text, or its beginning.
    pub(super) text: String,
    /// How many bytes it really has, when it is only the beginning.
    pub(super) cut: Option<usize>,
}

/// The text, or as much of it as a page shows.
pub(super) fn shown(text: &str) -> Shown {
    if text.len() <= MAX_SHOWN {
        return Shown { text: text.to_owned(), cut: None };
    }
    let mut end = MAX_SHOWN;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Shown { text: format!("{}…", &text[..end]), cut: Some(text.len()) }
}

/// What people call a thing of this kind.
pub(super) fn kind_label(kind: &str) -> &str {
    match kind {
        "python" => "Python package",
        "r" => "R package",
        "perl" => "Perl module",
        "ruby" => "Ruby gem",
        "octave" => "Octave package",
        "virtual" => "virtual package",
        other => other,
    }
}

/// What several things of this kind are called.
pub(super) fn kind_plural(kind: &str) -> String {
    format!("{}s", kind_label(kind))
}

/// An address by its host and its last part, when it is long.
pub(super) fn short_address(address: &str) -> String {
    const LONG: usize = 56;
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    match (bare.split_once('/'), bare.rsplit_once('/')) {
        (Some((host, _)), Some((_, file))) if bare.len() > LONG && !file.is_empty() => {
            shown(&format!("{host}/…/{file}")).text
        }
        _ => shown(bare).text,
    }
}

/// A number with a space between its thousands that never breaks.
pub(super) fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes in the unit that people would say, decimal: `412 MB`.
pub(super) fn bytes(n: u64) -> String {
    const UNITS: &[&str] = &["bytes", "kB", "MB", "GB", "TB"];
    let (mut whole, mut tenths, mut unit) = (n, 0, 0);
    while whole >= 1000 && unit + 1 < UNITS.len() {
        (whole, tenths, unit) = (whole / 1000, whole % 1000 / 100, unit + 1);
    }
    let unit_name = UNITS[unit];
    if whole < 10 && unit > 0 { format!("{whole}.{tenths} {unit_name}") } else { format!("{whole} {unit_name}") }
}

/// A number and what it counts.
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// The text, when a machine reads it as a date: `YYYY-MM-DD`, with a time or without.
pub(super) fn date(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let digits =
        |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let is_day = digits(0..4) && digits(5..7) && digits(8..10) && bytes[4] == b'-' && bytes[7] == b'-';
    let is_rest = text.len() == 10
        || (matches!(bytes.get(10), Some(b'T' | b' '))
            && bytes[11..].iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'+' | b'-' | b'Z')));
    (is_day && is_rest && text.len() <= 40).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::{bytes, date, number, one_line, shown};

    #[test]
    fn a_line_is_the_first_that_says_something() {
        assert_eq!(one_line("\n\n  a   b\tc \n d").as_deref(), Some("a b c"));
        assert_eq!(one_line(" \n\t"), None);
        let long = one_line(&"word ".repeat(100)).unwrap();
        assert!(long.ends_with("word…") && long.chars().count() < 190);
        assert_eq!(one_line(&"ä".repeat(1_000_000)).unwrap().chars().count(), 181);
    }

    #[test]
    fn a_long_text_says_how_long_it_is() {
        assert_eq!(shown("x").cut, None);
        assert_eq!(shown(&"ä".repeat(500_000)).cut, Some(1_000_000));
    }

    #[test]
    fn numbers_and_dates() {
        assert_eq!((number(7), number(1234), number(1_234_567)), ("7".into(), "1,234".into(), "1,234,567".into()));
        assert_eq!(
            (bytes(999), bytes(1_234), bytes(412_800_000)),
            ("999 bytes".into(), "1.2 kB".into(), "412 MB".into())
        );
        assert!(date("2026-08-21").is_some() && date("2026-08-21T12:54:24Z").is_some());
        for bad in ["", "2026", "2026-08-21x", "20260821ab", "2026-08-21T<script>", "ä026-08-21"] {
            assert!(date(bad).is_none(), "{bad}");
        }
    }
}
