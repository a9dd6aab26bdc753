//! Spack's hashes: SHA-1, written as 32 letters of base32 in lower case.
//!
//! Source: `specfile_format` in Spack's documentation, "How the DAG Hash Is Computed".

use std::fmt;
use std::str::FromStr;

use sha1::{Digest, Sha1};

use crate::code::Code;
use crate::model::WareId;
use crate::text::shown;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 32;
/// So many letters of a spliced spec's hash are those of the spec that was built: a path
/// in a binary may end in them and must not change there.
const SPLICED: usize = 7;
/// The packtype of a concrete spec, whose bytes nobody has.
const PACKTYPE: &str = "spec";

/// Why a text is not a hash of Spack's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a hash of Spack's, which has 32 characters of a-z and 2-7", shown(.text))]
pub struct DagHashError {
    /// The text as it was given, shortened to 200 characters.
    pub text: String,
}

impl DagHashError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::WareInvalid
    }
}

/// A `dag_hash`: what identifies a concrete spec.
///
/// ```
/// use warecat::import::spack::spec::DagHash;
/// let hash: DagHash = "prk3volrazekkyzjqmtmx6q62db3i4en".parse().unwrap();
/// assert_eq!(hash.ware().as_str(), "spec:prk3volrazekkyzjqmtmx6q62db3i4en");
/// assert!("PRK3volrazekkyzjqmtmx6q62db3i4en".parse::<DagHash>().is_err() && "prk3vol".parse::<DagHash>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DagHash([u8; LENGTH]);

impl DagHash {
    /// The hash of a node's text.
    #[must_use]
    pub(crate) fn of(text: &str) -> Self {
        let digest: [u8; 20] = Sha1::digest(text.as_bytes()).into();
        let mut letters = [0; LENGTH];
        // Five bytes are eight letters, and 20 bytes are just 32 letters.
        for (bytes, letters) in digest.chunks_exact(5).zip(letters.chunks_exact_mut(8)) {
            let bits = bytes.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for (at, letter) in letters.iter_mut().enumerate() {
                *letter = ALPHABET[(bits >> (35 - 5 * at) & 31) as usize];
            }
        }
        Self(letters)
    }

    /// The hash that a spliced spec has: this one, ending as that of the spec which was built.
    #[must_use]
    pub(crate) fn spliced(mut self, built: &DagHash) -> Self {
        self.0[LENGTH - SPLICED..].copy_from_slice(&built.0[LENGTH - SPLICED..]);
        self
    }

    /// The hash as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("its letters are ASCII")
    }

    /// The ware that names the spec: `spec:<hash>`; it has no bytes.
    #[must_use]
    pub fn ware(&self) -> WareId {
        format!("{PACKTYPE}:{self}").parse().expect("a hash has no colon and no blank")
    }
}

impl FromStr for DagHash {
    type Err = DagHashError;
    fn from_str(text: &str) -> Result<Self, DagHashError> {
        match <[u8; LENGTH]>::try_from(text.as_bytes()) {
            Ok(letters) if letters.iter().all(|letter| ALPHABET.contains(letter)) => Ok(Self(letters)),
            _ => Err(DagHashError { text: text.chars().take(200).collect() }),
        }
    }
}

impl fmt::Display for DagHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for DagHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::DagHash;

    #[test]
    fn the_hash_is_sha1_in_base32() {
        // SHA-1 of the empty text is da39a3ee5e6b4b0d3255bfef95601890afd80709.
        assert_eq!(DagHash::of("").as_str(), "3i42h3s6nnfq2msvx7xzkyayscx5qbyj");
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for bad in ["", "abc", &"1".repeat(32), &"A".repeat(32), &"a".repeat(33), &"é".repeat(16), &"a=".repeat(16)] {
            assert!(bad.parse::<DagHash>().is_err(), "{bad}");
        }
    }
}
