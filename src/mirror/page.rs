//! Tells a web page from a file: what a portal, a proxy or an error page sends with status
//! 200 in the place of what was asked for.

/// Whether this is a web page, by what the server says or by its first bytes.
pub(super) fn looks_like_html(content_type: Option<&str>, bytes: &[u8]) -> bool {
    let declared = content_type.unwrap_or_default().to_ascii_lowercase();
    let html = ["text/html", "application/xhtml"].iter().any(|kind| declared.starts_with(kind));
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]).to_ascii_lowercase();
    let start = start.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    html || start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// The first line of a text, for a message: at most 80 characters, escaped.
pub(super) fn first_line(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(400)]);
    let line: String = start.trim_start().lines().next().unwrap_or_default().chars().take(80).collect();
    crate::text::shown(&line).to_string()
}
