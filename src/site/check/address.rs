//! Where a link leads, read as a browser reads it, and stricter.

use crate::site::links::Base;
use crate::text::is_hidden;

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a file of the site.
    Here(Here),
    /// To another host, over HTTP.
    Away,
    /// To a mail program.
    Mail,
    /// To what it holds itself.
    Data,
    /// To what has another scheme.
    Scheme(String),
    /// Out of the site's folder.
    Outside,
    /// Nowhere, since it is no URL.
    Invalid(&'static str),
}

/// A file of the site, as a link names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Here {
    /// The path of the file, decoded.
    pub(super) path: String,
    /// The id after `#`, decoded.
    pub(super) fragment: Option<String>,
    /// Whether a relative link names a folder, and the server has to find its page.
    pub(super) is_folder: bool,
}

/// Reads a link that stands in the file `from`.
pub(super) fn read(link: &str, from: &str, base: Option<&Base>) -> Leads {
    if let Some(reason) = fault(link) {
        return Leads::Invalid(reason);
    }
    match scheme(link) {
        Some("http" | "https") => web(link, base),
        Some("mailto") => Leads::Mail,
        Some("data") => Leads::Data,
        Some(other) => Leads::Scheme(other.chars().take(40).collect()),
        None if link.starts_with("//") => Leads::Away,
        None => local(link, from, base),
    }
}

/// What no URL may hold.
fn fault(link: &str) -> Option<&'static str> {
    if link.starts_with("data:") {
        return None;
    }
    if link.chars().any(|c| c.is_whitespace() || is_hidden(c) || c == '\0') {
        return Some("it holds a space or a hidden character");
    }
    if link.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}']) {
        return Some("it holds a character that URLs encode");
    }
    let is_hex = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
    let bytes = link.as_bytes();
    let is_bad = |(at, _): (usize, &str)| !is_hex(bytes.get(at + 1)) || !is_hex(bytes.get(at + 2));
    link.match_indices('%').any(is_bad).then_some("a `%` is not followed by two hexadecimal digits")
}

/// The scheme of a URL that has one.
fn scheme(link: &str) -> Option<&str> {
    let (head, _) = link.split_once(':')?;
    let is_scheme = head.starts_with(|c: char| c.is_ascii_alphabetic())
        && head.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    // The few that mean something to us, whatever their case.
    let known = ["http", "https", "mailto", "data"];
    is_scheme.then(|| known.into_iter().find(|known| head.eq_ignore_ascii_case(known)).unwrap_or(head))
}

/// An absolute URL: of this site when it begins as the base does.
fn web(link: &str, base: Option<&Base>) -> Leads {
    let Some(base) = base.filter(|base| !base.origin.is_empty()) else { return Leads::Away };
    let is_ours = link.get(..base.origin.len()).is_some_and(|start| start.eq_ignore_ascii_case(&base.origin));
    match link.get(base.origin.len()..).and_then(|rest| rest.strip_prefix(base.path.as_str())) {
        Some(rest) if is_ours => match local(rest, "", None) {
            Leads::Here(here) => Leads::Here(Here { is_folder: false, ..here }),
            other => other,
        },
        _ => Leads::Away,
    }
}

/// A relative reference, or one that begins with `/`.
fn local(link: &str, from: &str, base: Option<&Base>) -> Leads {
    let (rest, fragment) = link.split_once('#').map_or((link, None), |(rest, id)| (rest, Some(id)));
    let path = rest.split('?').next().unwrap_or_default();
    let Some(fragment) = fragment.map(decoded).map_or(Some(None), |id| id.map(Some)) else {
        return Leads::Invalid("what it encodes is no UTF-8");
    };
    if path.is_empty() && !from.is_empty() {
        return Leads::Here(Here { path: from.to_owned(), fragment, is_folder: false });
    }
    let (mut parts, relative): (Vec<String>, &str) = match path.strip_prefix('/') {
        None => (from.split('/').rev().skip(1).map(str::to_owned).collect(), path),
        Some(_) => match path.strip_prefix(base.map_or("/", |base| base.path.as_str())) {
            Some(relative) => (Vec::new(), relative),
            None => return Leads::Outside,
        },
    };
    parts.reverse();
    let is_folder = relative.is_empty() || relative.ends_with('/') || relative.ends_with("/..") || relative == "..";
    let mut segments = relative.split('/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            ".." if parts.pop().is_none() => return Leads::Outside,
            ".." | "." => {}
            "" if segments.peek().is_none() => {}
            "" => return Leads::Invalid("a part of its path is empty"),
            segment => match decoded(segment) {
                None => return Leads::Invalid("what it encodes is no UTF-8"),
                Some(part) if part.contains(['/', '\\', '\0']) || part == "." || part == ".." => {
                    return Leads::Invalid("it encodes a slash, a dot or a zero byte of its path");
                }
                Some(part) => parts.push(part),
            },
        }
    }
    if is_folder {
        parts.push("index.html".into());
    }
    let is_folder = is_folder && !path.starts_with('/');
    Leads::Here(Here { path: parts.join("/"), fragment, is_folder })
}

/// A part of a URL without its percent signs, when that is text.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = (first == b'%').then(|| after.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Here, Leads, read};
    use crate::site::links::Base;

    fn here(path: &str, fragment: Option<&str>, is_folder: bool) -> Leads {
        Leads::Here(Here { path: path.into(), fragment: fragment.map(str::to_owned), is_folder })
    }

    #[test]
    fn links_are_read_as_browsers_read_them() {
        let base = Base::parse("https://a.org/s/").unwrap();
        let check =
            |link: &str, expected: Leads| assert_eq!(read(link, "m/n/index.html", Some(&base)), expected, "{link}");
        check("", here("m/n/index.html", None, false));
        check("#a%20b", here("m/n/index.html", Some("a b"), false));
        check("?q=1", here("m/n/index.html", None, false));
        check("x.json?y#z", here("m/n/x.json", Some("z"), false));
        check("../o/%25.html", here("m/o/%.html", None, false));
        check("../", here("m/index.html", None, true));
        check("..", here("m/index.html", None, true));
        check("./x.html", here("m/n/x.html", None, false));
        check("/s/x.html", here("x.html", None, false));
        check("/s/", here("index.html", None, false));
        check("https://A.org/s/m/", here("m/index.html", None, false));
        check("https://a.org/other", Leads::Away);
        check("https://a.org.evil/s/m/", Leads::Away);
        check("//b.org/x", Leads::Away);
        check("HTTP://b.org", Leads::Away);
        check("mailto:a@b.org", Leads::Mail);
        check("data:image/png;base64,AA==", Leads::Data);
        check("javascript:x", Leads::Scheme("javascript".into()));
        check("x:y", Leads::Scheme("x".into()));
        check("../../..", Leads::Outside);
        check("/x.html", Leads::Outside);
    }

    #[test]
    fn what_is_no_url_leads_nowhere() {
        for link in [
            "a b",
            " a",
            "a%2",
            "%zz",
            "a\\b",
            "a%2fb",
            "%2e%2e/x",
            "a//b",
            "%ff",
            "#%ff",
            "a\u{202e}b",
            "{x}",
            "java\nscript:x",
            "a%00b",
        ] {
            assert!(matches!(read(link, "m/index.html", None), Leads::Invalid(_)), "{link:?}");
        }
    }

    #[test]
    fn without_a_base_a_slash_is_the_sites_own() {
        assert_eq!(read("/x/y.html", "404.html", None), here("x/y.html", None, false));
        assert_eq!(read("https://a.org/", "404.html", None), Leads::Away);
    }
}
