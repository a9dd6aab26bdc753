//! Documents to text, to dag-cbor, to CIDs, and back.
//!
//! Invariants: decoding and encoding canonical text gives the same bytes; the block
//! that is hashed is the document's own data (for a replay, the plot inside its
//! capsule), maps sorted as dag-cbor sorts them, whatever their order in the text.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::by_name::ByName;
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
    let mut json = serde_json::Deserializer::from_slice(text);
    match T::deserialize(ByName(&mut json)).and_then(|value| json.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(_) => decode_mended(&lenient::mend(text)),
    }
}

/// Reads the text again, slower: with its faults mended, and keeping track of the path.
fn decode_mended<T: DeserializeOwned>(text: &[u8]) -> Result<T, DecodeError> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(ByName(&mut json)).map_err(|error| {
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
pub fn decode_block<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, DecodeError> {
    let wrong = |message| DecodeError { line: 0, column: 0, path: ".".into(), message };
    let document: T = serde_ipld_dagcbor::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    // The parser is strict but for capsules, for which it also takes a key and a value
    // without the map around them; and a mount's mode has two spellings.
    if block(&document) != bytes {
        return Err(wrong("the block is not in the document's one canonical form".into()));
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::{block, decode, decode_block};
    use crate::model::{ModuleCapsule, PlotCapsule};

    #[test]
    fn a_capsule_without_its_map_is_no_block() {
        let text = br#"{"catalogmodule.v1":{"name":"a.org/b","releases":{},"metadata":{}}}"#;
        let bytes = block(&decode::<ModuleCapsule>(text).unwrap());
        assert!(decode_block::<ModuleCapsule>(&bytes).is_ok());
        assert!(decode_block::<ModuleCapsule>(&bytes[1..]).is_err());
    }

    #[test]
    fn the_long_name_of_a_mode_is_no_block() {
        let text = br#"{"plot.v1":{"inputs":{"a":"mount:overlay:/x"},"steps":{},"outputs":{}}}"#;
        let mut bytes = block(&decode::<PlotCapsule>(text).unwrap());
        assert!(decode_block::<PlotCapsule>(&bytes).is_ok());
        let at = bytes.windows(7).position(|part| part == b"overlay").unwrap();
        // One byte longer, and so is the text that it stands in.
        bytes.splice(at..at + 7, *b"readonly");
        bytes[at - 7] += 1;
        assert!(decode_block::<PlotCapsule>(&bytes).unwrap_err().to_string().contains("canonical"));
    }
}
