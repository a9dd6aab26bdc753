//! Asks registries.
//!
//! Invariants: bytes are checked against the digest that names them before anyone gets
//! them; a digest that the cache has is not asked for; a tag is resolved when it is asked
//! for and never remembered.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{HeaderName, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, StatusCode, Url};

use super::challenge::Challenge;
use super::credential::Credential;
use super::error::RegistryError;
use super::manifest::{self, Manifest};
use super::repository::{RegistryHost, Repository};
use super::tag::Tag;
use super::{realm, token};
use crate::mirror::answer::{Reply, answer};
use crate::mirror::content;
use crate::mirror::http::{Ask, Authorization, Http};
use crate::mirror::{Cache, FetchError, FetchOptions, Hosts, HttpOptions, Location, gate, page};
use crate::model::Digest;

/// One mebibyte, in bytes.
const MIB: u64 = 1 << 20;

/// The header in which a registry says a manifest's digest.
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// How registries are asked.
#[derive(Debug, Clone, Default)]
pub struct RegistryOptions {
    /// Times, and hosts that may have private addresses.
    pub http: HttpOptions,
    /// Registries that are asked without encryption.
    pub insecure: BTreeSet<RegistryHost>,
    /// Hosts of token services that any registry may name, besides its own.
    pub auth_realms: Hosts,
    /// Whether nothing may be asked. What the cache has by its digest is still given.
    pub offline: bool,
    /// The most that is taken.
    pub limits: RegistryLimits,
}

/// The most that is taken of a registry.
#[derive(Debug, Clone)]
pub struct RegistryLimits {
    /// Bytes of a manifest; 4 MiB unless told, what registries take.
    pub max_manifest: u64,
    /// Bytes of a blob, whatever a caller allows; 1 GiB unless told.
    pub max_blob: u64,
    /// Bytes of a page of tags; 32 MiB unless told.
    pub max_page: u64,
    /// Pages of tags; 10 000 unless told.
    pub max_pages: usize,
    /// Tags of a repository; 1 000 000 unless told.
    pub max_tags: usize,
}

impl Default for RegistryLimits {
    fn default() -> Self {
        Self { max_manifest: 4 * MIB, max_blob: 1024 * MIB, max_page: 32 * MIB, max_pages: 10_000, max_tags: 1_000_000 }
    }
}

/// What was asked of registries so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// All requests to registries and token services, without redirects and retries.
    pub requests: u64,
    /// Those for manifests by `GET`.
    pub manifests: u64,
    /// Those for blobs.
    pub blobs: u64,
    /// Those for tokens.
    pub tokens: u64,
}

#[derive(Default)]
struct Counters {
    requests: AtomicU64,
    manifests: AtomicU64,
    blobs: AtomicU64,
    tokens: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Finds the credential for a registry. It is asked once for each host, and only when the
/// registry wants to know who asks.
type Credentials = Box<dyn Fn(&RegistryHost) -> Option<Credential> + Send + Sync>;

/// What a repository lets us in with; locked while it is got, so that it is got once.
type Grant = Arc<Mutex<Option<HeaderValue>>>;

/// A client of registries. It may be shared by threads; it costs nothing until it is asked.
pub struct Registry {
    options: RegistryOptions,
    http: Http,
    cache: Option<Cache>,
    credentials: Credentials,
    found: Mutex<HashMap<RegistryHost, Option<Credential>>>,
    grants: Mutex<HashMap<(RegistryHost, String), Grant>>,
    /// Whether a registry of this machine speaks TLS.
    own: Mutex<HashMap<RegistryHost, bool>>,
    counters: Counters,
}

/// The body of an answer, read whole.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) content_type: Option<String>,
    pub(super) at: String,
}

