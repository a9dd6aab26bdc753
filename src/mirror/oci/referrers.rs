//! What refers to a manifest: signatures, bills of materials, attestations.
//!
//! Source: OCI distribution specification 1.1, "Listing referrers". A registry without that
//! API answers 404; what pushes to it keeps the same list as an index with the tag
//! `sha256-<digits>`, which [`Registry::manifest_by_tag`] reads.

use serde::Deserialize;
use serde_json::Value;

use super::error::RegistryError;
use super::listing::Listing;
use super::registry::Registry;
use super::repository::Repository;
use super::tag::Tag;
use crate::mirror::FetchError;
use crate::model::Digest;

/// An index, of which the descriptors are looked at.
#[derive(Deserialize)]
struct Page {
    #[serde(deserialize_with = "Option::deserialize")]
    manifests: Option<Vec<Value>>,
}

impl Registry {
    /// The descriptors of what refers to a manifest, as the registry writes them; nothing
    /// where it does not have this API.
    ///
    /// # Errors
    /// As for any listing; no digest vouches for it.
    pub fn referrers(&self, repository: &Repository, digest: &Digest) -> Result<Option<Vec<Value>>, RegistryError> {
        let mut found = Vec::new();
        let listing = Listing {
            of: repository.into(),
            path: &format!("referrers/{digest}"),
            accept: "application/vnd.oci.image.index.v1+json",
            wanted: "a list of referrers",
            what: "referrers",
            limit: self.options().limits.max_listed,
        };
        let read = self.list(&listing, |page: Page| {
            found.extend(page.manifests.unwrap_or_default());
            found.len()
        });
        match read {
            Ok(()) => Ok(Some(found)),
            // 404 is the specification's word; others do not know the path or the method.
            Err(RegistryError::Missing { .. }) => Ok(None),
            Err(RegistryError::Fetch(FetchError::Status { number: 400 | 405 | 501, .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Tag {
    /// The tag of the list of what refers to a manifest, where there is no API for it.
    #[must_use]
    pub fn of_referrers(digest: &Digest) -> Self {
        format!("sha256-{}", digest.hex()).parse().expect("digits and a dash are a tag")
    }
}
