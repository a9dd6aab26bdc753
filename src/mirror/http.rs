//! Asks servers, with bounded patience.
//!
//! Redirects and retries are made here and not by the client library, so that every hop
//! passes the gate. Nothing that identifies the user is sent (no cookies, no referrer) but
//! the authorization that a caller gives, and that only to the one address that it is for.
//! The library's client (TLS state, a thread) is built at the first request that needs it,
//! and one without certificates serves plain `http`.
//!
//! Time is only measured (`Instant`), never told. Must not be called from inside an
//! asynchronous runtime, where the blocking client panics.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode, Url};

use super::answer::{Reply, chain, header};
use super::dns::Pinned;
use super::error::FetchError;
use super::gate;
use super::location::Location;
use super::options::HttpOptions;
use super::redact::shown_url;
use super::redirect::next_hop;

/// What is asked of a server, besides the address. It may hold secrets, so it is not shown.
pub(super) struct Ask<'a> {
    /// `GET`, `HEAD` or `POST`.
    pub(super) method: Method,
    /// The value of `Accept`.
    pub(super) accept: &'a str,
    /// The value of `Authorization`, marked as sensitive: who asks, if the server is to
    /// know. It is for the address that is asked first, and goes nowhere else: no redirect
    /// takes it along, be it to the same host.
    pub(super) authorization: Option<HeaderValue>,
    /// Further headers, the same for every hop.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Headers for the address that is asked first, and for no redirect: what it said once
    /// of what it has, and means nothing to another.
    pub(super) conditions: Vec<(HeaderName, HeaderValue)>,
    /// The fields of a form, encoded; the body of a `POST`.
    pub(super) form: Option<String>,
    /// Whether redirects are followed. What has a secret in its body must not be.
    pub(super) follow: bool,
    /// Whether plain `http` is allowed to the origin that is asked first.
    pub(super) plain: bool,
    /// Whether the address is asked again when that may help.
    pub(super) again: bool,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        Self {
            method: Method::GET,
            accept: "*/*",
            authorization: None,
            headers: Vec::new(),
            conditions: Vec::new(),
            form: None,
            follow: true,
            plain: false,
            again: true,
        }
    }
}

/// What is for the address that is asked first only.
#[derive(Clone, Copy, Default)]
struct First<'a> {
    authorization: Option<&'a HeaderValue>,
    conditions: &'a [(HeaderName, HeaderValue)],
}

/// A client for as many requests as a caller has; connections are used again.
#[derive(Debug, Default)]
pub(super) struct Http {
    options: HttpOptions,
    pins: Pinned,
    plain: Mutex<Option<Client>>,
    tls: Mutex<Option<Client>>,
}

