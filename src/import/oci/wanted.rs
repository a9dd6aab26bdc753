//! What is to be imported: a repository, or all that a registry has.

use std::fmt;
use std::str::FromStr;

use crate::mirror::oci::{RegistryHost, Repository, RepositoryError};

/// `oci://HOST/REPOSITORY`, or `oci://HOST` for every repository of the registry's catalog.
///
/// ```
/// use warecat::import::oci::Wanted;
/// let wanted: Wanted = "oci://registry.example:5000/".parse().unwrap();
/// assert!(matches!(wanted, Wanted::Registry { .. }));
/// assert!(matches!("oci://registry.example/hpc/tool".parse(), Ok(Wanted::Repository(_))));
/// assert!("https://registry.example".parse::<Wanted>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// Every repository that the registry tells.
    Registry {
        /// The registry.
        host: RegistryHost,
        /// Whether it was written with `oci+http`.
        insecure: bool,
    },
    /// One repository.
    Repository(Repository),
}

impl Wanted {
    /// The registry.
    #[must_use]
    pub fn host(&self) -> &RegistryHost {
        match self {
            Self::Registry { host, .. } => host,
            Self::Repository(repository) => repository.host(),
        }
    }

    /// Whether it was written with `oci+http`.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        match self {
            Self::Registry { insecure, .. } => *insecure,
            Self::Repository(repository) => repository.is_insecure(),
        }
    }
}

impl FromStr for Wanted {
    type Err = RepositoryError;

    fn from_str(text: &str) -> Result<Self, RepositoryError> {
        for (scheme, insecure) in [("oci://", false), ("oci+http://", true)] {
            let Some(rest) = text.strip_prefix(scheme) else { continue };
            let host = rest.strip_suffix('/').unwrap_or(rest);
            if !host.contains('/') {
                return Ok(Self::Registry { host: host.parse()?, insecure });
            }
        }
        text.parse().map(Self::Repository)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry { host, insecure: false } => write!(f, "oci://{host}"),
            Self::Registry { host, insecure: true } => write!(f, "oci+http://{host}"),
            Self::Repository(repository) => repository.fmt(f),
        }
    }
}
