//! The tags of a repository, page by page.

use std::collections::{BTreeSet, HashSet};

use reqwest::header::LINK;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::Value;

use super::error::RegistryError;
use super::link;
use super::registry::Registry;
use super::repository::Repository;
use super::tag::Tag;
use crate::mirror::{page, redact};
use crate::text::shown;

/// How many tags are asked for at once.
const PAGE: usize = 1000;

/// So many pages in a row may bring nothing new; a listing that is filtered has some.
const IDLE_PAGES: usize = 8;

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
        let limits = &self.options().limits;
        let (mut tags, mut odd) = (BTreeSet::new(), BTreeSet::new());
        let first = self.session.url(repository, &format!("tags/list?n={PAGE}"))?;
        let (mut next, mut seen, mut idle) = (Some(first.clone()), HashSet::new(), 0);
        while let Some(url) = next {
            let at = redact::shown_url(&url);
            if seen.len() >= limits.max_pages {
                return Err(RegistryError::Endless { at, limit: limits.max_pages, what: "pages" });
            }
            if !seen.insert(url.clone()) {
                return Err(RegistryError::Paging { at, why: "it leads back to this page".to_owned() });
            }
            let (page, link) = self.page(repository, &url, &at)?;
            let before = tags.len() + odd.len();
            for value in page.tags.unwrap_or_default() {
                match value.as_str().and_then(|text| text.parse().ok()) {
                    Some(tag) => tags.insert(tag),
                    None => odd.insert(as_shown(&value)),
                };
            }
            if tags.len() + odd.len() > limits.max_tags {
                return Err(RegistryError::Endless { at, limit: limits.max_tags, what: "tags" });
            }
            idle = if tags.len() + odd.len() > before { 0 } else { idle + 1 };
            if idle > IDLE_PAGES {
                let why = format!("{idle} pages in a row have no new tag");
                return Err(RegistryError::Paging { at, why });
            }
            next = link.map(|target| follow(&url, &target, &at)).transpose()?;
        }
        Ok(TagList { tags: tags.into_iter().collect(), odd: odd.into_iter().collect() })
    }

    fn page(&self, repository: &Repository, url: &Url, at: &str) -> Result<(Page, Option<String>), RegistryError> {
        let reply = self.session.ask(repository, url, &Method::GET, "application/json")?;
        let links = reply.response.headers().get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let next = links.filter_map(link::next).next().map(str::to_owned);
        let body = self.session.body(reply, self.options().limits.max_page)?;
        if page::looks_like_html(body.content_type.as_deref(), &body.bytes) {
            return Err(RegistryError::WebPage { at: at.to_owned(), line: page::first_line(&body.bytes) });
        }
        let page = serde_json::from_slice(&body.bytes).map_err(|error| RegistryError::Malformed {
            at: at.to_owned(),
            wanted: "a list of tags",
            problem: format!("{}; it begins `{}`", shown(&error.to_string()), page::first_line(&body.bytes)),
        })?;
        Ok((page, next))
    }
}

/// What is no tag, as far as it can be shown.
fn as_shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    shown(&text.chars().take(200).collect::<String>()).to_string()
}

/// The address of the next page: on the same path of the same server.
fn follow(here: &Url, target: &str, at: &str) -> Result<Url, RegistryError> {
    let refused = |why| RegistryError::Paging { at: at.to_owned(), why };
    let next = here.join(target).map_err(|error| refused(format!("its next page has no usable address: {error}")))?;
    if next.origin() != here.origin() || next.path() != here.path() || !next.username().is_empty() {
        let next = redact::shown_refused(next.as_str());
        return Err(refused(format!("its next page is said to be elsewhere, at `{next}`")));
    }
    Ok(next)
}
