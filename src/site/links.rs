//! Where pages lie, and how one page links another.
//!
//! Links are relative, file to file, so that a site works below any prefix, from
//! `file://` and out of an archive. Our own pages lie below parts that begin with `_`,
//! which no module name has; a part of a module name that is one of our file names is
//! written `_m.<part>`.

use super::error::SiteError;
use crate::model::{ModuleName, RecordCid, ReleaseName, WarpforgeCid};

/// Names of files that a module's folder could be mistaken for.
const OUR_FILES: &[&str] = &["index.html", "index.json", "404.html", "catalog.ndjson", "robots.txt", "sitemap.xml"];

/// A file of the site: its path below the output folder, parts separated by `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place(String);

impl Place {
    /// A file of our own, whose path has no part from outside.
    pub(super) fn ours(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// A file in the folder of a module or of a prefix of modules.
    pub(super) fn below(prefix: &str, file: &str) -> Self {
        let mut path = folder(prefix);
        path.push('/');
        path.push_str(file);
        Self(path)
    }

    /// The page of a module, or of a prefix of modules.
    pub(super) fn module(name: &str) -> Self {
        Self::below(name, "index.html")
    }

    /// The page of a module as data.
    pub(super) fn module_data(name: &ModuleName) -> Self {
        Self::below(name.as_str(), "index.json")
    }

    /// The list of all modules that need a module, where its page does not show all.
    pub(super) fn needed_by(name: &ModuleName) -> Self {
        Self::below(name.as_str(), "_needed-by.html")
    }

    /// A module's further page of older releases; the first page is [`Place::module`].
    pub(super) fn older(name: &ModuleName, page: usize) -> Self {
        match page {
            0 => Self::module(name.as_str()),
            _ => Self::below(name.as_str(), &format!("_older/{}.html", page + 1)),
        }
    }

    /// The page of a replay.
    pub(super) fn replay(name: &ModuleName, cid: &WarpforgeCid) -> Self {
        Self::below(name.as_str(), &format!("_replays/{cid}.html"))
    }

    /// The page of one release, where releases have pages of their own; Warpforge's site
    /// has it there too.
    pub(super) fn release(name: &ModuleName, release: &ReleaseName) -> Self {
        Self::below(name.as_str(), &format!("_releases/{release}.html"))
    }

    /// The page that says what a CID is of.
    pub(super) fn cid(cid: &WarpforgeCid) -> Self {
        Self(format!("_cid/{cid}/index.html"))
    }

    /// The data beside a page: its path with `.json` in place of `.html`.
    pub(super) fn twin(&self) -> Self {
        Self(format!("{}.json", self.0.strip_suffix(".html").unwrap_or(&self.0)))
    }

    /// The text of a record, where its page does not show all of it.
    pub(super) fn record_text(name: &ModuleName, cid: &RecordCid) -> Self {
        Self::below(name.as_str(), &format!("_records/{cid}.json"))
    }

    /// The text of a release, where its page does not show all of it.
    pub(super) fn release_text(name: &ModuleName, release: &ReleaseName) -> Self {
        Self::below(name.as_str(), &format!("_releases/{release}.json"))
    }

    /// The text of a module, where its page does not show all of it.
    pub(super) fn module_text(name: &ModuleName) -> Self {
        Self::below(name.as_str(), "_module.json")
    }

    /// The path below the output folder.
    pub(super) fn path(&self) -> &str {
        &self.0
    }

    /// The path as a URL has it.
    pub(super) fn url(&self) -> String {
        encoded(&self.0)
    }

    /// The way up to the output folder: empty, or `../` as often as it takes.
    pub(super) fn root(&self) -> String {
        "../".repeat(self.0.matches('/').count())
    }

    /// The URL of another file, relative to this one.
    pub(super) fn link(&self, other: &Place) -> String {
        let here = self.0.rfind('/').map_or("", |at| &self.0[..=at]);
        let common = shared_folders(here, &other.0);
        let ups = here[common..].matches('/').count();
        let mut url = "../".repeat(ups);
        push_encoded(&mut url, &other.0[common..]);
        url
    }
}

/// How many bytes of both paths are folders that they share.
fn shared_folders(a: &str, b: &str) -> usize {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    a[..same].rfind('/').map_or(0, |at| at + 1)
}

/// The folder of a module's pages, or of a prefix's.
pub(super) fn folder(name: &str) -> String {
    let mut path = String::with_capacity(name.len() + 16);
    for (at, part) in name.split('/').enumerate() {
        if at > 0 {
            path.push('/');
        }
        if OUR_FILES.iter().any(|ours| part.eq_ignore_ascii_case(ours)) {
            path.push_str("_m.");
        }
        path.push_str(part);
    }
    path
}

/// The anchor of a release: equal for equal names only, and the same in every build.
pub(super) fn anchor(release: &str) -> String {
    let mut id = String::with_capacity(release.len() + 2);
    id.push_str("r-");
    for byte in release.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'+' => id.push(char::from(byte)),
            _ => id.push_str(&format!("~{byte:02x}")),
        }
    }
    id
}

