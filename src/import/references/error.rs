//! Why a job's file cannot be read.

use crate::code::Code;

/// Why nothing can be said of what a file asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReferencesError {
    /// It is larger, deeper or longer than any real one.
    #[error("{what}")]
    Limit {
        /// Which limit, in words.
        what: &'static str,
    },
    /// It is not what its name says.
    #[error("line {line}: {reason}")]
    Invalid {
        /// Where, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl ReferencesError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Limit { .. } => Code::LimitExceeded,
            Self::Invalid { .. } => Code::SourceInvalid,
        }
    }
}
