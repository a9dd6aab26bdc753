//! Locations: wares that are known by their place in a CernVM-FS repository.
//!
//! Some publishers say where software lies and never what its bytes are. Such a ware
//! has the packtype `cvmfs`; its hash is the CID of a small document that holds the
//! repository and the path, and nothing else that could change. So the id names a
//! place, not bytes: it stays the same when upstream rebuilds the software in place,
//! and it says nothing about what is found there. The mirror's address holds the same
//! repository and path, so anyone can check that the two belong together.
//!
//! Invariant: a location needs no quoting, neither in a shell nor in a URL.

use serde::{Deserialize, Serialize};

use super::cid::RecordCid;
use super::codec;
use super::ware::{WareId, WarehouseAddr};
use crate::code::Code;
use crate::text::shown;

/// The packtype of wares that are known by their place.
pub const CVMFS: &str = "cvmfs";
/// Longest path, in bytes.
const MAX_PATH: usize = 1024;
const SCHEME: &str = "cvmfs://";

/// Why two texts are not a location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a location in a CernVM-FS repository: {reason}", shown(.text))]
pub struct LocationError {
    /// The repository and path as they were given, shortened to 200 characters.
    pub text: String,
    /// What is wrong with them.
    pub reason: &'static str,
}

impl LocationError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::AddressInvalid
    }
}

/// The capsule that gives a location its version; it has exactly one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LocationCapsule {
    /// Version 1.
    #[serde(rename = "location.v1")]
    V1(Location),
}

/// A place in a CernVM-FS repository.
///
/// ```
/// use warecat::model::Location;
/// let place = Location::new("software.eessi.io", "/versions/2023.06/init").unwrap();
/// assert_eq!(place.address().as_str(), "cvmfs://software.eessi.io/versions/2023.06/init");
/// assert!(Location::new("software.eessi.io", "/versions/../secret").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Location {
    repository: String,
    path: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    repository: String,
    path: String,
}

impl TryFrom<Unchecked> for Location {
    type Error = LocationError;
    fn try_from(unchecked: Unchecked) -> Result<Self, LocationError> {
        Self::new(&unchecked.repository, &unchecked.path)
    }
}

impl Location {
    /// The place `path`, which begins with `/`, of the repository with this full name.
    ///
    /// # Errors
    /// `address-invalid`: the repository is not a host's name in lower case, or the path
    /// is not absolute, has an empty part, `.` or `..`, or holds anything else than
    /// letters, digits and `. _ + - ~ @ , =`.
    pub fn new(repository: &str, path: &str) -> Result<Self, LocationError> {
        match check_repository(repository).and_then(|()| check_path(path)) {
            Ok(()) => Ok(Self { repository: repository.to_owned(), path: path.to_owned() }),
            Err(reason) => {
                Err(LocationError { text: format!("{repository}{path}").chars().take(200).collect(), reason })
            }
        }
    }

    /// The repository's full name, such as `software.eessi.io`.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The path within the repository, beginning with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The path where a client mounts it, `/cvmfs/<repository>/…`.
    #[must_use]
    pub fn mounted(&self) -> String {
        format!("/cvmfs/{}{}", self.repository, self.path)
    }

    /// The id of the ware that is this place.
    #[must_use]
    pub fn ware(&self) -> WareId {
        let cid = RecordCid::of_block(&codec::block(&LocationCapsule::V1(self.clone())));
        format!("{CVMFS}:{cid}").parse().expect("a CID has neither colons nor blanks")
    }

    /// The address of this place, for the mirrors of its ware.
    #[must_use]
    pub fn address(&self) -> WarehouseAddr {
        format!("{SCHEME}{}{}", self.repository, self.path).parse().expect("checked parts hold no control characters")
    }

    /// The place that an address names; nothing for an address of another kind.
    #[must_use]
    pub fn from_address(address: &WarehouseAddr) -> Option<Self> {
        let rest = address.as_str().strip_prefix(SCHEME)?;
        let (repository, path) = rest.split_at(rest.find('/')?);
        Self::new(repository, path).ok()
    }
}

fn check_repository(name: &str) -> Result<(), &'static str> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |l: &str| !l.is_empty() && l.bytes().all(letter) && !l.starts_with('-') && !l.ends_with('-');
    if name.len() > 253 || !name.contains('.') || !name.split('.').all(label) {
        return Err("the repository is not a host's name such as `software.eessi.io`");
    }
    Ok(())
}

fn check_path(path: &str) -> Result<(), &'static str> {
    if path.len() > MAX_PATH {
        return Err("the path is longer than 1,024 bytes");
    }
    let Some(rest) = path.strip_prefix('/') else {
        return Err("the path does not begin with `/`");
    };
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"._+-~@,=".contains(&b);
    for part in rest.split('/') {
        match part {
            "" => return Err("the path has an empty part"),
            "." | ".." => return Err("the path has a part `.` or `..`"),
            _ if !part.bytes().all(letter) => {
                return Err("the path holds something else than letters, digits and `. _ + - ~ @ , =`");
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Location, LocationCapsule};
    use crate::model::codec::{decode, encode};

    fn place() -> Location {
        Location::new("software.eessi.io", "/versions/2023.06/software/linux/x86_64/amd/zen2/software/foo/1+2").unwrap()
    }

    #[test]
    fn the_ware_of_a_place_is_fixed() {
        let small = Location::new("software.eessi.io", "/versions/2023.06").unwrap();
        // Computed by hand from the dag-cbor of the document, not by this code.
        assert_eq!(small.ware().as_str(), "cvmfs:bafyr4idjn3ndyxobzh3rv2wumy73ffsbpzgdawkdlngnqfo3xw5omob4we");
    }

    #[test]
    fn an_address_leads_back_to_its_place() {
        assert_eq!(Location::from_address(&place().address()), Some(place()));
        for other in
            ["https://software.eessi.io/versions", "cvmfs://software.eessi.io", "cvmfs://x/y", "cvmfs://a.b/../c"]
        {
            assert_eq!(Location::from_address(&other.parse().unwrap()), None, "{other}");
        }
    }

    #[test]
    fn t01_no_place_lies_outside_its_repository() {
        let bad =
            ["", "x", "/", "//", "/a/", "/a//b", "/..", "/a/../b", "/./a", "/a b", "/a;b", "/a\0", "/a\u{202e}", "/$x"];
        for path in bad {
            assert!(Location::new("software.eessi.io", path).is_err(), "{path:?}");
        }
        for repository in ["", "eessi", "A.io", ".a.io", "a..io", "a.io/x", "-a.io", "a.io:80", "u@a.io"] {
            assert!(Location::new(repository, "/x").is_err(), "{repository:?}");
        }
    }

    #[test]
    fn the_document_round_trips_and_is_checked_when_read() {
        let text = encode(&LocationCapsule::V1(place()));
        assert_eq!(decode::<LocationCapsule>(&text).unwrap(), LocationCapsule::V1(place()));
        let bad = br#"{"location.v1":{"repository":"a.io","path":"/../x"}}"#;
        assert!(decode::<LocationCapsule>(bad).is_err());
    }
}