fn encoded(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    push_encoded(&mut url, path);
    url
}

fn push_encoded(url: &mut String, path: &str) {
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'+' | b'@' | b',' => {
                url.push(char::from(byte));
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// Where the site will be, as `--base-url` says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    /// `https://host`, without a path; empty when only the path is known.
    pub(super) origin: String,
    /// The path, with a slash at both ends.
    pub(super) path: String,
}

impl Base {
    /// Reads a base URL.
    pub(super) fn parse(text: &str) -> Result<Self, SiteError> {
        let wrong = |reason| SiteError::BaseUrl { text: text.chars().take(200).collect(), reason };
        let lower = text.to_ascii_lowercase();
        let (origin, path) = if lower.starts_with("http://") || lower.starts_with("https://") {
            super::safe::web_link(text).ok_or_else(|| wrong("it holds what no link may hold"))?;
            let host = text.find("//").map_or(0, |at| at + 2);
            let end = text[host..].find('/').map_or(text.len(), |at| host + at);
            text.split_at(end)
        } else if text.starts_with('/') && !text.starts_with("//") {
            ("", text)
        } else {
            return Err(wrong("it begins with neither `http://`, `https://` nor one `/`"));
        };
        if path.contains(['?', '#', '\\']) || path.chars().any(|c| c.is_whitespace() || crate::text::is_hidden(c)) {
            return Err(wrong("its path holds a query, a fragment, a backslash or a space"));
        }
        let slash = if path.ends_with('/') { "" } else { "/" };
        Ok(Self { origin: origin.to_owned(), path: format!("{path}{slash}") })
    }

    /// The absolute URL of a file, when the host is known.
    pub(super) fn absolute(&self, place: &Place) -> Option<String> {
        let url = place.url();
        let short = match url.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => &url,
        };
        (!self.origin.is_empty()).then(|| format!("{}{}{short}", self.origin, self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::{Base, Place, anchor};

    #[test]
    fn links_go_up_to_what_is_shared_and_down_again() {
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(Place::ours(from).link(&Place::ours(to)), expected);
        };
        check("index.html", "a/b/index.html", "a/b/index.html");
        check("a/b/index.html", "index.html", "../../index.html");
        check("a/b/index.html", "a/c/index.html", "../c/index.html");
        check("a/b/index.html", "a/b/_replays/z.html", "_replays/z.html");
        check("a/bc/index.html", "a/b/index.html", "../b/index.html");
        check("a/b/_replays/z.html", "a/b/index.html", "../index.html");
        check("a/index.html", "b%#/x y.html", "../b%25%23/x%20y.html");
    }

    #[test]
    fn no_module_lies_where_our_files_lie() {
        assert_eq!(Place::module("index.html").path(), "_m.index.html/index.html");
        assert_eq!(Place::module("a/Index.HTML").path(), "a/_m.Index.HTML/index.html");
        assert_eq!(Place::module("all").path(), "all/index.html");
    }

    #[test]
    fn anchors_differ_when_names_do() {
        assert_eq!(anchor("2024.4-foss-2023b"), "r-2024.4-foss-2023b");
        assert_eq!(anchor("1+2 ~ä"), "r-1+2~20~7e~c3~a4");
        assert_ne!(anchor("a b"), anchor("a~20b"));
    }

    #[test]
    fn a_base_is_a_url_or_a_path() {
        let base = Base::parse("https://a.org/x").unwrap();
        assert_eq!((base.origin.as_str(), base.path.as_str()), ("https://a.org", "/x/"));
        assert_eq!(base.absolute(&Place::module("m/n")).unwrap(), "https://a.org/x/m/n/");
        assert_eq!(Base::parse("/a/b/").unwrap().absolute(&Place::ours("x")), None);
        assert_eq!(Base::parse("https://a.org").unwrap().path, "/");
        for bad in ["", "a.org", "//a.org/", "javascript:x", "https://a.org/?x", "ftp://a.org/", "/a b/"] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
    }
}
