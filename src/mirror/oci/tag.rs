//! Tags: the names of manifests within a repository.

use std::fmt;
use std::str::FromStr;

use crate::code::Code;
use crate::text::shown;

/// The longest tag, in characters.
const MAX_LEN: usize = 128;

/// Why a text is not a tag; always code `address-invalid`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a tag: at most 128 letters, digits, `_`, `.` and `-`, of which the first is no `.` or `-`", shown(.text))]
pub struct TagError {
    /// The text, shortened to 200 characters.
    pub text: String,
}

impl TagError {
    /// The error's code, always [`Code::AddressInvalid`].
    #[must_use]
    pub fn code(&self) -> Code {
        Code::AddressInvalid
    }
}

/// A tag, `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}` (OCI distribution specification 1.1,
/// "Pulling manifests").
///
/// ```
/// use warecat::mirror::oci::Tag;
/// assert!("index.spack".parse::<Tag>().is_ok());
/// assert!("../x".parse::<Tag>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// The tag's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let plain = text.starts_with(is_word) && text.chars().all(|c| is_word(c) || matches!(c, '.' | '-'));
        if plain && text.len() <= MAX_LEN {
            Ok(Self(text.to_owned()))
        } else {
            Err(TagError { text: text.chars().take(200).collect() })
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
