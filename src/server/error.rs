//! Why a site cannot be served.

use std::io;
use std::path::PathBuf;

use crate::code::Code;

/// Why a site cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No port could be had.
    #[error("cannot listen on port {port} of {host}: {source}")]
    Port {
        /// The address.
        host: &'static str,
        /// The port that was asked for, or the first of those that were tried.
        port: u16,
        /// Why not.
        source: io::Error,
    },
    /// The path below which the site is to be served is none.
    #[error("`{0}` is not a path to serve below; write `/a/b/`")]
    BasePath(String),
    /// The folder cannot be opened.
    #[error("cannot open the folder {}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What a server needs of the system is not there.
    #[error("cannot begin to serve: {0}")]
    System(io::Error),
}

impl ServeError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Port { .. } | Self::System(_) => Code::ServerFailed,
            Self::BasePath(_) => Code::UsageInvalid,
            Self::Folder { .. } => Code::Io,
        }
    }
}
