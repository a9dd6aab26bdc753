//! Fetches a URL again only if it changed, by asking its server (RFC 9110, 13.1).

use reqwest::StatusCode;
use reqwest::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};

use super::answer::{Reply, answer};
use super::cache::{Cache, Note};
use super::error::FetchError;
use super::fetch::{Fetched, Fetcher, fetched};
use super::http::Ask;
use super::{FetchOptions, Location, content};
use crate::model::Digest;

impl Fetcher {
    /// Reads `location` whole, from the cache if its server says that it did not change;
    /// nothing if there is none. Local files do not pass through the cache.
    ///
    /// # Errors
    /// As [`fetch_optional`](Self::fetch_optional); `io` also for the cache.
    pub fn fetch_cached(&self, location: &Location, cache: &Cache) -> Result<Option<Fetched>, FetchError> {
        let Some(url) = location.url() else { return self.fetch_optional(location) };
        if self.options().offline {
            return Err(FetchError::Offline { at: location.to_string() });
        }
        let noted = cache.noted(url.as_str())?;
        let headers = noted.as_ref().map(|(note, _)| conditions(note)).unwrap_or_default();
        let reply = self.http().send(location, &Ask { headers, ..Ask::default() })?;
        if let (StatusCode::NOT_MODIFIED, Some((note, raw))) = (reply.status(), noted) {
            let read = self.content(&raw, location)?;
            return Ok(Some(fetched(read, location, Some(reply.at), note.content_type)));
        }
        match self.download(location, url.as_str(), reply, cache) {
            Err(FetchError::Missing { .. }) => Ok(None),
            result => result.map(Some),
        }
    }

    /// Reads an answer, and keeps it if its server can say whether it changed.
    fn download(&self, location: &Location, url: &str, reply: Reply, cache: &Cache) -> Result<Fetched, FetchError> {
        let unkept = reply.header(&CACHE_CONTROL).is_some_and(|text| text.to_ascii_lowercase().contains("no-store"));
        let (etag, last_modified) = (validator(&reply, &ETAG), validator(&reply, &LAST_MODIFIED));
        let content_type = reply.header(&CONTENT_TYPE);
        let mut answer = answer(reply, self.http().options())?;
        let at = answer.final_url.to_string();
        let as_sent = FetchOptions { decompress: false, want_content_hash: false, ..self.options().clone() };
        let raw = content::read(&mut answer.body, answer.size, &at, &as_sent)?;
        if !unkept && (etag.is_some() || last_modified.is_some()) {
            let digest: Digest = raw.sha256_of_raw.parse().expect("it is the hex of a SHA-256");
            cache.put(&digest, &raw.bytes)?;
            cache.note(url, &Note { sha256: raw.sha256_of_raw, etag, last_modified, content_type })?;
        }
        let read = self.content(&raw.bytes, &answer.final_url)?;
        Ok(fetched(read, location, Some(answer.final_url), answer.content_type))
    }

    /// The content of bytes as they were sent.
    fn content(&self, mut raw: &[u8], at: &Location) -> Result<content::Content, FetchError> {
        let size = Some(raw.len() as u64);
        content::read(&mut raw, size, &at.to_string(), self.options())
    }
}

/// A header that says which state of a file this is, word for word.
fn validator(reply: &Reply, name: &HeaderName) -> Option<String> {
    let text = reply.response.headers().get(name)?.to_str().ok()?;
    // A longer one is not worth keeping.
    (text.len() <= 1024).then(|| text.to_owned())
}

/// The headers that ask for a file only if it changed.
fn conditions(note: &Note) -> Vec<(HeaderName, HeaderValue)> {
    let pairs = [(IF_NONE_MATCH, &note.etag), (IF_MODIFIED_SINCE, &note.last_modified)];
    let header =
        |(name, text): (HeaderName, &Option<String>)| Some((name, HeaderValue::from_str(text.as_deref()?).ok()?));
    pairs.into_iter().filter_map(header).collect()
}
