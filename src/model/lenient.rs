//! Mends the few faults of a text that Warpforge reads without a word.
//!
//! Bytes that are not UTF-8 and lone surrogate escapes become U+FFFD, as Go's decoder
//! makes them (one for each byte); NUL bytes behind the document are dropped. `check`
//! reports such a text as not canonical. Nothing else is mended: what Warpforge accepts
//! at the cost of a hash that others cannot reproduce (repeated keys, trailing commas,
//! two actions) is refused by the decoder.

use std::borrow::Cow;

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The text with those faults mended; borrowed when it has none.
pub(super) fn mend(bytes: &[u8]) -> Cow<'_, [u8]> {
    let end = bytes.iter().rposition(|b| !matches!(b, 0 | b' ' | b'\n' | b'\r' | b'\t'));
    let trimmed = &bytes[..end.map_or(0, |at| at + 1)];
    if std::str::from_utf8(trimmed).is_ok() && !has_surrogate_escape(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    Cow::Owned(mend_escapes(&mend_utf8(trimmed)))
}

fn has_surrogate_escape(bytes: &[u8]) -> bool {
    bytes.windows(4).any(|w| w[0] == b'\\' && w[1] == b'u' && matches!(w[2], b'd' | b'D'))
}

/// Replaces each byte that is not part of a character, one by one.
fn mend_utf8(bytes: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(bytes.len() + 16);
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(_) => {
                mended.extend_from_slice(rest);
                return mended;
            }
            Err(error) => {
                let (good, bad) = rest.split_at(error.valid_up_to());
                mended.extend_from_slice(good);
                mended.extend_from_slice(REPLACEMENT);
                rest = &bad[1..];
            }
        }
    }
}

/// Replaces escapes of surrogates that do not stand in a pair.
fn mend_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let step = match (bytes[at], surrogate(&bytes[at..])) {
            (b'\\', Some(unit)) if unit < 0xdc00 && surrogate(&bytes[at + 6..]).is_some_and(|u| u >= 0xdc00) => 12,
            (b'\\', Some(_)) => {
                mended.extend_from_slice(REPLACEMENT);
                at += 6;
                continue;
            }
            (b'\\', None) => 2.min(bytes.len() - at),
            _ => 1,
        };
        mended.extend_from_slice(&bytes[at..at + step]);
        at += step;
    }
    mended
}

/// The surrogate that an escape at the start of `bytes` stands for.
fn surrogate(bytes: &[u8]) -> Option<u16> {
    let hex = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let unit = u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
    (0xd800..0xe000).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::mend;

    fn check(input: &[u8], expected: &str) {
        assert_eq!(String::from_utf8_lossy(&mend(input)), expected);
    }

    #[test]
    fn only_what_is_broken_is_mended() {
        check(b"{\"a\":\"x\"}\n", "{\"a\":\"x\"}");
        check(br#""\ud83d\ude80""#, r#""\ud83d\ude80""#);
        check(br#""\ud800x""#, "\"\u{fffd}x\"");
        check(br#""\udc00""#, "\"\u{fffd}\"");
        check(br#""\ud800\ud83d\ude80""#, "\"\u{fffd}\\ud83d\\ude80\"");
        check(br#""\\ud800""#, r#""\\ud800""#);
        check(b"\"\xff\xfe\"", "\"\u{fffd}\u{fffd}\"");
        check(b"\"\xe2\x82\"", "\"\u{fffd}\u{fffd}\"");
        check(b"{}\n\0\0", "{}");
        check(b"", "");
        check(b"\"\\", "\"\\");
    }
}
