//! The repositories of a registry, where it tells them.
//!
//! Source: the distribution project's "listing repositories", `/v2/_catalog`, which the OCI
//! specification reserves and does not define; many registries have none.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::error::RegistryError;
use super::listing::Listing;
use super::registry::Registry;
use super::repository::{RegistryHost, Repository};
use super::subject::Subject;
use super::tags::as_shown;

/// The repositories of a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositoryList {
    /// The repositories, sorted, each once.
    pub repositories: Vec<Repository>,
    /// What the registry calls repositories and are none, sorted, shortened and escaped.
    pub odd: Vec<String>,
}

#[derive(Deserialize)]
struct Page {
    /// As for tags: `null` is none, but it must be there.
    #[serde(deserialize_with = "Option::deserialize")]
    repositories: Option<Vec<Value>>,
}

impl Registry {
    /// Every repository of a registry, as far as it lets us know; `insecure` where it is to
    /// be asked without encryption.
    ///
    /// # Errors
    /// `not-found` and `network-failed` where there is no catalog or it is refused: name
    /// repositories then. `network-refused`: a page leads to another place, or in a circle.
    /// `limit-exceeded`: too many. `source-invalid`: not a listing.
    pub fn catalog(&self, host: &RegistryHost, insecure: bool) -> Result<RepositoryList, RegistryError> {
        let (mut found, mut odd) = (BTreeSet::new(), BTreeSet::new());
        let listing = Listing {
            of: Subject::catalog(host, insecure),
            path: "_catalog?n=1000",
            accept: "application/json",
            wanted: "a list of repositories",
            what: "repositories",
            limit: self.options().limits.max_listed,
        };
        self.list(&listing, |page: Page| {
            for value in page.repositories.unwrap_or_default() {
                match value.as_str().and_then(|name| Repository::new(host.clone(), name, insecure)) {
                    Some(repository) => found.insert(repository),
                    None => odd.insert(as_shown(&value)),
                };
            }
            found.len() + odd.len()
        })?;
        Ok(RepositoryList { repositories: found.into_iter().collect(), odd: odd.into_iter().collect() })
    }
}
