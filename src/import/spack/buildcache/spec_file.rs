//! What a cache's spec says of its tarball.
//!
//! In a folder a spec is a file of its own, in a registry the configuration of an image,
//! which has an image's fields beside these. The spec itself is read by
//! [`crate::import::spack::spec`].

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::import::report::quoted;
use crate::model::Digest;

/// The largest that is read, in bytes. The largest real ones have 200 KB.
pub const MAX_SPEC: u64 = 16 << 20;

/// A spec's file, or what was taken for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecFile {
    /// It holds a spec, and the SHA-256 of its tarball; layout 3 says that elsewhere.
    Spec(Option<Digest>),
    /// It has no `spec`, as an image that is not of a build cache.
    Foreign,
}

#[derive(Deserialize)]
struct Raw {
    spec: Option<IgnoredAny>,
    binary_cache_checksum: Option<Checksum>,
}

#[derive(Deserialize)]
struct Checksum {
    hash_algorithm: String,
    hash: String,
}

impl Checksum {
    fn read(&self) -> Result<Digest, String> {
        if self.hash_algorithm != "sha256" {
            return Err(format!("its tarball's checksum is by {}, not `sha256`", quoted(&self.hash_algorithm)));
        }
        self.hash.parse().map_err(|error| format!("its tarball's checksum cannot be read: {error}"))
    }
}

impl SpecFile {
    /// Reads a spec's file or an image's configuration.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|error| format!("it cannot be read: {error}"))?;
        if raw.spec.is_none() {
            return Ok(Self::Foreign);
        }
        Ok(Self::Spec(raw.binary_cache_checksum.map(|checksum| checksum.read()).transpose()?))
    }
}

#[cfg(test)]
mod tests {
    use super::SpecFile;
    use crate::model::Digest;

    #[test]
    fn the_checksum_is_found_among_other_fields() {
        let hash = Digest::of(b"x");
        let text = format!(
            r#"{{"os":"linux","spec":{{"a":2}},"binary_cache_checksum":{{"hash_algorithm":"sha256","hash":"{}"}}}}"#,
            hash.hex()
        );
        assert_eq!(SpecFile::parse(text.as_bytes()), Ok(SpecFile::Spec(Some(hash))));
        assert_eq!(SpecFile::parse(br#"{"spec":{}}"#), Ok(SpecFile::Spec(None)));
    }

    #[test]
    fn an_image_without_a_spec_is_foreign() {
        for text in ["{}", r#"{"spec":null}"#, r#"{"architecture":"amd64"}"#] {
            assert_eq!(SpecFile::parse(text.as_bytes()), Ok(SpecFile::Foreign), "{text}");
        }
    }

    #[test]
    fn t23_a_checksum_is_a_sha_256_or_the_spec_is_refused() {
        for (algorithm, hash) in [("md5", "00"), ("sha256", ""), ("sha256", "not found: exit 1")] {
            let text = format!(
                r#"{{"spec":{{}},"binary_cache_checksum":{{"hash_algorithm":"{algorithm}","hash":"{hash}"}}}}"#
            );
            assert!(SpecFile::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(SpecFile::parse(br#"{"spec":{},"spec":{}}"#).is_err());
        assert!(SpecFile::parse("[".repeat(100_000).as_bytes()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, text: String) {
            let _ = SpecFile::parse(&bytes);
            let _ = SpecFile::parse(format!("{{\"spec\":{text}}}").as_bytes());
        }
    }
}
