//! Reads repositories.
//!
//! Invariants: bytes are checked against the digest that names them before anyone gets
//! them; a digest that the cache has is not asked for; what a tag names is always asked for
//! (that it named something before only decides how).

use std::fmt;

use reqwest::Method;
use reqwest::header::HeaderName;

use super::credential::Credential;
use super::error::RegistryError;
use super::manifest::{self, Manifest};
use super::options::RegistryOptions;
use super::repository::{RegistryHost, Repository};
use super::session::{Body, Session};
use super::tag::Tag;
use super::traffic::Traffic;
use crate::mirror::cache::Note;
use crate::mirror::{Cache, FetchError, Limit, page};
use crate::model::Digest;

/// The header in which a registry says a manifest's digest.
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// A client of registries. It may be shared by threads; it costs nothing until it is asked.
pub struct Registry {
    pub(super) session: Session,
    pub(super) cache: Option<Cache>,
}

impl Registry {
    /// A client that keeps to `options` and keeps manifests and blobs in `cache`. When a
    /// registry wants to know who asks, `credentials` is asked, once for each host.
    pub fn new(
        options: RegistryOptions,
        credentials: impl Fn(&RegistryHost) -> Option<Credential> + Send + Sync + 'static,
        cache: Option<Cache>,
    ) -> Self {
        Self { session: Session::new(options, Box::new(credentials)), cache }
    }

    /// What the client keeps to.
    #[must_use]
    pub fn options(&self) -> &RegistryOptions {
        &self.session.options
    }

