//! Everything that can go wrong between a registry and what was asked of it.
//!
//! Invariants: each error has one [`Code`]; no message holds a credential, a token or an
//! unescaped control character.

use crate::code::Code;
use crate::mirror::{CacheError, FetchError};
use crate::model::Digest;

/// Why a registry did not give what it was asked for. `at` is an address as it is shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The network, or the way there.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The download cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// There is no such repository, manifest or blob.
    #[error("`{at}` does not exist{said}")]
    Missing {
        /// The address.
        at: String,
        /// What the registry said of it, or nothing.
        said: String,
    },
    /// The registry or its token service does not let us in.
    #[error("`{at}` does not let us in: {why}")]
    Denied {
        /// The address.
        at: String,
        /// Its status, and what it said.
        why: String,
    },
    /// A registry names a token service that may not be asked.
    #[error("`{at}` sends us to `{realm}` for a token, which is refused: {why}")]
    Realm {
        /// The address of the registry.
        at: String,
        /// The token service's address, without secrets.
        realm: String,
        /// Why, in words.
        why: &'static str,
    },
    /// A web page came in the place of what was asked for.
    #[error("`{at}` is a web page; its first line: `{line}`")]
    WebPage {
        /// The address.
        at: String,
        /// The first line.
        line: String,
    },
    /// The answer is not of the form that it must have.
    #[error("`{at}` answered with what is not {wanted}: {problem}")]
    Malformed {
        /// The address.
        at: String,
        /// What it should be.
        wanted: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The bytes are not those that were asked for.
    #[error("`{at}` gave bytes with the digest {found}, not {expected}")]
    Mismatch {
        /// The address.
        at: String,
        /// The digest that they must have.
        expected: Digest,
        /// The digest that they have.
        found: Digest,
    },
    /// A listing leads somewhere else, or in a circle.
    #[error("the listing at `{at}` is not followed: {why}")]
    Paging {
        /// The address of the page.
        at: String,
        /// Why, in words.
        why: String,
    },
    /// A listing has no end.
    #[error("the listing at `{at}` has more than {limit} {what}")]
    Endless {
        /// The address of the listing.
        at: String,
        /// The most that is taken.
        limit: usize,
        /// What was counted.
        what: &'static str,
    },
}

impl RegistryError {
    /// The error's code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Cache(error) => error.code(),
            Self::Missing { .. } => Code::NotFound,
            Self::Denied { .. } => Code::NetworkFailed,
            Self::Realm { .. } | Self::Paging { .. } => Code::NetworkRefused,
            Self::WebPage { .. } | Self::Malformed { .. } => Code::SourceInvalid,
            Self::Mismatch { .. } => Code::SourceHashMismatch,
            Self::Endless { .. } => Code::LimitExceeded,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.hint(),
            Self::Cache(error) => error.hint(),
            Self::Missing { .. } => "check the spelling; some registries say this to those who may not see it",
            Self::Denied { .. } => "log in with `docker login`, or set WARECAT_REGISTRY_HOST and what goes with it",
            Self::Realm { .. } => "if that host can be trusted with your credentials, add `--auth-realm HOST`",
            Self::WebPage { .. } => "check the address; a proxy or portal may stand between",
            Self::Malformed { .. } => "check that this is an OCI registry",
            Self::Mismatch { .. } => "do not use it: the registry, or something between, changed it",
            Self::Paging { .. } | Self::Endless { .. } => "the registry is broken or hostile: tell its operator",
        }
    }
}
