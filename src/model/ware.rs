//! Wares and where they can be had: `packtype:hash`, and mirrors' addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::text::{is_hidden, shown};

/// Longest ware id or address, in bytes.
const MAX_LENGTH: usize = 4096;

/// Why a text is not a ware id, packtype or address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WareError {
    /// Not `packtype:hash`.
    #[error("`{}` is not a ware id: {reason}; write `packtype:hash`, as in `tar:4z9DCT…`", shown(.text))]
    Ware {
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not a packtype.
    #[error("`{}` is not a packtype: {reason}", shown(.text))]
    Packtype {
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Not an address of a warehouse.
    #[error("`{}` is not a mirror's address: {reason}; write a URL such as `https://…`", shown(.text))]
    Address {
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl WareError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Ware { .. } | Self::Packtype { .. } => Code::WareInvalid,
            Self::Address { .. } => Code::AddressInvalid,
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// How a ware is packed and hashed: `tar`, `git`, `cvmfs`, `sif`, `oci`, `spack`,
/// `file`, `source`, or a packtype that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Packtype(String);

impl Packtype {
    /// The packtype as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_packtype(text: &str) -> Result<(), &'static str> {
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+');
    match text.len() {
        0 => Err("it is empty"),
        65.. => Err("it is longer than 64 bytes"),
        _ if !text.bytes().all(letter) => Err("it holds something else than letters, digits, `-`, `_`, `.` and `+`"),
        _ => Ok(()),
    }
}

impl TryFrom<String> for Packtype {
    type Error = WareError;
    fn try_from(text: String) -> Result<Self, WareError> {
        match check_packtype(&text) {
            Ok(()) => Ok(Self(text)),
            Err(reason) => Err(WareError::Packtype { text: short(&text), reason }),
        }
    }
}

impl FromStr for Packtype {
    type Err = WareError;
    fn from_str(text: &str) -> Result<Self, WareError> {
        Self::try_from(text.to_owned())
    }
}

impl Serialize for Packtype {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<Packtype> for String {
    fn from(packtype: Packtype) -> String {
        packtype.0
    }
}

impl fmt::Display for Packtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identifies a ware by how it is packed and its hash; equal ids are equal content
/// (for `cvmfs` and `source`, an equal place: see the documentation of those packtypes).
///
/// ```
/// use warecat::model::WareId;
/// let ware: WareId = "git:5a4fff4d948cd12a5cf5f637ad2c561815a77d8e".parse().unwrap();
/// assert_eq!(ware.packtype(), "git");
/// assert!("tar:a:b".parse::<WareId>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct WareId {
    text: String,
    colon: usize,
}

impl WareId {
    /// The whole id, `packtype:hash`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the colon.
    #[must_use]
    pub fn packtype(&self) -> &str {
        &self.text[..self.colon]
    }

    /// The part after the colon.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.text[self.colon + 1..]
    }
}

fn check_ware(text: &str) -> Result<usize, &'static str> {
    if text.len() > MAX_LENGTH {
        return Err("it is longer than 4,096 bytes");
    }
    let Some((packtype, hash)) = text.split_once(':') else {
        return Err("it has no colon");
    };
    if hash.contains(':') {
        return Err("its hash has a colon");
    }
    check_packtype(packtype).map_err(|_reason| "its packtype is malformed")?;
    if hash.is_empty() {
        return Err("it has no hash");
    }
    if hash.chars().any(|c| is_hidden(c) || c.is_whitespace()) {
        return Err("its hash holds a space or a control character");
    }
    Ok(packtype.len())
}

impl TryFrom<String> for WareId {
    type Error = WareError;
    fn try_from(text: String) -> Result<Self, WareError> {
        match check_ware(&text) {
            Ok(colon) => Ok(Self { text, colon }),
            Err(reason) => Err(WareError::Ware { text: short(&text), reason }),
        }
    }
}

impl FromStr for WareId {
    type Err = WareError;
    fn from_str(text: &str) -> Result<Self, WareError> {
        Self::try_from(text.to_owned())
    }
}

impl Serialize for WareId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<WareId> for String {
    fn from(ware: WareId) -> String {
        ware.text
    }
}

impl fmt::Display for WareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A ware id as Warpforge's parser takes it: exactly one colon, anything around it.
/// Only for reading what no rule of names has checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RawWareId(String);

impl TryFrom<String> for RawWareId {
    type Error = WareError;
    fn try_from(text: String) -> Result<Self, WareError> {
        if text.matches(':').count() == 1 {
            Ok(Self(text))
        } else {
            Err(WareError::Ware { text: short(&text), reason: "it has not exactly one colon" })
        }
    }
}

impl From<RawWareId> for String {
    fn from(ware: RawWareId) -> String {
        ware.0
    }
}

/// Where a ware can be had: a URL (`https://…`, `cvmfs://…`, `oci://…`), with
/// Warpforge's prefix `ca+` when the place is a warehouse that holds many wares by
/// their hash.
///
/// ```
/// use warecat::model::WarehouseAddr;
/// assert!("ca+https://warpsys.example".parse::<WarehouseAddr>().is_ok());
/// assert!("https://user:secret@host/".parse::<WarehouseAddr>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct WarehouseAddr(String);

impl WarehouseAddr {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before `://`, without `ca+`; empty for an address that is no URL.
    #[must_use]
    pub fn scheme(&self) -> &str {
        let scheme = self.0.split_once("://").map_or("", |(scheme, _)| scheme);
        scheme.strip_prefix("ca+").unwrap_or(scheme)
    }
}

fn check_address(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > MAX_LENGTH {
        return Err("it is longer than 4,096 bytes");
    }
    if text.chars().any(is_hidden) {
        return Err("it holds a control character");
    }
    if text.starts_with('-') {
        return Err("it begins with a dash, as options do");
    }
    if let Some((_, rest)) = text.split_once("://") {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
            return Err("it holds a password");
        }
    }
    Ok(())
}

