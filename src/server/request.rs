//! What a request asks for: read strictly, before any file is touched.

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// A file of the site, or a folder's page, by the parts of its path.
    Place {
        /// The parts, decoded, each a plain name.
        parts: Vec<String>,
        /// Whether the path ends with a slash.
        is_folder: bool,
    },
    /// The site itself, without the slash at the end of its path.
    Base,
    /// What is not of the site: outside of its path, or a name that no site has.
    Nothing,
    /// A path that no honest program asks for.
    Refused,
}

/// Reads the path of a request; `base` has a slash at both ends.
pub(super) fn path(path: &str, base: &str) -> Asked {
    if Some(path) == base.strip_suffix('/') && !path.is_empty() {
        return Asked::Base;
    }
    let Some(relative) = path.strip_prefix(base) else {
        // What leads out of a folder is refused wherever it stands.
        return if path.split('/').all(|part| decoded(part).is_some()) { Asked::Nothing } else { Asked::Refused };
    };
    let mut parts = Vec::new();
    let mut segments = relative.split('/').peekable();
    while let Some(segment) = segments.next() {
        if segment.is_empty() {
            if segments.peek().is_none() {
                break;
            }
            return Asked::Refused;
        }
        match decoded(segment) {
            None => return Asked::Refused,
            // The site's own list of files, and what other tools keep beside it.
            Some(part) if part.starts_with('.') => return Asked::Nothing,
            Some(part) => parts.push(part),
        }
    }
    Asked::Place { parts, is_folder: relative.is_empty() || relative.ends_with('/') }
}

/// A part of a path, decoded; `None` when it is no name of a file.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(after.get(..2)?).ok()?;
            if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    let is_name = name != "." && name != ".." && !name.contains(['/', '\\']) && !name.chars().any(char::is_control);
    is_name.then_some(name)
}

/// Whether a `Host` names this machine. A page elsewhere whose name was made to lead here
/// sends its own name, and is not answered.
pub(super) fn is_this_machine(host: &str) -> bool {
    let is_port =
        |rest: &str| rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    ["localhost", "127.0.0.1", "[::1]"].into_iter().any(|name| {
        host.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) && is_port(&host[name.len()..])
    })
}

/// Whether a list of encodings takes gzip.
pub(super) fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        let is_gzip = words.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        is_gzip && !words.any(|word| word.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)))
    })
}

#[cfg(test)]
mod tests {
    use super::{Asked, is_this_machine, path, takes_gzip};

    fn place(parts: &[&str], is_folder: bool) -> Asked {
        Asked::Place { parts: parts.iter().map(|part| (*part).to_owned()).collect(), is_folder }
    }

    #[test]
    fn paths_are_read_strictly() {
        assert_eq!(path("/", "/"), place(&[], true));
        assert_eq!(path("/a/b.html", "/"), place(&["a", "b.html"], false));
        assert_eq!(path("/a%20b/", "/"), place(&["a b"], true));
        assert_eq!(path("/s/a", "/s/"), place(&["a"], false));
        assert_eq!(path("/s", "/s/"), Asked::Base);
        assert_eq!(path("/sx", "/s/"), Asked::Nothing);
        assert_eq!(path("/.warecat-site", "/"), Asked::Nothing);
        for bad in [
            "/../x",
            "/a/../../x",
            "/%2e%2e/x",
            "/a/%2E./x",
            "/a%2fb",
            "/a%5cb",
            "/a%00b",
            "/%ff",
            "/%zz",
            "/a%",
            "//a",
            "/a//b",
            "/./a",
            "/%0a",
        ] {
            assert_eq!(path(bad, "/"), Asked::Refused, "{bad}");
        }
        assert_eq!(path("/%2e%2e/x", "/s/"), Asked::Refused);
    }

    #[test]
    fn only_this_machine_is_a_host() {
        for good in ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8000"] {
            assert!(is_this_machine(good), "{good}");
        }
        for bad in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost:x",
            "127.0.0.2",
            "[::1]x",
            "é",
        ] {
            assert!(!is_this_machine(bad), "{bad}");
        }
    }

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        assert!(takes_gzip("gzip, deflate, br") && takes_gzip("br;q=1.0, gzip;q=0.8") && takes_gzip("*"));
        assert!(!takes_gzip("") && !takes_gzip("br") && !takes_gzip("gzip;q=0") && !takes_gzip("gzip; q=0.0"));
    }
}
