//! Names: of modules, releases and items.
//!
//! A name becomes part of a path, a URL and a reference, on every operating system, so
//! each kind has one parser and no other way in. No name can leave the catalog, hide in
//! it, or be another name on a file system that ignores case or reserves words
//! (`threats.md` T-01, T-02). The rules refuse more than Warpforge's parser, which
//! checks nothing, and accept all that its own writer is meant to produce.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::text::{is_hidden, shown};

/// Longest part of a module name, in bytes: a DNS name's length; file systems allow 255.
pub const MAX_SEGMENT: usize = 253;
/// Most parts of a module name: no folder of a catalog lies deeper.
pub const MAX_PARTS: usize = 64;
/// Longest release name and item label, in bytes: a file system's 255 less `.json`.
pub const MAX_RELEASE: usize = 250;
/// Longest module name, in bytes.
pub const MAX_MODULE: usize = 1024;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a {kind} name: {rule}", shown(.text))]
pub struct NameError {
    /// What was to be named.
    pub kind: NameKind,
    /// The text as it was given, shortened to 200 characters.
    pub text: String,
    /// The rule that it breaks.
    pub rule: Rule,
}

impl NameError {
    fn new(kind: NameKind, text: &str, rule: Rule) -> Self {
        let text = text.chars().take(200).collect();
        Self { kind, text, rule }
    }

    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::NameInvalid
    }
}

/// What a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A module, `warpsys.org/bash`.
    Module,
    /// A release of a module, `v5.1.16`.
    Release,
    /// An item of a release, `amd64`.
    Item,
    /// A label or step of a plot.
    Label,
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Module => "module",
            Self::Release => "release",
            Self::Item => "item",
            Self::Label => "label",
        })
    }
}

/// The rules that a name can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// Longer than a path segment or a module name may be.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// More parts than a module name may have.
    #[error("it has more than {0} parts")]
    TooManyParts(usize),
    /// `a//b`, `/a` or `a/`.
    #[error("it has an empty part: write `a/b`, without a slash at either end")]
    EmptySegment,
    /// `.`, `..` or a hidden file.
    #[error("a part begins with a dot, as `.git` and `..` do")]
    LeadingDot,
    /// `_module.json` and its like are the catalog's own.
    #[error("a part begins with `_`, which the catalog keeps for its own files")]
    LeadingUnderscore,
    /// Windows drops it, so two names would be one.
    #[error("a part ends with a dot or a space")]
    TrailingDotOrSpace,
    /// Spaces at the start are as good as invisible.
    #[error("it begins with a space")]
    LeadingSpace,
    /// A character that separates, quotes or is refused by a file system.
    #[error("it holds {0:?}")]
    Character(char),
    /// A word that names a device on Windows.
    #[error("`{0}` names a device on Windows")]
    Reserved(&'static str),
    /// A part that the catalog's own files use.
    #[error("`catalog.toml` is the catalog's own file")]
    CatalogFile,
}

const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];
const NUMBERED: &[&str] = &["com", "lpt"];

fn device(segment: &str) -> Option<&'static str> {
    let stem = segment.split('.').next().unwrap_or(segment).trim_end();
    if let Some(word) = DEVICES.iter().find(|w| stem.eq_ignore_ascii_case(w)) {
        return Some(word);
    }
    let mut chars = stem.chars();
    let digit = chars.next_back()?;
    let is_port = digit.is_ascii_digit() || matches!(digit, '¹' | '²' | '³');
    NUMBERED.iter().find(|w| is_port && chars.as_str().eq_ignore_ascii_case(w)).copied()
}

