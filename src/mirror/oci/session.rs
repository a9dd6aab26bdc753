//! Requests to registries, and the proof of who asks.
//!
//! A registry is first asked without any proof. If it wants one, it says which; what was
//! got for a repository is used again for that repository and for no other, for as long as
//! the session lasts, and renewed when it is refused, once for a request. It is kept in
//! memory only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::header::{HeaderValue, RANGE, WWW_AUTHENTICATE};
use reqwest::{Method, StatusCode, Url};

use super::challenge::Challenge;
use super::credential::Credential;
use super::error::RegistryError;
use super::options::RegistryOptions;
use super::refused::judged;
use super::repository::RegistryHost;
use super::subject::Subject;
use super::traffic::Counters;
use super::{realm, token};
use crate::mirror::answer::{Reply, answer};
use crate::mirror::http::{Ask, Http};
use crate::mirror::{FetchError, FetchOptions, Location, content, gate, redact};
use crate::model::Digest;

/// Finds the credential for a registry. It is asked once for each host, and only when the
/// registry wants to know who asks.
pub(super) type Credentials = Box<dyn Fn(&RegistryHost) -> Option<Credential> + Send + Sync>;

/// What a repository lets us in with; locked while it is got, so that it is got once.
type Grant = Arc<Mutex<Option<HeaderValue>>>;

/// What asks registries.
pub(super) struct Session {
    pub(super) options: RegistryOptions,
    pub(super) counters: Counters,
    http: Http,
    credentials: Credentials,
    found: Mutex<HashMap<RegistryHost, Option<Credential>>>,
    grants: Mutex<HashMap<(RegistryHost, String), Grant>>,
    /// Whether a registry of this machine speaks TLS.
    own: Mutex<HashMap<RegistryHost, bool>>,
}

/// The body of an answer, read whole.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) content_type: Option<String>,
    pub(super) at: String,
}

impl Session {
    pub(super) fn new(options: RegistryOptions, credentials: Credentials) -> Self {
        Self {
            http: Http::new(options.http.clone()),
            options,
            credentials,
            counters: Counters::default(),
            found: Mutex::default(),
            grants: Mutex::default(),
            own: Mutex::default(),
        }
    }

