//! Where bytes are: a local path or an `http(s)` URL.
//!
//! Invariants: a location never holds a user name, password or fragment, and never begins
//! with `-`; showing it (`Display`, `Debug`) never shows a secret. Parsing is pure: it
//! looks neither at the file system nor at the network; which hosts may be asked is
//! decided when a location is fetched.
//!
//! What has `://` is a URL; anything else is a path, so `a:b` is a file's name. The one
//! exception is a text such as `file:x` or `ext::x`, which is refused, as it can only be
//! an address that another program would understand otherwise.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use reqwest::Url;
use serde::Deserialize;

use super::error::{LocationError, LocationRule};
use super::redact;

/// The longest address that is taken, in bytes.
const MAX_LEN: usize = 8192;

/// A local path or an `http(s)` URL.
///
/// ```
/// use warecat::mirror::Location;
/// let site: Location = "https://www.eessi.io/api_data/data/".parse()?;
/// assert_eq!(site.join("a.json")?.to_string(), "https://www.eessi.io/api_data/data/a.json");
/// assert!("https://user:secret@example.org/".parse::<Location>().is_err());
/// # Ok::<(), warecat::mirror::LocationError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Location(Place);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Path(PathBuf),
    Url(Url),
}

impl Location {
    /// A local path that is known to be one, so that `a://b` is a path too.
    ///
    /// # Errors
    /// `address-invalid`: it is empty, begins with `-` or has a control character.
    pub fn from_path(path: &Path) -> Result<Self, LocationError> {
        let text = path.to_string_lossy();
        check_text(&text).map_err(|rule| refused(&text, rule))?;
        Ok(Self(Place::Path(path.to_owned())))
    }

    /// The local path, or nothing for a URL.
    #[must_use]
    pub fn as_path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Path(path) => Some(path),
            Place::Url(_) => None,
        }
    }

    /// Whether the network is needed to read it.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self.0, Place::Url(_))
    }

    /// The host of a URL, as [`super::Hosts`] takes it.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.url().and_then(Url::host_str)
    }

    /// The last segment of the path: a file's name, decoded neither from percent escapes
    /// nor checked in any way.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        let name = match &self.0 {
            Place::Path(path) => path.file_name()?.to_string_lossy().into_owned(),
            Place::Url(url) => url.path().rsplit('/').next()?.to_owned(),
        };
        (!name.is_empty()).then_some(name)
    }

    /// Whether names can be joined to it: a path that is a folder on this machine (this
    /// looks at the file system), or a URL whose path ends with `/` or whose last segment
    /// has no dot. `…/api/data` is a folder; `…/2023.06` is taken as a file, and must be
    /// written `…/2023.06/` if it is none.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        match &self.0 {
            Place::Path(path) => path.is_dir(),
            Place::Url(url) => is_url_folder(url),
        }
    }

    /// The file `name` in this folder; `name` may have several segments, parted by `/`.
    /// The query of a URL is kept, as a token in it holds for the whole folder. Whether a
    /// local path is a folder is not looked at.
    ///
    /// # Errors
    /// `address-invalid`: `name` is empty, absolute, has an empty segment, `.`, `..`, a
    /// backslash or a control character; or the URL names a file (see
    /// [`is_folder`](Self::is_folder)).
    pub fn join(&self, name: &str) -> Result<Self, LocationError> {
        let wrong = |rule| LocationError { shown: self.to_string(), rule };
        let plain = |segment: &str| !matches!(segment, "" | "." | "..");
        if !name.split('/').all(plain) || name.contains(|c: char| c == '\\' || c.is_control()) {
            let name = crate::text::shown(name).to_string();
            return Err(wrong(LocationRule::Joined(name)));
        }
        match &self.0 {
            Place::Path(path) => Ok(Self(Place::Path(path.join(name)))),
            Place::Url(url) if is_url_folder(url) => {
                let mut url = url.clone();
                if let Ok(mut segments) = url.path_segments_mut() {
                    segments.pop_if_empty().extend(name.split('/'));
                }
                Ok(Self(Place::Url(url)))
            }
            Place::Url(_) => Err(wrong(LocationRule::NotFolder)),
        }
    }

    /// The same place, with a relative path taken from `folder`: what a configuration
    /// file says is relative to it.
    #[must_use]
    pub fn anchored(&self, folder: &Path) -> Self {
        match &self.0 {
            Place::Path(path) => Self(Place::Path(folder.join(path))),
            Place::Url(_) => self.clone(),
        }
    }

    /// The URL, with its secrets; nothing for a path.
    pub(super) fn url(&self) -> Option<&Url> {
        match &self.0 {
            Place::Url(url) => Some(url),
            Place::Path(_) => None,
        }
    }

    /// The address that a redirect leads to; its fragment means nothing here.
    pub(super) fn from_redirect(mut url: Url) -> Result<Self, LocationError> {
        url.set_fragment(None);
        match url.scheme() {
            "http" | "https" => Self::from_url(url.as_str(), &url),
            scheme => Err(refused(url.as_str(), LocationRule::Scheme(scheme.to_owned()))),
        }
    }

    fn from_url(text: &str, url: &Url) -> Result<Self, LocationError> {
        let rule = if !url.username().is_empty() || url.password().is_some() {
            LocationRule::Credentials
        } else if url.fragment().is_some() {
            LocationRule::Fragment
        } else {
            return Ok(Self(Place::Url(url.clone())));
        };
        Err(refused(text, rule))
    }

    fn from_file_url(text: &str, url: &Url) -> Result<Self, LocationError> {
        let here = matches!(url.host_str(), None | Some("" | "localhost"));
        let bare = url.query().is_none() && url.fragment().is_none();
        let path = if here && bare { url.to_file_path().ok() } else { None };
        let path = path.ok_or_else(|| refused(text, LocationRule::FileUrl))?;
        // `%00` and `%1b` were no control characters before decoding.
        check_text(&path.to_string_lossy()).map_err(|rule| refused(text, rule))?;
        Ok(Self(Place::Path(path)))
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        let fail = |rule| refused(text, rule);
        check_text(text).map_err(fail)?;
        let Some(scheme) = scheme_of(text).map_err(fail)? else {
            return Ok(Self(Place::Path(PathBuf::from(text))));
        };
        if !matches!(scheme.as_str(), "http" | "https" | "file") {
            return Err(fail(LocationRule::Scheme(scheme)));
        }
        if text.contains(|c: char| c.is_whitespace() || c == '\\') {
            return Err(fail(LocationRule::Ambiguous));
        }
        let url = Url::parse(text).map_err(|e| fail(LocationRule::Malformed(e.to_string())))?;
        match scheme.as_str() {
            "file" => Self::from_file_url(text, &url),
            _ => Self::from_url(text, &url),
        }
    }
}

