//! Listings, page by page: of tags, of repositories, of referrers.
//!
//! Invariants: a page is followed only to the same path of the same server, never twice,
//! and at most so often; pages in a row that bring nothing new end it.

use std::collections::HashSet;

use reqwest::header::LINK;
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;

use super::error::RegistryError;
use super::link;
use super::registry::Registry;
use super::subject::Subject;
use crate::mirror::{page, redact};
use crate::text::shown;

/// So many pages in a row may bring nothing new; a listing that is filtered has some.
const IDLE_PAGES: usize = 8;

/// What is listed.
pub(super) struct Listing<'r> {
    pub(super) of: Subject<'r>,
    /// The first page, below what it is of.
    pub(super) path: &'r str,
    pub(super) accept: &'r str,
    /// What a page is, for errors.
    pub(super) wanted: &'static str,
    /// What is counted, and the most of it that is taken.
    pub(super) what: &'static str,
    pub(super) limit: usize,
}

impl Registry {
    /// Reads every page. `take` takes a page's content and says how many there are then.
    pub(super) fn list<P: DeserializeOwned>(
        &self,
        listing: &Listing<'_>,
        mut take: impl FnMut(P) -> usize,
    ) -> Result<(), RegistryError> {
        let max_pages = self.options().limits.max_pages;
        let first = self.session.url(listing.of, listing.path)?;
        let (mut next, mut seen, mut idle, mut before) = (Some(first), HashSet::new(), 0, 0);
        while let Some(url) = next {
            let at = redact::shown_url(&url);
            if seen.len() >= max_pages {
                return Err(RegistryError::Endless { at, limit: max_pages, what: "pages" });
            }
            if !seen.insert(url.clone()) {
                return Err(RegistryError::Paging { at, why: "it leads back to this page".to_owned() });
            }
            let (page, link) = self.page(listing, &url, &at)?;
            let count = take(page);
            if count > listing.limit {
                return Err(RegistryError::Endless { at, limit: listing.limit, what: listing.what });
            }
            idle = if count > before { 0 } else { idle + 1 };
            before = count;
            if idle > IDLE_PAGES {
                let why = format!("{idle} pages in a row have nothing new");
                return Err(RegistryError::Paging { at, why });
            }
            next = link.map(|target| follow(&url, &target, &at)).transpose()?;
        }
        Ok(())
    }

    fn page<P: DeserializeOwned>(
        &self,
        listing: &Listing<'_>,
        url: &Url,
        at: &str,
    ) -> Result<(P, Option<String>), RegistryError> {
        let reply = self.session.ask(listing.of, url, &Method::GET, listing.accept)?;
        let links = reply.response.headers().get_all(LINK).iter().filter_map(|value| value.to_str().ok());
        let next = links.filter_map(link::next).next().map(str::to_owned);
        let body = self.session.body(reply, self.options().limits.max_page)?;
        if page::looks_like_html(body.content_type.as_deref(), &body.bytes) {
            return Err(RegistryError::WebPage { at: at.to_owned(), line: page::first_line(&body.bytes) });
        }
        let page = serde_json::from_slice(&body.bytes).map_err(|error| RegistryError::Malformed {
            at: at.to_owned(),
            wanted: listing.wanted,
            problem: format!("{}; it begins `{}`", shown(&error.to_string()), page::first_line(&body.bytes)),
        })?;
        Ok((page, next))
    }
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
