//! Source versions: wares that are known by the package and version that they are.
//!
//! Some publishers name a version of their software and neither a checksum nor a commit
//! of it. Such a ware has the packtype `source`; its hash is the CID of a small document
//! that holds the package's name and the version, and nothing else that could change: no
//! address, since those move. So the id names no bytes. When a checksum becomes known,
//! another ware is added beside it and this one stays.
//!
//! Invariant: both texts are visible as they are, without blanks.

use serde::{Deserialize, Serialize};

use super::cid::RecordCid;
use super::codec;
use super::ware::WareId;
use crate::code::Code;
use crate::text::{is_hidden, shown};

/// The packtype of wares that are known by their package and version.
pub const SOURCE: &str = "source";
/// Longest package name and version, in bytes.
const MAX_TEXT: usize = 250;

/// Why two texts are not a source version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a version of a package: {reason}", shown(.text))]
pub struct SourceVersionError {
    /// Package and version as they were given, shortened to 200 characters.
    pub text: String,
    /// What is wrong with them.
    pub reason: &'static str,
}

impl SourceVersionError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::WareInvalid
    }
}

/// The capsule that gives a source version its version; it has exactly one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceVersionCapsule {
    /// Version 1.
    #[serde(rename = "sourceversion.v1")]
    V1(SourceVersion),
}

/// A version of a package, in upstream's spelling.
///
/// ```
/// use warecat::model::SourceVersion;
/// let version = SourceVersion::new("zlib", "1.3.1").unwrap();
/// assert_eq!(version.ware().packtype(), "source");
/// assert!(SourceVersion::new("zlib", "").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct SourceVersion {
    package: String,
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    package: String,
    version: String,
}

impl TryFrom<Unchecked> for SourceVersion {
    type Error = SourceVersionError;
    fn try_from(unchecked: Unchecked) -> Result<Self, SourceVersionError> {
        Self::new(&unchecked.package, &unchecked.version)
    }
}

impl SourceVersion {
    /// The version `version` of the package `package`.
    ///
    /// # Errors
    /// `ware-invalid`: either is empty, longer than 250 bytes, or holds blanks or what
    /// cannot be seen.
    pub fn new(package: &str, version: &str) -> Result<Self, SourceVersionError> {
        match check(package).and_then(|()| check(version)) {
            Ok(()) => Ok(Self { package: package.to_owned(), version: version.to_owned() }),
            Err(reason) => {
                Err(SourceVersionError { text: format!("{package}@{version}").chars().take(200).collect(), reason })
            }
        }
    }

    /// The package's name.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.package
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The id of the ware that is this version.
    #[must_use]
    pub fn ware(&self) -> WareId {
        let cid = RecordCid::of_block(&codec::block(&SourceVersionCapsule::V1(self.clone())));
        format!("{SOURCE}:{cid}").parse().expect("a CID has neither colons nor blanks")
    }
}

fn check(text: &str) -> Result<(), &'static str> {
    match text {
        "" => Err("it has an empty part"),
        _ if text.len() > MAX_TEXT => Err("a part is longer than 250 bytes"),
        _ if text.chars().any(|c| is_hidden(c) || c.is_whitespace()) => {
            Err("it holds a blank or a character that cannot be seen")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{SourceVersion, SourceVersionCapsule};
    use crate::model::codec::{block, decode, encode};

    fn zlib() -> SourceVersion {
        SourceVersion::new("zlib", "1.3.1").unwrap()
    }

    #[test]
    fn the_ware_of_a_version_is_fixed() {
        // The block as the dag-cbor specification writes it, by hand: shorter keys first.
        let mut expected = b"\xa1\x70sourceversion.v1\xa2".to_vec();
        expected.extend(b"\x67package\x64zlib\x67version\x651.3.1");
        assert_eq!(block(&SourceVersionCapsule::V1(zlib())), expected);
        assert_eq!(zlib().ware().as_str(), "source:bafyr4icg5juwn2x3orw2osddakiq77ockvpulzfbwczei6emcla5anx6q4");
    }

    #[test]
    fn t23_what_is_no_version_is_refused() {
        let long = "x".repeat(251);
        for bad in ["", " ", "a b", "a\n", "\u{202e}", "\0", long.as_str()] {
            assert!(SourceVersion::new(bad, "1").is_err() && SourceVersion::new("a", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_document_round_trips_and_is_checked_when_read() {
        let capsule = SourceVersionCapsule::V1(zlib());
        assert_eq!(decode::<SourceVersionCapsule>(&encode(&capsule)).unwrap(), capsule);
        let bad = br#"{"sourceversion.v1":{"package":"a","version":"1 2"}}"#;
        assert!(decode::<SourceVersionCapsule>(bad).is_err());
    }
}
