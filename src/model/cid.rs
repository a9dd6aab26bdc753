//! Content identifiers of documents.
//!
//! Warpforge's documents are named as Warpforge names them: CIDv1, dag-cbor, SHA2-384,
//! base58btc (`wfapi/catalog.go`, `wfapi/plot.go`). Ours are CIDv1, dag-cbor,
//! BLAKE3-256, base32 in lower case, so that a name survives a file system that ignores
//! case. Bytes that others address by SHA-256 are CIDv1, raw, SHA2-256, base32.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use cid::{Cid, multibase::Base};
use multihash::Multihash;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384};

use crate::code::Code;
use crate::text::shown;

const RAW: u64 = 0x55;
const DAG_CBOR: u64 = 0x71;
const SHA2_256: u64 = 0x12;
const SHA2_384: u64 = 0x20;
const BLAKE3: u64 = 0x1e;

/// Why a text is not a content identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not the CID of a {wanted}: {reason}", shown(.text))]
pub struct CidError {
    /// The text as it was given, shortened to 200 characters.
    pub text: String,
    /// The kind of document that it should name.
    pub wanted: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl CidError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::CidInvalid
    }
}

struct Kind {
    wanted: &'static str,
    codec: u64,
    hash: u64,
    base: Base,
}

const WARPFORGE: Kind = Kind { wanted: "Warpforge document", codec: DAG_CBOR, hash: SHA2_384, base: Base::Base58Btc };
const OURS: Kind = Kind { wanted: "warecat record", codec: DAG_CBOR, hash: BLAKE3, base: Base::Base32Lower };
const BYTES: Kind = Kind { wanted: "SHA-256 of bytes", codec: RAW, hash: SHA2_256, base: Base::Base32Lower };

fn text_of(kind: &Kind, digest: &[u8]) -> String {
    let hash = Multihash::<64>::wrap(kind.hash, digest).expect("the digest has at most 48 bytes");
    Cid::new_v1(kind.codec, hash).to_string_of_base(kind.base).expect("version 1 can be written in every base")
}

fn check(kind: &Kind, text: &str) -> Result<(), String> {
    if text.len() > 128 {
        return Err("it is too long".into());
    }
    let cid = Cid::try_from(text).map_err(|error| error.to_string())?;
    if cid.codec() != kind.codec || cid.hash().code() != kind.hash {
        return Err("it has another codec or hash function".into());
    }
    if text_of(kind, cid.hash().digest()) != text {
        return Err("it is written in another base or has a digest of another length".into());
    }
    Ok(())
}

/// The least and the greatest text of Warpforge's CIDs. All have one length, and the
/// base's alphabet is in the order of ASCII, so a text of that alphabet between the two
/// is one: much cheaper than decoding it, which a check of a large catalog would feel.
static WARPFORGE_RANGE: LazyLock<[String; 2]> =
    LazyLock::new(|| [text_of(&WARPFORGE, &[0; 48]), text_of(&WARPFORGE, &[0xff; 48])]);

fn is_warpforge(text: &str) -> bool {
    let [least, greatest] = &*WARPFORGE_RANGE;
    let is_digit = |b: u8| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l');
    text.len() == least.len() && text.bytes().all(is_digit) && least.as_str() <= text && text <= greatest.as_str()
}

fn check_warpforge(text: &str) -> Result<(), String> {
    // What is no CID is decoded all the same, to say why.
    if is_warpforge(text) { Ok(()) } else { check(&WARPFORGE, text) }
}

fn check_ours(text: &str) -> Result<(), String> {
    check(&OURS, text)
}

fn check_bytes(text: &str) -> Result<(), String> {
    check(&BYTES, text)
}

macro_rules! cid_type {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $check:ident, $of:ident($arg:ident) = $digest:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The CID's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The CID of these bytes.
            #[must_use]
            pub fn $of($arg: &[u8]) -> Self {
                Self(text_of(&$kind, &$digest))
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = CidError;
            fn try_from(text: String) -> Result<Self, CidError> {
                match $check(&text) {
                    Ok(()) => Ok(Self(text)),
                    Err(reason) => {
                        Err(CidError { text: text.chars().take(200).collect(), wanted: $kind.wanted, reason })
                    }
                }
            }
        }

        impl FromStr for $name {
            type Err = CidError;
            fn from_str(text: &str) -> Result<Self, CidError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(cid: $name) -> String {
                cid.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

cid_type! {
    /// Names one of Warpforge's documents: a release, a replay (its plot), a module capsule.
    WarpforgeCid, WARPFORGE, check_warpforge, of_block(block) = Sha384::digest(block)
}

cid_type! {
    /// Names one of our documents: a record.
    RecordCid, OURS, check_ours, of_block(block) = *blake3::hash(block).as_bytes()
}

cid_type! {
    /// Names bytes by their SHA-256, as a hash of packtype `sif`, `oci`, `spack` or `file`.
    BytesCid, BYTES, check_bytes, of_bytes(bytes) = Sha256::digest(bytes)
}

impl BytesCid {
    /// The CID of bytes with this SHA-256.
    #[must_use]
    pub fn of_digest(digest: &[u8; 32]) -> Self {
        Self(text_of(&BYTES, digest))
    }
}

#[cfg(test)]
mod tests {
    use super::{BytesCid, RecordCid, WarpforgeCid};

    #[test]
    fn forms_are_the_published_ones() {
        let text = WarpforgeCid::of_block(b"").as_str().to_owned();
        assert!(text.starts_with("zM5K3") && text.len() == 71, "{text}");
        assert!(BytesCid::of_bytes(b"").as_str().starts_with("bafkrei"));
        let record = RecordCid::of_block(b"");
        assert!(record.as_str().starts_with("bafyr4i"), "{record}");
    }

    proptest::proptest! {
        #[test]
        fn the_quick_test_of_a_cid_agrees_with_decoding_it(
            digest in proptest::array::uniform32(proptest::num::u8::ANY), at in 0usize..71, with in "[0-9A-Za-z]"
        ) {
            let mut text = WarpforgeCid::of_block(&digest).to_string();
            proptest::prop_assert!(super::is_warpforge(&text));
            text.replace_range(at..=at, &with);
            proptest::prop_assert_eq!(super::is_warpforge(&text), super::check(&super::WARPFORGE, &text).is_ok(), "{}", text);
        }
    }

    #[test]
    fn kinds_do_not_mix_and_garbage_is_refused() {
        let record = RecordCid::of_block(b"x").to_string();
        assert!(record.parse::<RecordCid>().is_ok());
        assert!(record.parse::<WarpforgeCid>().is_err());
        assert!(record.to_uppercase().parse::<RecordCid>().is_err());
        for bad in ["", "z", "not a cid", "zM5K3", "../../x"] {
            assert!(bad.parse::<WarpforgeCid>().is_err(), "{bad:?}");
        }
    }
}