    /// What was asked so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.session.counters.traffic()
    }

    /// The digest of the manifest that a tag names now; nothing if there is no such tag.
    ///
    /// # Errors
    /// As for any request; a registry that does not say the digest is asked for the
    /// manifest, see [`manifest_by_tag`](Self::manifest_by_tag).
    pub fn resolve(&self, repository: &Repository, tag: &Tag) -> Result<Option<Digest>, RegistryError> {
        let url = self.session.url(repository, &format!("manifests/{tag}"))?;
        let said = match self.session.ask(repository, &url, &Method::HEAD, manifest::ACCEPT) {
            Ok(reply) => reply.header(&CONTENT_DIGEST).and_then(|text| text.parse().ok()),
            Err(RegistryError::Missing { .. }) => return Ok(None),
            // It does not know this method.
            Err(RegistryError::Fetch(FetchError::Status { number: 405 | 501, .. })) => None,
            Err(error) => return Err(error),
        };
        match said {
            Some(digest) => Ok(Some(digest)),
            None => Ok(self.manifest_by_tag(repository, tag)?.map(|manifest| manifest.digest)),
        }
    }

    /// The manifest with this digest, from the cache if it is there.
    ///
    /// # Errors
    /// `not-found`: there is none. `source-hash-mismatch`: its bytes have another digest.
    /// `source-invalid`: no manifest. `limit-exceeded`: too large. Others as for any
    /// request.
    pub fn manifest(&self, repository: &Repository, digest: &Digest) -> Result<Manifest, RegistryError> {
        if let Some(bytes) = self.cached(digest, self.options().limits.max_manifest)? {
            return Manifest::new(*digest, bytes, &repository.address(digest));
        }
        let body = self.get_manifest(repository, &digest.to_string())?;
        check(&body, digest)?;
        self.keep(digest, &body.bytes)?;
        Manifest::new(*digest, body.bytes, &body.at)
    }

    /// The manifest that a tag names now, in one request; nothing if there is no such tag.
    ///
    /// # Errors
    /// As [`manifest`](Self::manifest); the digest is compared with what the registry says
    /// that it is, if it says so.
    pub fn manifest_by_tag(&self, repository: &Repository, tag: &Tag) -> Result<Option<Manifest>, RegistryError> {
        let body = match self.get_manifest(repository, tag.as_str()) {
            Ok(body) => body,
            Err(RegistryError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.keep(&body.digest, &body.bytes)?;
        Manifest::new(body.digest, body.bytes, &body.at).map(Some)
    }

    /// The manifest that a tag names now, with as few requests as can be; nothing if there
    /// is no such tag. One request where the tag is new to the cache, or is what it was.
    ///
    /// # Errors
    /// As [`manifest`](Self::manifest).
    pub fn current(&self, repository: &Repository, tag: &Tag) -> Result<Option<Manifest>, RegistryError> {
        let Some(cache) = &self.cache else { return self.manifest_by_tag(repository, tag) };
        let name = format!("{repository}:{tag}");
        let was = cache.noted(&name)?.map(|(note, _)| note.sha256);
        let found = match &was {
            // A registry may count what it gives, but not what it only names.
            Some(_) => match self.resolve(repository, tag)? {
                Some(digest) => Some(self.manifest(repository, &digest)?),
                None => None,
            },
            None => self.manifest_by_tag(repository, tag)?,
        };
        if let Some(manifest) = found.as_ref().filter(|manifest| was.as_ref() != Some(&manifest.digest.hex())) {
            cache.note(&name, &Note::of_bytes(&manifest.digest))?;
        }
        Ok(found)
    }

    /// The blob with this digest, of at most `max` bytes, from the cache if it is there.
    ///
    /// # Errors
    /// `not-found`: there is none. `source-hash-mismatch`: its bytes have another digest.
    /// `source-invalid`: a web page came instead. `limit-exceeded`: it is larger. Others as
    /// for any request.
    pub fn blob(&self, repository: &Repository, digest: &Digest, max: u64) -> Result<Vec<u8>, RegistryError> {
        let max = max.min(self.options().limits.max_blob);
        if let Some(bytes) = self.cached(digest, max)? {
            return Ok(bytes);
        }
        self.session.counters.blobs.count();
        let url = self.session.url(repository, &format!("blobs/{digest}"))?;
        let reply = self.session.ask(repository, &url, &Method::GET, "*/*")?;
        let body = self.session.body(reply, max)?;
        check(&body, digest)?;
        self.keep(digest, &body.bytes)?;
        Ok(body.bytes)
    }

    /// A manifest's bytes, of which the digest that the registry says is checked.
    fn get_manifest(&self, repository: &Repository, reference: &str) -> Result<Body, RegistryError> {
        self.session.counters.manifests.count();
        let url = self.session.url(repository, &format!("manifests/{reference}"))?;
        let reply = self.session.ask(repository, &url, &Method::GET, manifest::ACCEPT)?;
        let said: Option<Digest> = reply.header(&CONTENT_DIGEST).and_then(|text| text.parse().ok());
        let body = self.session.body(reply, self.options().limits.max_manifest)?;
        if is_page(&body) {
            return Err(RegistryError::WebPage { at: body.at, line: page::first_line(&body.bytes) });
        }
        if !manifest::is_manifest_type(body.content_type.as_deref()) {
            let line = page::first_line(&body.bytes);
            let kind = body.content_type.unwrap_or_default();
            let problem = format!("its type is `{kind}`, and it begins `{line}`");
            return Err(RegistryError::Malformed { at: body.at, wanted: "a manifest", problem });
        }
        if let Some(said) = said {
            check(&body, &said)?;
        }
        Ok(body)
    }

    fn cached(&self, digest: &Digest, max: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        let Some(cache) = &self.cache else { return Ok(None) };
        match cache.get(digest)? {
            Some(bytes) if bytes.len() as u64 > max => {
                let (at, what, met) = (digest.to_string(), Limit::Raw, bytes.len() as u64);
                Err(FetchError::TooLarge { at, what, limit: max, met }.into())
            }
            found => Ok(found),
        }
    }

    fn keep(&self, digest: &Digest, bytes: &[u8]) -> Result<(), RegistryError> {
        if let Some(cache) = &self.cache {
            cache.put(digest, bytes)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.session.options;
        f.debug_struct("Registry").field("options", options).field("cache", &self.cache).finish_non_exhaustive()
    }
}

fn is_page(body: &Body) -> bool {
    page::looks_like_html(body.content_type.as_deref(), &body.bytes)
}

/// Fails unless a body has this digest.
fn check(body: &Body, expected: &Digest) -> Result<(), RegistryError> {
    if body.digest == *expected {
        return Ok(());
    }
    let at = body.at.clone();
    if is_page(body) {
        return Err(RegistryError::WebPage { at, line: page::first_line(&body.bytes) });
    }
    Err(RegistryError::Mismatch { at, expected: *expected, found: body.digest })
}