impl TryFrom<String> for Location {
    type Error = LocationError;

    fn try_from(text: String) -> Result<Self, LocationError> {
        text.parse()
    }
}

/// Shows the address with secret query values hidden and control characters escaped.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Path(path) => crate::text::shown(&path.to_string_lossy()).fmt(f),
            Place::Url(url) => crate::text::shown(&redact::shown_url(url)).fmt(f),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

fn refused(text: &str, rule: LocationRule) -> LocationError {
    // A text over the limit is not repeated whole.
    let start = text.char_indices().nth(200).map_or(text, |(end, _)| &text[..end]);
    // The cut may have dropped the `@` that ends a password.
    let shown = if start.len() < text.len() { "…".to_owned() } else { redact::shown_refused(text) };
    LocationError { shown, rule }
}

fn check_text(text: &str) -> Result<(), LocationRule> {
    if text.is_empty() {
        Err(LocationRule::Empty)
    } else if text.len() > MAX_LEN {
        Err(LocationRule::TooLong { limit: MAX_LEN, met: text.len() })
    } else if text.starts_with('-') {
        Err(LocationRule::Dash)
    } else if text.contains(char::is_control) {
        Err(LocationRule::Control)
    } else {
        Ok(())
    }
}

/// The scheme in lower case, or nothing for a path.
fn scheme_of(text: &str) -> Result<Option<String>, LocationRule> {
    let Some((scheme, rest)) = text.split_once(':') else {
        return Ok(None);
    };
    let scheme = scheme.to_ascii_lowercase();
    let letters = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(letters) {
        // `://x` and `ä://x` are not paths that anyone means.
        let odd = rest.starts_with("//") && !scheme.contains('/');
        let shown = || crate::text::shown(&scheme).to_string();
        return if odd { Err(LocationRule::Scheme(shown())) } else { Ok(None) };
    }
    match scheme.as_str() {
        _ if rest.starts_with("//") => Ok(Some(scheme)),
        "http" | "https" | "file" => Err(LocationRule::Slashes(scheme)),
        _ if rest.starts_with(':') => Err(LocationRule::Scheme(scheme)),
        _ => Ok(None),
    }
}

