//! Why a file cannot be read as an image.

use std::io;

use crate::code::Code;
use crate::text::shown;

/// What is wrong with an image.
#[derive(Debug, thiserror::Error)]
pub enum SifError {
    /// The magic bytes are not there.
    #[error("this is not a SIF image: {0}")]
    NotSif(&'static str),
    /// A version of the format that nobody has defined yet.
    #[error("version `{}` of the SIF format is not known; `01` is", shown(.0))]
    Version(String),
    /// The file is shorter than it says.
    #[error("truncated: {what} ends at byte {end}, but the file has {len} bytes")]
    Truncated {
        /// What lies beyond the end.
        what: String,
        /// Where it would end.
        end: u64,
        /// The size of the file, in bytes.
        len: u64,
    },
    /// The header or a descriptor contradicts itself.
    #[error("damaged: {0}")]
    Damaged(String),
    /// More of something than any real image has.
    #[error("{what}: {found} are more than the limit of {limit}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many are read.
        limit: u64,
    },
    /// Reading failed.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl SifError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::TooMany { .. } => Code::LimitExceeded,
            Self::Io(_) => Code::Io,
            Self::NotSif(_) | Self::Version(_) | Self::Truncated { .. } | Self::Damaged(_) => Code::SourceInvalid,
        }
    }
}