/// Checks one path segment against the rules that hold on every file system.
fn check_segment(segment: &str) -> Result<(), Rule> {
    if segment.is_empty() {
        return Err(Rule::EmptySegment);
    }
    if segment.len() > MAX_SEGMENT {
        return Err(Rule::TooLong(MAX_SEGMENT));
    }
    if let Some(c) =
        segment.chars().find(|&c| is_hidden(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|'))
    {
        return Err(Rule::Character(c));
    }
    match segment.as_bytes()[0] {
        b'.' => return Err(Rule::LeadingDot),
        b'_' => return Err(Rule::LeadingUnderscore),
        b' ' => return Err(Rule::LeadingSpace),
        b'~' => return Err(Rule::Character('~')),
        _ => {}
    }
    if segment.ends_with(['.', ' ']) {
        return Err(Rule::TrailingDotOrSpace);
    }
    match device(segment) {
        Some(word) => Err(Rule::Reserved(word)),
        None => Ok(()),
    }
}

fn check_module(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    if text.len() > MAX_MODULE {
        return Err(Rule::TooLong(MAX_MODULE));
    }
    if let Some(c) = text.chars().find(|c| !c.is_ascii() || *c == ' ' || *c == '~') {
        return Err(Rule::Character(c));
    }
    if text.split('/').count() > MAX_PARTS {
        return Err(Rule::TooManyParts(MAX_PARTS));
    }
    text.split('/').try_for_each(check_segment)?;
    if text.split('/').next().is_some_and(|s| s.eq_ignore_ascii_case("catalog.toml")) {
        return Err(Rule::CatalogFile);
    }
    Ok(())
}

fn check_release(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    if text.len() > MAX_RELEASE {
        return Err(Rule::TooLong(MAX_RELEASE));
    }
    check_segment(text)
}

fn check_label(text: &str) -> Result<(), Rule> {
    if text.is_empty() {
        return Err(Rule::Empty);
    }
    match text.chars().find(|&c| is_hidden(c) || c == ':') {
        Some(c) => Err(Rule::Character(c)),
        None => Ok(()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $check:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                match $check(&text) {
                    Ok(()) => Ok(Self(text)),
                    Err(rule) => Err(NameError::new($kind, &text, rule)),
                }
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// The name of a module, which is also its path in the catalog: ASCII, parts
    /// separated by `/`.
    ///
    /// ```
    /// use warecat::model::ModuleName;
    /// assert!("warpsys.org/bootstrap/gcc".parse::<ModuleName>().is_ok());
    /// assert!("warpsys.org/../../etc".parse::<ModuleName>().is_err());
    /// ```
    ModuleName, NameKind::Module, check_module
}

name! {
    /// The name of a release, which is also its file's name before `.json`.
    ///
    /// ```
    /// use warecat::model::ReleaseName;
    /// assert!("2024.4-foss-2023b".parse::<ReleaseName>().is_ok());
    /// assert!("a/b".parse::<ReleaseName>().is_err());
    /// ```
    ReleaseName, NameKind::Release, check_release
}

name! {
    /// The label of an item within a release.
    ///
    /// ```
    /// use warecat::model::ItemLabel;
    /// assert!("x86_64-amd-zen2".parse::<ItemLabel>().is_ok());
    /// assert!("a:b".parse::<ItemLabel>().is_err());
    /// ```
    ItemLabel, NameKind::Item, check_release
}

name! {
    /// A label or step name within a plot; it never becomes a path, but `:` separates
    /// it from its neighbours in a pipe.
    ///
    /// ```
    /// use warecat::model::LocalLabel;
    /// assert!("rootfs".parse::<LocalLabel>().is_ok());
    /// assert!("a:b".parse::<LocalLabel>().is_err());
    /// ```
    LocalLabel, NameKind::Label, check_label
}

impl ModuleName {
    /// The parts between the slashes, at least one.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last part, by which people call the module.
    #[must_use]
    pub fn last_segment(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether this name lies below `prefix`, part by part, or is it.
    #[must_use]
    pub fn is_within(&self, prefix: &ModuleName) -> bool {
        self.0.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The name of a module below this one.
    ///
    /// # Errors
    /// `name-invalid` when `rest` breaks a rule of names.
    pub fn join(&self, rest: &str) -> Result<ModuleName, NameError> {
        ModuleName::try_from(format!("{}/{rest}", self.0))
    }

    /// Whether Warpforge's own strict rule for module names accepts it
    /// (`pkg/dab/module.go`): the first part a DNS subdomain, the others lower-case
    /// letters, digits, `-` and `.`, at most 63 bytes each.
    ///
    /// ```
    /// # use warecat::model::ModuleName;
    /// let strict = |s: &str| s.parse::<ModuleName>().is_ok_and(|n| n.is_strict());
    /// assert!(strict("a/b..c") && !strict("a/B") && !strict("b..a/c"));
    /// ```
    #[must_use]
    pub fn is_strict(&self) -> bool {
        let mut segments = self.segments();
        let domain = segments.next().unwrap_or_default();
        domain.len() <= 253
            && domain.split('.').all(|label| !label.contains('.') && is_strict_segment(label))
            && segments.all(is_strict_segment)
    }
}

fn is_strict_segment(segment: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = segment.as_bytes();
    bytes.len() <= 63
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

/// The text that two names share when a file system that ignores case, or normalises
/// Unicode, takes them for one (`threats.md` T-07).
#[must_use]
pub fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::{ItemLabel, LocalLabel, ModuleName, ReleaseName, folded};

    fn module(text: &str) -> bool {
        text.parse::<ModuleName>().is_ok()
    }

    #[test]
    fn t01_no_module_name_leaves_the_catalog() {
        for bad in [
            "",
            "/",
            "/etc",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/..",
            "a/../b",
            "a/./b",
            "~",
            "~root",
            "a/~x",
            "c:\\x",
            "c:/x",
            "a\\b",
            "a\0b",
            "a\nb",
            "a:b",
            "a b",
            "//host/share",
            "\\\\?\\c",
        ] {
            assert!(!module(bad), "{bad:?}");
        }
    }

    #[test]
    fn t02_reserved_names_are_refused() {
        for bad in [
            "a/_module.json",
            "_releases",
            ".git",
            "a/.git/hooks",
            "CON",
            "a/nul.txt",
            "a/Com1",
            "lpt9.x",
            "a.",
            "a/b.",
            "GIT~1",
            "a/git~1",
            "x/y:stream",
            "catalog.toml",
            "catalog.toml/x",
            "a/aux",
        ] {
            assert!(!module(bad), "{bad:?}");
        }
        for good in ["console", "a/com", "a/com10", "a/auxiliary", "nullx/nul-x", "x/catalog.toml"] {
            assert!(module(good), "{good:?}");
        }
    }

    #[test]
    fn release_names_are_single_safe_segments() {
        for bad in ["", "a/b", "..", ".x", "_x", "a ", " a", "x.", "a\u{202e}b", "NUL", "a\u{200b}", "~a"] {
            assert!(bad.parse::<ReleaseName>().is_err(), "{bad:?}");
            assert!(bad.parse::<ItemLabel>().is_err(), "{bad:?}");
        }
        for good in ["v5.1.16-2", "2.0+375", "2Aug2023_update2", "é", "1.0~rc1", "a b", "default"] {
            assert!(good.parse::<ReleaseName>().is_ok(), "{good:?}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        assert!(!module(&"x".repeat(254)) && module(&"x".repeat(253)));
        assert!("x".repeat(251).parse::<ReleaseName>().is_err());
        assert!("x".repeat(250).parse::<ReleaseName>().is_ok());
        assert!(!module(&["abc"; 300].join("/")));
        assert!(!module(&["a"; 65].join("/")) && module(&["a"; 64].join("/")));
    }

    #[test]
    fn labels_of_plots_may_be_anything_printable_without_colon() {
        assert!("a/b c".parse::<LocalLabel>().is_ok());
        assert!("".parse::<LocalLabel>().is_err());
    }

    #[test]
    fn a_prefix_ends_at_a_slash() {
        let name: ModuleName = "eessi.io/2023.06/gromacs".parse().unwrap();
        assert!(name.is_within(&"eessi.io".parse().unwrap()));
        assert!(!name.is_within(&"eessi.io/2023".parse().unwrap()));
    }

    #[test]
    fn t07_case_and_normal_forms_fold_together() {
        assert_eq!(folded("Foo"), folded("foO"));
        assert_eq!(folded("\u{e9}"), folded("e\u{301}"));
        assert_ne!(folded("a"), folded("b"));
    }
}
