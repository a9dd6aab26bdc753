//! What a request is about: a repository, or a registry as a whole.

use std::fmt;

use super::repository::{RegistryHost, Repository};

/// A repository, or the catalog of a registry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'r> {
    pub(super) host: &'r RegistryHost,
    /// Whether it was written with `oci+http`.
    pub(super) insecure: bool,
    /// The repository's name; none for the catalog.
    repository: Option<&'r str>,
}

impl<'r> Subject<'r> {
    /// The catalog of a registry.
    pub(super) fn catalog(host: &'r RegistryHost, insecure: bool) -> Self {
        Self { host, insecure, repository: None }
    }

    /// What stands before the rest of a path.
    pub(super) fn folder(&self) -> String {
        self.repository.map_or_else(String::new, |name| format!("{name}/"))
    }

    /// What a token is asked for: reading this and nothing else (the distribution
    /// project's "token scope").
    pub(super) fn scope(&self) -> String {
        match self.repository {
            Some(name) => format!("repository:{name}:pull"),
            None => "registry:catalog:*".to_owned(),
        }
    }
}

impl<'r> From<&'r Repository> for Subject<'r> {
    fn from(repository: &'r Repository) -> Self {
        let (insecure, name) = (repository.is_insecure(), repository.name());
        Self { host: repository.host(), insecure, repository: Some(name) }
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.insecure { "oci+http" } else { "oci" };
        write!(f, "{scheme}://{}/{}", self.host, self.repository.unwrap_or_default())
    }
}
