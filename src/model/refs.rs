//! References into a catalog: `module`, `module:release`, `module:release:item`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::names::{ItemLabel, ModuleName, NameError, ReleaseName};
use crate::code::Code;
use crate::text::shown;

/// Why a text is not a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// Too few or too many parts.
    #[error("`{}` is not a reference: it has {parts} parts, and {wanted} is wanted", shown(.text))]
    Parts {
        /// The text as it was given.
        text: String,
        /// How many parts it has.
        parts: usize,
        /// The form that is wanted.
        wanted: &'static str,
    },
    /// A part is not a name.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl RefError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Parts { .. } => Code::ReferenceInvalid,
            Self::Name(error) => error.code(),
        }
    }
}

fn parts_error(text: &str, wanted: &'static str) -> RefError {
    let parts = text.split(':').count();
    RefError::Parts { text: text.chars().take(200).collect(), parts, wanted }
}

/// A complete reference to an item: `module:release:item`.
///
/// ```
/// use warecat::model::CatalogRef;
/// let r: CatalogRef = "warpsys.org/bash:v5.1.16:amd64".parse().unwrap();
/// assert_eq!(r.release.as_str(), "v5.1.16");
/// assert!("warpsys.org/bash:v5.1.16".parse::<CatalogRef>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CatalogRef {
    /// The module.
    pub module: ModuleName,
    /// The release of that module.
    pub release: ReleaseName,
    /// The item of that release.
    pub item: ItemLabel,
}

impl FromStr for CatalogRef {
    type Err = RefError;
    fn from_str(text: &str) -> Result<Self, RefError> {
        let mut parts = text.split(':');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(module), Some(release), Some(item), None) => {
                Ok(Self { module: module.parse()?, release: release.parse()?, item: item.parse()? })
            }
            _ => Err(parts_error(text, "`module:release:item`")),
        }
    }
}

impl TryFrom<String> for CatalogRef {
    type Error = RefError;
    fn try_from(text: String) -> Result<Self, RefError> {
        text.parse()
    }
}

impl From<CatalogRef> for String {
    fn from(reference: CatalogRef) -> String {
        reference.to_string()
    }
}

impl fmt::Display for CatalogRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.module, self.release, self.item)
    }
}

/// A reference to a release: `module:release`.
///
/// ```
/// use warecat::model::ReleaseRef;
/// assert!("eessi.io/2023.06/python:3.11.3-GCCcore-12.3.0".parse::<ReleaseRef>().is_ok());
/// assert!("eessi.io/2023.06/python".parse::<ReleaseRef>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseRef {
    /// The module.
    pub module: ModuleName,
    /// The release of that module.
    pub release: ReleaseName,
}

impl FromStr for ReleaseRef {
    type Err = RefError;
    fn from_str(text: &str) -> Result<Self, RefError> {
        match text.split_once(':') {
            Some((module, release)) if !release.contains(':') => {
                Ok(Self { module: module.parse()?, release: release.parse()? })
            }
            _ => Err(parts_error(text, "`module:release`")),
        }
    }
}

impl TryFrom<String> for ReleaseRef {
    type Error = RefError;
    fn try_from(text: String) -> Result<Self, RefError> {
        text.parse()
    }
}

impl From<ReleaseRef> for String {
    fn from(reference: ReleaseRef) -> String {
        reference.to_string()
    }
}

impl fmt::Display for ReleaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.module, self.release)
    }
}

#[cfg(test)]
mod tests {
    use super::{CatalogRef, ReleaseRef};

    #[test]
    fn references_round_trip() {
        let text = "a.org/b:v1:x";
        assert_eq!(text.parse::<CatalogRef>().unwrap().to_string(), text);
        assert_eq!("a.org/b:v1".parse::<ReleaseRef>().unwrap().to_string(), "a.org/b:v1");
    }

    #[test]
    fn wrong_numbers_of_parts_are_refused() {
        for bad in ["", "a", "a:b", "a:b:c:d", "a::c", ":b:c", "a:b:"] {
            assert!(bad.parse::<CatalogRef>().is_err(), "{bad:?}");
        }
    }
}