fn is_url_folder(url: &Url) -> bool {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    last.is_empty() || !last.contains('.')
}

#[cfg(test)]
mod tests {
    use super::{Location, LocationRule, Path};

    fn parse(text: &str) -> Location {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    fn rule(text: &str) -> LocationRule {
        text.parse::<Location>().expect_err(text).rule
    }

    #[test]
    fn paths_and_file_urls_are_local() {
        let check = |text: &str, path: &str| assert_eq!(parse(text).as_path(), Some(Path::new(path)));
        check("data/a.json", "data/a.json");
        check("a:b", "a:b");
        check("C:/x", "C:/x");
        check("git@host:x", "git@host:x");
        check("./x://y", "./x://y");
        check("file:///srv/a%20b.json", "/srv/a b.json");
        check("FILE://localhost/srv/x", "/srv/x");
    }

    #[test]
    fn unusable_addresses_are_refused() {
        assert_eq!(rule(""), LocationRule::Empty);
        assert_eq!(rule("-"), LocationRule::Dash);
        assert_eq!(rule("--upload-pack=x"), LocationRule::Dash);
        assert_eq!(rule("a\nb"), LocationRule::Control);
        assert_eq!(rule("https://a.org/\u{1b}"), LocationRule::Control);
        assert_eq!(rule("ftp://a.org/x"), LocationRule::Scheme("ftp".into()));
        assert_eq!(rule("OCI://a.org/x"), LocationRule::Scheme("oci".into()));
        assert_eq!(rule("ext::sh -c x"), LocationRule::Scheme("ext".into()));
        assert_eq!(rule("://x"), LocationRule::Scheme(String::new()));
        assert_eq!(rule("file:x"), LocationRule::Slashes("file".into()));
        assert_eq!(rule("https:a.org"), LocationRule::Slashes("https".into()));
        assert_eq!(rule("https://a.org/#x"), LocationRule::Fragment);
        assert_eq!(rule("https://a.org\\@b.org/"), LocationRule::Ambiguous);
        assert_eq!(rule("file://host/x"), LocationRule::FileUrl);
        assert_eq!(rule("file:///x?y"), LocationRule::FileUrl);
        assert_eq!(rule("file:///x%00y"), LocationRule::Control);
        assert!(matches!(rule("https://"), LocationRule::Malformed(_)));
        assert!(matches!(rule(&"x".repeat(9000)), LocationRule::TooLong { .. }));
    }

    #[test]
    fn credentials_are_refused_and_never_shown() {
        let long = format!("https://user:s3cr3t{}@a.org/", "x".repeat(400));
        for text in ["https://user:s3cr3t@a.org/", "https://s3cr3t@a.org/", "https://u:s3/cr3t@a.org:x", &long] {
            let error = text.parse::<Location>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3"), "{error}");
        }
        let location = parse("https://a.org/x?token=s3cr3t");
        assert_eq!(format!("{location:?}"), "Location(https://a.org/x?token=***)");
    }

    #[test]
    fn names_join_folders() {
        let check = |base: &str, name: &str, expected: &str| {
            assert_eq!(parse(base).join(name).unwrap().to_string(), expected);
        };
        check("data", "a.json", "data/a.json");
        check("data/", "b/a.json", "data/b/a.json");
        check("https://a.org", "a.json", "https://a.org/a.json");
        check("https://a.org/api/", "a.json", "https://a.org/api/a.json");
        check("https://a.org/api", "a b#?.json", "https://a.org/api/a%20b%23%3F.json");
        check("https://a.org/api?v=1", "x/y", "https://a.org/api/x/y?v=1");
    }

    #[test]
    fn names_that_leave_the_folder_are_not_joined() {
        for name in ["", ".", "..", "../x", "/x", "a//b", "a/../b", "a\\b", "a\0b"] {
            assert!(parse("data").join(name).is_err(), "{name}");
            assert!(parse("https://a.org/").join(name).is_err(), "{name}");
        }
        let error = parse("https://a.org/2023.06").join("x").unwrap_err();
        assert_eq!(error.rule, LocationRule::NotFolder);
    }

    #[test]
    fn configured_paths_are_relative_to_their_folder() {
        let at = |text: &str| parse(text).anchored(Path::new("/cat")).to_string();
        assert_eq!(at("x/y"), "/cat/x/y");
        assert_eq!(at("/x"), "/x");
        assert_eq!(at("https://a.org/"), "https://a.org/");
    }
}
