//! Documents to text, to dag-cbor, to CIDs, and back.
//!
//! Invariants: decoding and encoding canonical text gives the same bytes; the block
//! that is hashed is the document's own data (for a replay, the plot inside its
//! capsule), maps sorted as dag-cbor sorts them, whatever their order in the text.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{lenient, text_form};
use crate::code::Code;
use crate::text::shown;

/// Largest document that is read, in bytes. The largest real one that we know of is a
/// module of 100,000 releases, of about 11 MB.
pub const MAX_DOCUMENT: usize = 16 * 1024 * 1024;

/// Why a text is not the document that it should be, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError {
    /// Line, from 1; 0 when the fault has no place.
    pub line: usize,
    /// Column, from 1, in bytes; 0 when the fault has no place.
    pub column: usize,
    /// The JSON path of the value that is at fault, `.` for the document.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl DecodeError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::DocumentUnreadable
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        // `?` is the path of a text that ends before it has one.
        if self.path != "." && self.path != "?" {
            write!(f, "at {}: ", shown(&self.path))?;
        }
        write!(f, "{}", shown(&self.message))
    }
}

impl std::error::Error for DecodeError {}

/// Reads a document from its JSON text.
///
/// # Errors
/// `document-unreadable`, with line, column and JSON path: not JSON, or not of the
/// schema of `T` (unknown, missing, repeated or null fields, names that break a rule).
pub fn decode<T: DeserializeOwned>(text: &[u8]) -> Result<T, DecodeError> {
    match serde_json::from_slice(text) {
        Ok(value) => Ok(value),
        Err(_) => decode_mended(&lenient::mend(text)),
    }
}

/// Reads the text again, slower: with its faults mended, and keeping track of the path.
fn decode_mended<T: DeserializeOwned>(text: &[u8]) -> Result<T, DecodeError> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        decode_error(path, error.inner())
    })?;
    json.end().map_err(|error| decode_error(".".into(), &error))?;
    Ok(value)
}

fn decode_error(path: String, error: &serde_json::Error) -> DecodeError {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
    DecodeError { line: error.line(), column: error.column(), path, message }
}

/// Writes a document as its canonical JSON text, as Warpforge does.
#[must_use]
pub fn encode<T: Serialize>(document: &T) -> Vec<u8> {
    text_form::write(document)
}

/// The dag-cbor block of a document: what its CID hashes.
#[must_use]
pub fn block<T: Serialize>(document: &T) -> Vec<u8> {
    serde_ipld_dagcbor::to_vec(document)
        .expect("a document has text keys and finite numbers, and a buffer can be written")
}

/// Reads a document from its dag-cbor block.
///
/// # Errors
/// `document-unreadable`: not dag-cbor in its one canonical form, or not of the schema.
pub fn decode_block<T: DeserializeOwned>(block: &[u8]) -> Result<T, DecodeError> {
    serde_ipld_dagcbor::from_slice(block).map_err(|error| DecodeError {
        line: 0,
        column: 0,
        path: ".".into(),
        message: error.to_string(),
    })
}
