//! What text from a catalog may become on a page (`threats.md` T-24).
//!
//! Every value that a template shows passes through [`escape`], the templates' one
//! escaping function; what may stand in a link is decided by [`web_link`] before it
//! reaches a template. Neither strips anything: what is dangerous is made visible.
//!
//! One element cannot be written that way. A browser decodes no entity within `<script>`,
//! so a data block (JSON-LD) would be broken JSON after [`escape`]. What stands there goes
//! through [`escape_json`] instead, which templates reach as the filter `data_block`. It
//! leaves no character with which a script element could be ended, or anything else be
//! begun, whatever text it is given; and of JSON it keeps the meaning, since outside of
//! JSON's strings none of the characters that it writes as `\uXXXX` can stand. A test
//! holds the filter to that one place in the templates.

use std::io::{self, Write};

use crate::text::{is_hidden, json_escaped};

/// Longest address that becomes a link, in bytes.
const MAX_LINK: usize = 2048;

/// Writes `text` so that HTML and XML read it as text, in an element or in a quoted
/// attribute. Control characters and marks that turn the reading direction are written
/// as visible escapes; line breaks and tabs stay.
///
/// # Errors
/// Those of the writer.
pub fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut plain = 0;
    let mut at = 0;
    while let Some(next) = text.as_bytes()[at..].iter().position(|byte| !PLAIN[usize::from(*byte)]) {
        at += next;
        let Some(c) = text[at..].chars().next() else { break };
        let end = at + c.len_utf8();
        let entity: &str = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            _ => "",
        };
        if !entity.is_empty() || is_hidden(c) || is_noncharacter(c) {
            out.write_all(&text.as_bytes()[plain..at])?;
            match entity {
                "" => write!(out, "\\u{{{:x}}}", u32::from(c))?,
                entity => out.write_all(entity.as_bytes())?,
            }
            plain = end;
        }
        at = end;
    }
    out.write_all(&text.as_bytes()[plain..])
}

/// The bytes that [`escape`] leaves as they are without looking further.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
        byte += 1;
    }
    plain[b'\n' as usize] = true;
    plain[b'\t' as usize] = true;
    plain
};

/// Writes JSON text so that it can stand in a data block, `<script type="application/ld+json">`:
/// the same JSON, in which `<`, `>`, `&`, `'` and all that hides are escapes.
///
/// ```
/// use warecat::site::escape_json;
/// assert_eq!(escape_json(r#"["</script>"]"#), r#"["\u003c/script\u003e"]"#);
/// ```
#[must_use]
pub fn escape_json(text: &str) -> String {
    json_escaped(text, |c| matches!(c, '<' | '>' | '&' | '\'') || is_hidden(c) || is_noncharacter(c))
}

/// What a document cannot hold as a character at all.
fn is_noncharacter(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe || matches!(c, '\u{fdd0}'..='\u{fdef}')
}

/// The text, when it is an address that a page may link: `http`, `https` or `mailto`,
/// without spaces, quotes, hidden characters, or a user before the host.
///
/// ```
/// use warecat::site::web_link;
/// assert!(web_link("https://www.gromacs.org").is_some());
/// assert!(web_link("javascript:alert(1)").is_none());
/// assert!(web_link("https://bank.example@evil.example/").is_none());
/// ```
#[must_use]
pub fn web_link(text: &str) -> Option<&str> {
    let odd =
        |c: char| is_hidden(c) || c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '\\' | '{' | '}');
    if text.len() > MAX_LINK || text.chars().any(odd) {
        return None;
    }
    let (scheme, rest) = text.split_once(':')?;
    let fine = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => rest.strip_prefix("//").is_some_and(has_plain_host),
        "mailto" => is_mail_address(rest),
        _ => false,
    };
    fine.then_some(text)
}

fn has_plain_host(rest: &str) -> bool {
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_'))
}

fn is_mail_address(text: &str) -> bool {
    let part =
        |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'));
    text.split_once('@').is_some_and(|(user, host)| part(user) && part(host))
}

/// Whether a word can stand in a command unquoted, in every shell, and is no option
/// (`threats.md` T-25).
pub(super) fn is_shell_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'+' | b'-' | b'/' | b':' | b'@'))
}

/// Whether an absolute path can stand in a command unquoted, in every shell.
pub(super) fn is_shell_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(is_shell_word)
}

#[cfg(test)]
mod tests {
    use super::{escape, escape_json, is_shell_word, web_link};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        escape(text, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn t24_text_is_text_and_what_hides_is_shown() {
        assert_eq!(escaped("<b a='x' c=\"y\">&"), "&lt;b a=&#39;x&#39; c=&quot;y&quot;&gt;&amp;");
        assert_eq!(escaped("a\u{202e}b\0c\u{1b}\r\n\t"), "a\\u{202e}b\\u{0}c\\u{1b}\\u{d}\n\t");
        assert_eq!(escaped("naïve ∼ 日本\u{ffff}"), "naïve ∼ 日本\\u{ffff}");
        assert_eq!(escaped(""), "");
    }

    #[test]
    fn t24_a_data_block_cannot_be_ended_from_within() {
        let found = escape_json(&serde_json::to_string(&["</script><!--", "a\u{2028}b\u{202e}c'&\u{1fffe}"]).unwrap());
        assert_eq!(found, r#"["\u003c/script\u003e\u003c!--","a\u2028b\u202ec\u0027\u0026\ud83f\udffe"]"#);
    }

    proptest! {
        #[test]
        fn t24_json_means_the_same_and_no_text_leaves_a_data_block(text in any::<String>(), key in any::<String>()) {
            let value = serde_json::json!({ key: [text.clone(), null, 1.5] });
            let found = escape_json(&value.to_string());
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&found).unwrap(), value);
            for found in [found, escape_json(&text)] {
                prop_assert!(!found.contains(['<', '>', '&', '\'', '\n', '\u{2028}', '\u{202e}']), "{}", found);
            }
        }
    }

    #[test]
    fn t24_only_plain_web_addresses_become_links() {
        for good in
            ["http://a.org", "https://a.org:8080/x?y=1&z#f", "HTTPS://A.org", "mailto:a.b+c@d.org", "https://[::1]/"]
        {
            assert_eq!(web_link(good), Some(good));
        }
        for bad in [
            "",
            "a",
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            " https://a.org",
            "data:text/html,x",
            "ftp://a.org",
            "hhttps://a.org",
            "https:a.org",
            "https:///x",
            "https://user@a.org",
            "https://a.org\\@b",
            "https://a.org/\"x",
            "https://a.org/\u{202e}",
            "https://a.org/\nx",
            "vbscript:x",
            "//a.org",
            "cvmfs://a.org/x",
            "mailto:a@b?cc=c",
            "mailto:a",
            "java\tscript:alert(1)",
            "https://",
        ] {
            assert_eq!(web_link(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn t25_a_shell_would_read_nothing_into_a_word() {
        assert!(is_shell_word("GROMACS/2024.4-foss-2023b") && is_shell_word("a.org/b:1+2:x"));
        for bad in ["", "-x", "a b", "x;rm", "$x", "`x`", "a&b", "a'b", "~x", "a\nb", "ä", "a(b)", "a=b#", "!x", "a%b"]
        {
            assert!(!is_shell_word(bad), "{bad:?}");
        }
    }
}
