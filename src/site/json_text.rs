//! JSON text in pieces, so that a page can colour and link them.
//!
//! The pieces, put together, are the text again, whatever it is.

use super::pages::Token;

/// Splits JSON text; `link` says where a text leads, given its value as it stands.
pub(super) fn tokens(text: &str, link: impl Fn(&str) -> Option<String>) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, class) = next(rest);
        rest = &rest[piece.len()..];
        let class = match class {
            Some("s") if rest.trim_start().starts_with(':') => Some("k"),
            other => other,
        };
        let href = if class == Some("s") { link(piece.trim_matches('"')) } else { None };
        found.push(Token { class, text: piece.to_owned(), href });
    }
    found
}

/// The first piece and what it is.
fn next(text: &str) -> (&str, Option<&'static str>) {
    if text.starts_with('"') {
        return (&text[..string_end(text)], Some("s"));
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
    if text.starts_with(is_word) {
        let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
        return (&text[..end], Some("n"));
    }
    let end = text.find(|c| c == '"' || is_word(c)).unwrap_or(text.len());
    (&text[..end], None)
}

/// Where a text that begins with a quote ends, its last quote included.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::tokens;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    #[test]
    fn keys_texts_and_words_are_told_apart() {
        let found = tokens("{\n\t\"a\": \"x\\\"y\",\n\t\"b\": [1, true]\n}", |text| (text == "x").then(String::new));
        let classes: Vec<_> = found.iter().filter_map(|t| t.class.map(|c| (c, t.text.as_str()))).collect();
        assert_eq!(classes, [("k", "\"a\""), ("s", "\"x\\\"y\""), ("k", "\"b\""), ("n", "1"), ("n", "true")]);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in any::<String>()) {
            let together: String = tokens(&text, |_| None).into_iter().map(|t| t.text).collect();
            prop_assert_eq!(together, text);
        }
    }
}
