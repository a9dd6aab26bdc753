//! Which of upstream's texts are addresses that a page may link to (`threats.md` T-24).

use crate::text::is_hidden;

/// Longest address, in bytes.
const MAX_LINK: usize = 2048;

/// Whether a page may link to this text: an address of the web or of FTP with a plain
/// host, which needs no escaping anywhere.
pub(crate) fn is_link(text: &str) -> bool {
    let rest = ["https://", "http://", "ftp://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
    let is_safe = |c: char| !is_hidden(c) && !c.is_whitespace() && !r#""<>\^`{|}"#.contains(c);
    text.len() <= MAX_LINK && is_host && text.chars().all(is_safe)
}

#[cfg(test)]
mod tests {
    use super::is_link;

    #[test]
    fn t24_only_addresses_of_the_web_are_links() {
        for bad in [
            "hhttps://librdf.org/rasqal",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "https://a b",
            "https://a.io/\"onclick=",
            "https://a.io/<script>",
            "https://a.io/\u{202e}",
            "//a.io",
            "https://[::1]/",
        ] {
            assert!(!is_link(bad), "{bad}");
        }
        assert!(is_link("ftp://a.io/x") && is_link("https://a.io:8080/?q=ü#x"));
    }
}
