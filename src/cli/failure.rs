//! Why a command failed, as a person and a script are told.

use std::io;

use warecat::catalog::CatalogError;
use warecat::code::Code;
use warecat::git::GitError;
use warecat::import::oci;
use warecat::import::spack::buildcache::GatherError;
use warecat::mirror::oci::RegistryError;
use warecat::mirror::{CacheError, FetchError, LocationError};
use warecat::store::StoreError;

/// A command's failure.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The stable code.
    pub(crate) code: Code,
    /// What went wrong, and where.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    closed_pipe: bool,
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, closed_pipe: false }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the reader of standard output has gone, which is no failure.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.closed_pipe
    }

    /// A failure to write to standard output.
    pub(crate) fn output(error: &io::Error) -> Self {
        let closed_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Self { closed_pipe, ..Self::new(Code::Io, format!("cannot write to standard output: {error}")) }
    }
}

macro_rules! from {
    ($($error:ty),+) => { $(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { hint: error.hint(), ..Self::new(error.code(), error.to_string()) }
            }
        }
    )+ };
}

from!(CatalogError, GitError, StoreError);

impl From<GatherError> for Failure {
    fn from(error: GatherError) -> Self {
        let failure = Self::new(error.code(), error.to_string());
        error.hint().into_iter().fold(failure, |failure, hint| failure.with_hint(hint))
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        Self::new(error.code(), error.to_string()).with_hint(error.hint())
    }
}

impl From<LocationError> for Failure {
    fn from(error: LocationError) -> Self {
        Self::new(error.code(), error.to_string()).with_hint(error.hint())
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::new(error.code(), error.to_string()).with_hint(error.hint())
    }
}

impl From<oci::GatherError> for Failure {
    fn from(error: oci::GatherError) -> Self {
        Self::new(error.code(), error.to_string()).with_hint(error.hint())
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        Self::new(error.code(), error.to_string()).with_hint(error.hint())
    }
}

macro_rules! from_without_hint {
    ($($error:ty),+) => { $(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.code(), error.to_string())
            }
        }
    )+ };
}

from_without_hint!(
    warecat::model::NameError,
    warecat::model::WareError,
    warecat::model::RefError,
    warecat::import::SourceError,
    warecat::server::ServeError,
    warecat::site::SiteError
);