impl TryFrom<String> for WarehouseAddr {
    type Error = WareError;
    fn try_from(text: String) -> Result<Self, WareError> {
        match check_address(&text) {
            Ok(()) => Ok(Self(text)),
            // A password must not be repeated in an error.
            Err(reason @ "it holds a password") => Err(WareError::Address { text: "…".into(), reason }),
            Err(reason) => Err(WareError::Address { text: short(&text), reason }),
        }
    }
}

impl FromStr for WarehouseAddr {
    type Err = WareError;
    fn from_str(text: &str) -> Result<Self, WareError> {
        Self::try_from(text.to_owned())
    }
}

impl Serialize for WarehouseAddr {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl From<WarehouseAddr> for String {
    fn from(addr: WarehouseAddr) -> String {
        addr.0
    }
}

impl fmt::Display for WarehouseAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{WareId, WarehouseAddr};

    #[test]
    fn a_ware_id_has_one_colon_and_both_parts() {
        for bad in ["", ":", "tar", "tar:", ":x", "tar:a:b", "tar:a b", "t ar:x", "tar:\n"] {
            assert!(bad.parse::<WareId>().is_err(), "{bad:?}");
        }
        let ware: WareId = "cvmfs:bafkrei".parse().unwrap();
        assert_eq!((ware.packtype(), ware.hash()), ("cvmfs", "bafkrei"));
    }

    #[test]
    fn t33_an_address_never_holds_a_password_and_the_error_does_not_repeat_it() {
        let error = "https://me:hunter2@host/x".parse::<WarehouseAddr>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
        assert!("ssh://git@host/x".parse::<WarehouseAddr>().is_ok());
    }

    #[test]
    fn the_scheme_is_told_without_the_warehouse_prefix() {
        let addr: WarehouseAddr = "ca+https://w.example".parse().unwrap();
        assert_eq!(addr.scheme(), "https");
    }
}
