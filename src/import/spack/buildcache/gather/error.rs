//! Why a build cache gives nothing.

use crate::code::Code;
use crate::import::SourceError;
use crate::mirror::oci::RegistryError;
use crate::mirror::{CacheError, FetchError, LocationError};
use crate::model::Digest;

/// A build cache that cannot be read at all. What is wrong with one spec is a diagnostic.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A file or an address.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The download cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// An address that cannot be made.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// The index.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is neither layout.
    #[error("`{at}` is not a build cache: it has neither `build_cache` nor `v3/manifests`")]
    NoCache {
        /// The address, as it is shown.
        at: String,
    },
    /// A web page came in the place of a file.
    #[error("`{at}` is a web page, not a file of a build cache: `{line}`")]
    WebPage {
        /// The address, as it is shown.
        at: String,
        /// Its first line.
        line: String,
    },
    /// A blob's bytes are not those that its manifest names.
    #[error("`{at}` has the digest {found}, not {expected}")]
    Blob {
        /// The address, as it is shown.
        at: String,
        /// The digest that its manifest names.
        expected: Digest,
        /// The digest of its bytes.
        found: Digest,
    },
    /// So many threads cannot be had.
    #[error("{jobs} threads cannot be started: {problem}")]
    Threads {
        /// How many were asked for.
        jobs: usize,
        /// What went wrong, in words.
        problem: String,
    },
    /// It was to be read from its index alone, and there is none.
    #[error("`{at}` has no index")]
    NoIndex {
        /// The address, as it is shown.
        at: String,
    },
    /// It was to be read without its index, and a web server lists no files.
    #[error("`{at}` is on a web server, which lists no files: its specs are known by its index alone")]
    Unlisted {
        /// The address, as it is shown.
        at: String,
    },
}

impl GatherError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Registry(error) => error.code(),
            Self::Cache(error) => error.code(),
            Self::Location(error) => error.code(),
            Self::Source(error) => error.code(),
            Self::NoCache { .. } | Self::WebPage { .. } | Self::NoIndex { .. } => Code::SourceInvalid,
            Self::Blob { .. } => Code::SourceHashMismatch,
            Self::Threads { .. } => Code::Io,
            Self::Unlisted { .. } => Code::UsageInvalid,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Fetch(error) => Some(error.hint()),
            Self::Registry(error) => Some(error.hint()),
            Self::Cache(error) => Some(error.hint()),
            Self::Location(error) => Some(error.hint()),
            Self::Source(_) | Self::Blob { .. } => None,
            Self::Threads { .. } => Some("ask for fewer with `-j`"),
            Self::NoCache { .. } => Some("name the folder above `build_cache` or `v3`, as for `spack mirror add`"),
            Self::WebPage { .. } => Some("check the address; a proxy or portal may stand between"),
            Self::NoIndex { .. } => Some("run `spack buildcache update-index`, or leave out `--read index`"),
            Self::Unlisted { .. } => Some("leave out `--read`, or copy the cache to a folder"),
        }
    }
}
