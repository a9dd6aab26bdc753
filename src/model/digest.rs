//! SHA-256 digests as registries and checksum files write them.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::cid::BytesCid;
use crate::code::Code;
use crate::text::shown;

const ALGORITHM: &str = "sha256:";

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a SHA-256 digest; write 64 hexadecimal digits in lower case", shown(.text))]
pub struct DigestError {
    /// The text as it was given, shortened to 200 characters.
    pub text: String,
}

impl DigestError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::WareInvalid
    }
}

/// The SHA-256 of some bytes. Its text is `sha256:` and 64 hexadecimal digits in lower
/// case (OCI image specification, `descriptor.md`, digests).
///
/// ```
/// use warecat::model::Digest;
/// let empty = Digest::of(b"");
/// assert!(empty.to_string().starts_with("sha256:e3b0c442"));
/// assert_eq!(empty.hex().parse::<Digest>().unwrap(), empty);
/// assert!("sha256:E3B0".parse::<Digest>().is_err() && "md5:00".parse::<Digest>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest that was computed elsewhere, as its 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 64 hexadecimal digits, without `sha256:`.
    #[must_use]
    pub fn hex(&self) -> String {
        use fmt::Write;
        self.0.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a `String` does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The CID of the bytes: the hash of wares that others address by SHA-256.
    #[must_use]
    pub fn to_cid(&self) -> BytesCid {
        BytesCid::of_digest(&self.0)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    /// Reads `sha256:…` or the digits alone.
    fn from_str(text: &str) -> Result<Self, DigestError> {
        let refused = || DigestError { text: text.chars().take(200).collect() };
        let digits = text.strip_prefix(ALGORITHM).unwrap_or(text).as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return Err(refused());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (nibble(pair[0]).ok_or_else(refused)?, nibble(pair[1]).ok_or_else(refused)?);
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;
    use crate::model::BytesCid;

    #[test]
    fn a_digest_and_the_cid_of_the_bytes_agree() {
        assert_eq!(Digest::of(b"x").to_cid(), BytesCid::of_bytes(b"x"));
    }

    #[test]
    fn t23_what_is_no_digest_is_refused() {
        let good = Digest::of(b"x").hex();
        for bad in
            ["", "sha256:", &good[1..], &good.to_uppercase(), &format!("sha512:{good}"), &format!("{good}0"), "é"]
        {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}