impl Registry {
    /// A client that keeps to `options`; `credentials` finds out who asks.
    pub fn new(
        options: RegistryOptions,
        credentials: impl Fn(&RegistryHost) -> Option<Credential> + Send + Sync + 'static,
        cache: Option<Cache>,
    ) -> Self {
        Self {
            http: Http::new(options.http.clone()),
            options,
            cache,
            credentials: Box::new(credentials),
            found: Mutex::default(),
            grants: Mutex::default(),
            own: Mutex::default(),
            counters: Counters::default(),
        }
    }

    /// What the client keeps to.
    #[must_use]
    pub fn options(&self) -> &RegistryOptions {
        &self.options
    }

    /// What was asked so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { requests, manifests, blobs, tokens } = &self.counters;
        Traffic { requests: read(requests), manifests: read(manifests), blobs: read(blobs), tokens: read(tokens) }
    }

    /// The digest of the manifest that a tag names now; nothing if there is no such tag.
    ///
    /// # Errors
    /// As for any request; a registry that does not say the digest is asked for the
    /// manifest, see [`manifest_by_tag`](Self::manifest_by_tag).
    pub fn resolve(&self, repository: &Repository, tag: &Tag) -> Result<Option<Digest>, RegistryError> {
        let url = self.url(repository, &format!("manifests/{tag}"))?;
        let reply = self.ask(repository, &url, Method::HEAD, manifest::ACCEPT);
        match reply {
            Ok(reply) => {
                let said = reply.header(&CONTENT_DIGEST).and_then(|text| text.parse().ok());
                match said {
                    Some(digest) => Ok(Some(digest)),
                    None => Ok(self.manifest_by_tag(repository, tag)?.map(|manifest| manifest.digest)),
                }
            }
            Err(RegistryError::Missing { .. }) => Ok(None),
            Err(RegistryError::Fetch(FetchError::Status { number: 405, .. })) => {
                Ok(self.manifest_by_tag(repository, tag)?.map(|manifest| manifest.digest))
            }
            Err(error) => Err(error),
        }
    }

    /// The manifest with this digest, from the cache if it is there.
    ///
    /// # Errors
    /// `not-found`: there is none. `source-hash-mismatch`: its bytes have another digest.
    /// `source-invalid`: no manifest. `limit-exceeded`: too large. Others as for any
    /// request.
    pub fn manifest(&self, repository: &Repository, digest: &Digest) -> Result<Manifest, RegistryError> {
        if let Some(bytes) = self.cached(digest, self.options.limits.max_manifest)? {
            return Manifest::new(*digest, bytes, &repository.address(digest));
        }
        let body = self.get_manifest(repository, &digest.to_string())?;
        self.check(&body, digest)?;
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

    /// The blob with this digest, of at most `max` bytes, from the cache if it is there.
    ///
    /// # Errors
    /// `not-found`: there is none. `source-hash-mismatch`: its bytes have another digest.
    /// `source-invalid`: a web page came instead. `limit-exceeded`: it is larger. Others as
    /// for any request.
    pub fn blob(&self, repository: &Repository, digest: &Digest, max: u64) -> Result<Vec<u8>, RegistryError> {
        let max = max.min(self.options.limits.max_blob);
        if let Some(bytes) = self.cached(digest, max)? {
            return Ok(bytes);
        }
        count(&self.counters.blobs);
        let url = self.url(repository, &format!("blobs/{digest}"))?;
        let reply = self.ask(repository, &url, Method::GET, "*/*")?;
        let body = self.body(reply, max)?;
        self.check(&body, digest)?;
        self.keep(digest, &body.bytes)?;
        Ok(body.bytes)
    }

    /// A manifest's bytes, of which the digest that the registry says is checked.
    fn get_manifest(&self, repository: &Repository, reference: &str) -> Result<Body, RegistryError> {
        count(&self.counters.manifests);
        let url = self.url(repository, &format!("manifests/{reference}"))?;
        let reply = self.ask(repository, &url, Method::GET, manifest::ACCEPT)?;
        let said: Option<Digest> = reply.header(&CONTENT_DIGEST).and_then(|text| text.parse().ok());
        let body = self.body(reply, self.options.limits.max_manifest)?;
        if page::looks_like_html(body.content_type.as_deref(), &body.bytes) {
            return Err(RegistryError::WebPage { at: body.at, line: page::first_line(&body.bytes) });
        }
        if !manifest::is_manifest_type(body.content_type.as_deref()) {
            let line = page::first_line(&body.bytes);
            let kind = body.content_type.unwrap_or_default();
            let problem = format!("its type is `{kind}`, and it begins `{line}`");
            return Err(RegistryError::Malformed { at: body.at, wanted: "a manifest", problem });
        }
        if let Some(said) = said {
            self.check(&body, &said)?;
        }
        Ok(body)
    }

    fn cached(&self, digest: &Digest, max: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        let Some(cache) = &self.cache else { return Ok(None) };
        match cache.get(digest)? {
            Some(bytes) if bytes.len() as u64 > max => {
                let (at, what, met) = (digest.to_string(), crate::mirror::Limit::Raw, bytes.len() as u64);
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

    fn check(&self, body: &Body, expected: &Digest) -> Result<(), RegistryError> {
        if body.digest == *expected {
            return Ok(());
        }
        let at = body.at.clone();
        if page::looks_like_html(body.content_type.as_deref(), &body.bytes) {
            return Err(RegistryError::WebPage { at, line: page::first_line(&body.bytes) });
        }
        Err(RegistryError::Mismatch { at, expected: *expected, found: body.digest })
    }

    /// The address of something in a repository.
    pub(super) fn url(&self, repository: &Repository, path: &str) -> Result<Url, RegistryError> {
        let host = repository.host();
        let scheme = if self.is_plain(repository)? { "http" } else { "https" };
        let text = format!("{scheme}://{}/v2/{}/{path}", host.of_api(), repository.name());
        Ok(Url::parse(&text).expect("hosts, names and tags are parts of URLs"))
    }

    /// Whether a repository's registry is asked without encryption: if that was said, or
    /// if it is on this machine and speaks no TLS.
    fn is_plain(&self, repository: &Repository) -> Result<bool, RegistryError> {
        let host = repository.host();
        if repository.is_insecure() || self.options.insecure.contains(host) {
            return Ok(true);
        }
        if !gate::is_own(host.name()) || self.options.offline {
            return Ok(false);
        }
        let mut own = lock(&self.own);
        if let Some(tls) = own.get(host) {
            return Ok(!tls);
        }
        let address = format!("https://{host}/v2/").parse::<Location>().map_err(FetchError::from)?;
        let ask = Ask { method: Method::HEAD, follow: false, again: false, ..Ask::default() };
        count(&self.counters.requests);
        let tls = match self.http.send(&address, &ask) {
            Ok(_) => true,
            Err(error @ FetchError::Refused { .. }) => return Err(error.into()),
            // It speaks TLS, though not as it should: no reason to do without.
            Err(FetchError::Network { problem, .. }) => problem.contains("certificate"),
            Err(_) => false,
        };
        own.insert(host.clone(), tls);
        Ok(!tls)
    }

    /// Asks for something in a repository, and proves who asks if that is wanted. Gives
    /// what came with a status of success.
    pub(super) fn ask(
        &self,
        repository: &Repository,
        url: &Url,
        method: Method,
        accept: &str,
    ) -> Result<Reply, RegistryError> {
        let location = Location::from_redirect(url.clone()).map_err(FetchError::from)?;
        if self.options.offline {
            return Err(FetchError::Offline { at: location.to_string() }.into());
        }
        let grant = self.grant(repository);
        let held = lock(&grant).clone();
        let send = |value: Option<HeaderValue>| {
            count(&self.counters.requests);
            let below = format!("/v2/{}/", repository.name());
            let authorization = value.map(|value| Authorization { value, below: &below });
            let plain = url.scheme() == "http";
            self.http.send(&location, &Ask { method: method.clone(), accept, authorization, plain, ..Ask::default() })
        };
        let reply = send(held.clone())?;
        // Only the registry itself may ask who we are, not where it redirects to.
        let is_registry = reply.at.url().is_some_and(|at| at.origin() == url.origin());
        if reply.status() != StatusCode::UNAUTHORIZED || !is_registry {
            return judged(reply);
        }
        match self.renew(repository, &grant, held.as_ref(), url, &reply)? {
            Some(value) => judged(send(Some(value))?),
            None => judged(reply),
        }
    }

    fn grant(&self, repository: &Repository) -> Grant {
        let key = (repository.host().clone(), repository.name().to_owned());
        lock(&self.grants).entry(key).or_default().clone()
    }

    /// What lets us in after `reply` did not, in the place of `held`.
    fn renew(
        &self,
        repository: &Repository,
        grant: &Grant,
        held: Option<&HeaderValue>,
        url: &Url,
        reply: &Reply,
    ) -> Result<Option<HeaderValue>, RegistryError> {
        let mut grant = lock(grant);
        if grant.as_ref() != held {
            // Another thread has got it meanwhile.
            return Ok(grant.clone());
        }
        let values = reply.response.headers().get_all(WWW_AUTHENTICATE);
        let challenge = Challenge::parse(values.iter().filter_map(|value| value.to_str().ok()));
        let credential = self.credential(repository.host());
        *grant = match (challenge, &credential) {
            (Some(_), Some(Credential::Bearer(token))) => token::bearer(token.reveal()),
            (Some(Challenge::Bearer { realm, service }), _) => {
                let admitted = realm::admitted(&realm, url, &self.options.auth_realms);
                let realm = admitted.map_err(|why| RegistryError::Realm {
                    at: reply.at.to_string(),
                    realm: crate::mirror::redact::shown_refused(&realm.chars().take(200).collect::<String>()),
                    why,
                })?;
                let plain = url.scheme() == "http";
                let (service, repository) = (service.as_deref(), repository.name());
                let question = token::Question { realm: &realm, service, repository, plain };
                count(&self.counters.requests);
                count(&self.counters.tokens);
                Some(token::fetch(&self.http, &question, credential.as_ref())?)
            }
            (Some(Challenge::Basic), Some(Credential::Password { username, password })) => {
                token::basic(username.reveal(), password.reveal())
            }
            (Some(Challenge::Basic), _) | (None, _) => None,
        };
        Ok(grant.clone())
    }

    fn credential(&self, host: &RegistryHost) -> Option<Credential> {
        let mut found = lock(&self.found);
        found.entry(host.clone()).or_insert_with(|| (self.credentials)(host)).clone()
    }

    /// Reads an answer's body of at most `max` bytes.
    pub(super) fn body(&self, reply: Reply, max: u64) -> Result<Body, RegistryError> {
        let mut answer = answer(reply, self.http.options())?;
        let at = answer.final_url.to_string();
        let mut options = FetchOptions { decompress: false, want_content_hash: false, ..FetchOptions::default() };
        options.limits.max_raw = max;
        options.limits.max_content = max;
        let content = content::read(&mut answer.body, answer.size, &at, &options)?;
        let digest = content.sha256_of_raw.parse().expect("it is the hex of a SHA-256");
        Ok(Body { bytes: content.bytes, digest, content_type: answer.content_type, at })
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("options", &self.options).field("cache", &self.cache).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the status of an answer means.
fn judged(reply: Reply) -> Result<Reply, RegistryError> {
    let at = reply.at.to_string();
    match reply.status() {
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(RegistryError::Missing { at, said: String::new() }),
        status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            Err(RegistryError::Denied { at, why: status.to_string() })
        }
        _ => match reply.check_status() {
            Ok(()) => Ok(reply),
            Err(error) => Err(error.into()),
        },
    }
}

/// What is wrong with a JSON text, with its first line.
pub(super) fn json_problem(error: &serde_json::Error, bytes: &[u8]) -> String {
    format!("{}; it begins `{}`", crate::text::shown(&error.to_string()), page::first_line(bytes))
}