impl Http {
    /// A client that keeps to `options`.
    pub(super) fn new(options: HttpOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// What the client keeps to.
    pub(super) fn options(&self) -> &HttpOptions {
        &self.options
    }

    /// Asks for `location`, following redirects, up to the head of the last answer,
    /// whatever its status is.
    pub(super) fn send(&self, location: &Location, ask: &Ask<'_>) -> Result<Reply, FetchError> {
        let (options, start) = (&self.options, Instant::now());
        let mut first = First { authorization: ask.authorization.as_ref(), conditions: &ask.conditions };
        let (mut hop, mut exposed) = (location.clone(), false);
        for _ in 0..=options.max_redirects {
            let Some(url) = hop.url() else {
                return Err(FetchError::Missing { at: hop.to_string() });
            };
            let limit = options.request_timeout;
            if start.elapsed() >= limit {
                let (at, received) = (hop.to_string(), 0);
                return Err(FetchError::Overdue { at, limit, received });
            }
            let plain = ask.plain && location.url().is_some_and(|first| first.origin() == url.origin());
            gate::admit(url, plain, options, &self.pins)?;
            exposed |= url.scheme() != "https"
                && (options.proxy.is_some() || !gate::is_own(url.host_str().unwrap_or_default()));
            let response = self.ask(url, ask, std::mem::take(&mut first), start)?;
            let Some(next) = next_hop(url, &response)?.filter(|_| ask.follow) else {
                return Ok(Reply { response, at: hop, exposed, start });
            };
            hop = next;
        }
        Err(FetchError::Redirects { at: location.to_string(), limit: options.max_redirects })
    }

    /// Asks once, and again while that may help.
    fn ask(&self, url: &Url, ask: &Ask<'_>, first: First<'_>, start: Instant) -> Result<Response, FetchError> {
        let options = &self.options;
        let client = self.client(url)?;
        let mut pause = options.backoff;
        let mut tried = 1;
        loop {
            let result = request(&client, url, ask, first).send();
            let wait = match &result {
                Ok(response) => wait_for_status(response, pause, options),
                Err(error) => may_help_again(error).then_some(pause),
            };
            let left = options.request_timeout.saturating_sub(start.elapsed());
            match wait.filter(|wait| ask.again && tried < options.tries && *wait < left) {
                Some(wait) => std::thread::sleep(wait),
                None => return result.map_err(|e| send_failed(e, url, options)),
            }
            tried += 1;
            pause = pause.saturating_mul(2);
        }
    }

    /// The client for the URL's scheme, built when it is first needed.
    fn client(&self, url: &Url) -> Result<Client, FetchError> {
        let proxy = self.options.proxy.as_ref().and_then(Location::url);
        let tls = url.scheme() == "https" || proxy.is_some_and(|proxy| proxy.scheme() == "https");
        let slot = if tls { &self.tls } else { &self.plain };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        if let Some(proxy) = proxy {
            gate::admit_proxy(proxy, &self.options, &self.pins)?;
        }
        let client = build(tls, proxy, &self.options, &self.pins).map_err(|error| {
            let problem = format!("the client cannot be set up: {}", chain(&error.without_url()));
            FetchError::Network { at: shown_url(url), problem }
        })?;
        Ok(slot.insert(client).clone())
    }
}

fn request(client: &Client, url: &Url, ask: &Ask<'_>, first: First<'_>) -> reqwest::blocking::RequestBuilder {
    let mut request = client.request(ask.method.clone(), url.clone()).header(ACCEPT, ask.accept);
    for (name, value) in ask.headers.iter().chain(first.conditions) {
        request = request.header(name, value);
    }
    if let Some(value) = first.authorization {
        request = request.header(AUTHORIZATION, value);
    }
    match &ask.form {
        Some(form) => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone()),
        None => request,
    }
}

fn build(tls: bool, proxy: Option<&Url>, options: &HttpOptions, pins: &Pinned) -> reqwest::Result<Client> {
    let mut builder = Client::builder()
        .user_agent(concat!("warecat/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        // For the blocking client this is the wait for the head, and for each read after it.
        .timeout(options.idle_timeout.min(options.request_timeout))
        .dns_resolver(Arc::new(pins.clone()))
        // The environment may name a proxy; only the options decide.
        .no_proxy();
    if let Some(proxy) = proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.clone())?);
    }
    if !tls {
        // Saves loading the system's certificates, which a machine may not even have.
        builder = builder.tls_certs_only([]);
    }
    builder.build()
}

/// How long to wait before asking again, if this answer may be a passing one.
fn wait_for_status(response: &Response, pause: Duration, options: &HttpOptions) -> Option<Duration> {
    let status = response.status();
    if status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error() {
        return None;
    }
    // The form with a date is left to the back-off: the clock is not looked at here.
    let asked = header(response, &RETRY_AFTER).and_then(|text| text.trim().parse().ok());
    match asked.map(Duration::from_secs) {
        Some(asked) if asked > options.max_retry_after => None,
        Some(asked) => Some(asked.max(pause)),
        None => Some(pause),
    }
}

/// Whether a failed request may succeed a moment later.
fn may_help_again(error: &reqwest::Error) -> bool {
    // A certificate that is wrong stays wrong.
    error.is_connect() && !chain(error).contains("certificate")
}

fn send_failed(error: reqwest::Error, url: &Url, options: &HttpOptions) -> FetchError {
    let at = shown_url(url);
    let error = error.without_url();
    if error.is_timeout() && !error.is_connect() {
        return FetchError::Stalled { at, limit: options.idle_timeout, received: 0 };
    }
    FetchError::Network { at, problem: chain(&error) }
}