    /// The address of something in a repository.
    pub(super) fn url<'r>(&self, of: impl Into<Subject<'r>>, path: &str) -> Result<Url, RegistryError> {
        let of = of.into();
        let scheme = if self.is_plain(of)? { "http" } else { "https" };
        let text = format!("{scheme}://{}/v2/{}{path}", of.host.of_api(), of.folder());
        Url::parse(&text).map_err(|error| {
            let problem = format!("the registry has no usable address: {error}");
            FetchError::Network { at: of.to_string(), problem }.into()
        })
    }

    /// Whether a repository's registry is asked without encryption: if that was said, or
    /// if it is on this machine and speaks no TLS.
    fn is_plain(&self, of: Subject<'_>) -> Result<bool, RegistryError> {
        let host = of.host;
        if of.insecure || self.options.insecure.contains(host) {
            return Ok(true);
        }
        if !gate::is_own(host.name()) || self.options.offline {
            return Ok(false);
        }
        let mut own = lock(&self.own);
        if let Some(tls) = own.get(host) {
            return Ok(!tls);
        }
        let tls = self.speaks_tls(host)?;
        own.insert(host.clone(), tls);
        Ok(!tls)
    }

    fn speaks_tls(&self, host: &RegistryHost) -> Result<bool, RegistryError> {
        let address = format!("https://{host}/v2/").parse::<Location>().map_err(FetchError::from)?;
        let ask = Ask { method: Method::HEAD, follow: false, again: false, ..Ask::default() };
        self.counters.requests.count();
        match self.http.send(&address, &ask) {
            Ok(_) => Ok(true),
            Err(error @ FetchError::Refused { .. }) => Err(error.into()),
            // It speaks TLS, though not as it should: no reason to do without.
            Err(FetchError::Network { problem, .. }) => Ok(problem.contains("certificate")),
            Err(_) => Ok(false),
        }
    }

    /// Asks for something in a repository, and proves who asks if that is wanted. Gives
    /// what came with a status of success.
    pub(super) fn ask<'r>(
        &self,
        of: impl Into<Subject<'r>>,
        url: &Url,
        method: &Method,
        accept: &str,
    ) -> Result<Reply, RegistryError> {
        self.ask_part(of.into(), url, method, accept, None)
    }

    /// As [`ask`](Self::ask), for the bytes of a header `Range`: a part is a success too.
    pub(super) fn ask_part(
        &self,
        of: Subject<'_>,
        url: &Url,
        method: &Method,
        accept: &str,
        range: Option<&HeaderValue>,
    ) -> Result<Reply, RegistryError> {
        let location = Location::from_redirect(url.clone()).map_err(FetchError::from)?;
        if self.options.offline {
            return Err(FetchError::Offline { at: location.to_string() }.into());
        }
        let send = |authorization: Option<HeaderValue>| {
            self.counters.requests.count();
            let plain = url.scheme() == "http";
            let headers = range.map(|range| (RANGE, range.clone())).into_iter().collect();
            let ask = Ask { method: method.clone(), accept, authorization, headers, plain, ..Ask::default() };
            self.http.send(&location, &ask)
        };
        let judged = |reply: Reply, why: &str, http: &_| match reply.status() {
            StatusCode::PARTIAL_CONTENT if range.is_some() => Ok(reply),
            _ => judged(reply, why, http),
        };
        let (http, grant) = (self.http.options(), self.grant(of));
        let held = lock(&grant).clone();
        let reply = send(held.clone())?;
        // Only the registry itself may want to know who asks, not where it redirects to.
        if reply.status() != StatusCode::UNAUTHORIZED || reply.at != location {
            return judged(reply, "", http);
        }
        match self.renewed(of, &grant, held.as_ref(), url, &reply)? {
            Ok(value) => judged(send(Some(value))?, ", though we said who asks", http),
            Err(why) => judged(reply, why, http),
        }
    }

    fn grant(&self, of: Subject<'_>) -> Grant {
        let key = (of.host.clone(), of.scope());
        lock(&self.grants).entry(key).or_default().clone()
    }

    /// What may let us in after `reply` did not, in the place of `held`; or why there is
    /// nothing, in words.
    fn renewed(
        &self,
        of: Subject<'_>,
        grant: &Grant,
        held: Option<&HeaderValue>,
        url: &Url,
        reply: &Reply,
    ) -> Result<Result<HeaderValue, &'static str>, RegistryError> {
        let mut grant = lock(grant);
        if let Some(other) = grant.as_ref().filter(|now| Some(*now) != held) {
            // Another thread has got it meanwhile.
            return Ok(Ok(other.clone()));
        }
        let values = reply.response.headers().get_all(WWW_AUTHENTICATE);
        let challenge = Challenge::parse(values.iter().filter_map(|value| value.to_str().ok()));
        let credential = self.credential(of.host);
        let value = match (challenge, &credential) {
            (None, _) => return Ok(Err(", and does not say how to prove who asks")),
            (Some(_), Some(Credential::Bearer(token))) => token::bearer(token.reveal()),
            (Some(Challenge::Bearer { realm, service }), _) => {
                let at = &reply.at;
                Some(self.token(of, &realm, service.as_deref(), url, at, credential.as_ref())?)
            }
            (Some(Challenge::Basic), Some(Credential::Password { username, password })) => {
                token::basic(username.reveal(), password.reveal())
            }
            (Some(Challenge::Basic), None) => return Ok(Err(", and there are no credentials for it")),
            (Some(Challenge::Basic), Some(Credential::Identity(_))) => {
                return Ok(Err(", and there is only an identity token for it, where it wants a password"));
            }
        };
        grant.clone_from(&value);
        Ok(value.ok_or(", and the credentials for it hold what no header can"))
    }

    /// Gets a token for reading a repository or a catalog, from the token service that its registry
    /// names.
    fn token(
        &self,
        of: Subject<'_>,
        realm: &str,
        service: Option<&str>,
        url: &Url,
        at: &Location,
        credential: Option<&Credential>,
    ) -> Result<HeaderValue, RegistryError> {
        let realm = realm::admitted(realm, url, &self.options.auth_realms).map_err(|why| {
            let start: String = realm.chars().take(200).collect();
            RegistryError::Realm { at: at.to_string(), realm: redact::shown_refused(&start), why }
        })?;
        let plain = url.scheme() == "http";
        let scope = of.scope();
        let question = token::Question { realm: &realm, service, scope: &scope, plain };
        self.counters.requests.count();
        self.counters.tokens.count();
        token::fetch(&self.http, &question, credential)
    }

    fn credential(&self, host: &RegistryHost) -> Option<Credential> {
        let mut found = lock(&self.found);
        found.entry(host.clone()).or_insert_with(|| (self.credentials)(host)).clone()
    }

    /// How a body is waited for.
    pub(super) fn http(&self) -> &crate::mirror::HttpOptions {
        self.http.options()
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
