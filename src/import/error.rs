//! Why a whole file of a source cannot be used.

use crate::code::Code;
use crate::text::shown;

/// A file of a source that gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not JSON, or not of the source's outermost shape.
    #[error("{}: line {line}, column {column}: {}", shown(.file), shown(.message))]
    Unreadable {
        /// The file's name.
        file: String,
        /// Line, from 1; 0 when the fault has no place.
        line: usize,
        /// Column, from 1, in bytes; 0 when the fault has no place.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// It was read, and is not what it should be.
    #[error("{}: {}", shown(.file), shown(.message))]
    Malformed {
        /// The file's name.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// Larger than any real file of its kind.
    #[error("{}: {size} bytes are more than the limit of {limit}", shown(.file))]
    TooLarge {
        /// The file's name.
        file: String,
        /// Its size, in bytes.
        size: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Neither its name nor its content tells what the file holds.
    #[error("{}: {reason}", shown(.file))]
    KindUnknown {
        /// The file's name.
        file: String,
        /// Why its kind is not known, and what to do about it.
        reason: &'static str,
    },
    /// A file of this name was given before.
    #[error("{}: a file of this name was read already", shown(.file))]
    Repeated {
        /// The file's name.
        file: String,
    },
    /// Its bytes are not the published ones.
    #[error("{}: its SHA-256 is {found}, but {expected} was published", shown(.file))]
    HashMismatch {
        /// The file's name.
        file: String,
        /// The published SHA-256, in hexadecimal.
        expected: String,
        /// The SHA-256 of the bytes, in hexadecimal.
        found: String,
    },
}

impl SourceError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::TooLarge { .. } => Code::LimitExceeded,
            Self::HashMismatch { .. } => Code::SourceHashMismatch,
            Self::Unreadable { .. } | Self::Malformed { .. } | Self::KindUnknown { .. } | Self::Repeated { .. } => {
                Code::SourceInvalid
            }
        }
    }

    /// A fault of the JSON text of a file.
    pub(crate) fn json(file: &str, error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let message = message.strip_suffix(&place).unwrap_or(&message).to_owned();
        Self::Unreadable { file: file.to_owned(), line: error.line(), column: error.column(), message }
    }

    /// A byte of a file that is not UTF-8.
    pub(crate) fn utf8(file: &str, bytes: &[u8], error: std::str::Utf8Error) -> Self {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
        Self::Unreadable { file: file.to_owned(), line, column, message: "not UTF-8".into() }
    }
}
