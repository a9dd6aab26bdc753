//! The tags of a repository.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::error::RegistryError;
use super::listing::Listing;
use super::registry::Registry;
use super::repository::Repository;
use super::tag::Tag;
use crate::text::shown;

/// The tags of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagList {
    /// The tags, sorted, each once.
    pub tags: Vec<Tag>,
    /// What the registry calls tags and are none, sorted, shortened and escaped.
    pub odd: Vec<String>,
}

/// A page of a listing (OCI distribution specification 1.1, "Listing tags").
#[derive(Deserialize)]
struct Page {
    /// Some registries write `null` for none; but where it is absent, this is no listing.
    #[serde(deserialize_with = "Option::deserialize")]
    tags: Option<Vec<Value>>,
}

impl Registry {
    /// Every tag of a repository. Needs no catalog of the registry.
    ///
    /// # Errors
    /// `not-found`: no such repository. `network-refused`: a page leads to another place,
    /// or in a circle. `limit-exceeded`: too many pages or tags. `source-invalid`: not a
    /// listing. Others as for any request.
    pub fn tags(&self, repository: &Repository) -> Result<TagList, RegistryError> {
        let (mut tags, mut odd) = (BTreeSet::new(), BTreeSet::new());
        let listing = Listing {
            of: repository.into(),
            path: "tags/list?n=1000",
            accept: "application/json",
            wanted: "a list of tags",
            what: "tags",
            limit: self.options().limits.max_tags,
        };
        self.list(&listing, |page: Page| {
            for value in page.tags.unwrap_or_default() {
                match value.as_str().and_then(|text| text.parse().ok()) {
                    Some(tag) => tags.insert(tag),
                    None => odd.insert(as_shown(&value)),
                };
            }
            tags.len() + odd.len()
        })?;
        Ok(TagList { tags: tags.into_iter().collect(), odd: odd.into_iter().collect() })
    }
}

/// What is not what a listing should have, as far as it can be shown.
pub(super) fn as_shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    shown(&text.chars().take(200).collect::<String>()).to_string()
}
