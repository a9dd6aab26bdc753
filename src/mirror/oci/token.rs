//! Tokens: what a token service gives for who we are, for one repository and for reading.
//!
//! Source: the distribution project's "token authentication" and "OAuth2 token
//! authentication". Invariant: neither the question nor the answer follows a redirect, and
//! nothing of the answer but its status is ever shown.

use http_auth::basic::encode_credentials;
use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;

use super::credential::Credential;
use super::error::RegistryError;
use crate::mirror::answer::answer;
use crate::mirror::content;
use crate::mirror::http::{Ask, Http};
use crate::mirror::{FetchOptions, Location};

/// The largest answer of a token service, in bytes.
const MAX_ANSWER: u64 = 256 << 10;

/// What a token service says; one of the two, by its age.
#[derive(Deserialize)]
struct Granted {
    token: Option<String>,
    access_token: Option<String>,
}

/// What is asked of a token service.
pub(super) struct Question<'a> {
    /// Its address, which is admitted.
    pub(super) realm: &'a Location,
    /// What it calls the registry.
    pub(super) service: Option<&'a str>,
    /// What is to be read, as token services write it.
    pub(super) scope: &'a str,
    /// Whether it may be asked over plain `http`.
    pub(super) plain: bool,
}

/// Asks a token service; gives the value of the header `Authorization`.
pub(super) fn fetch(
    http: &Http,
    question: &Question<'_>,
    credential: Option<&Credential>,
) -> Result<HeaderValue, RegistryError> {
    let at = question.realm.to_string();
    let scope = question.scope;
    let mut ask = Ask { accept: "application/json", follow: false, plain: question.plain, ..Ask::default() };
    let mut url = question.realm.url().cloned().expect("a realm is a URL");
    match credential {
        Some(Credential::Identity(token)) => {
            let mut form = Url::parse("form:").expect("it is a URL");
            form.query_pairs_mut()
                .append_pair("grant_type", "refresh_token")
                .append_pair("client_id", "warecat")
                .append_pair("service", question.service.unwrap_or_default())
                .append_pair("scope", scope)
                .append_pair("refresh_token", token.reveal());
            ask.method = Method::POST;
            ask.form = form.query().map(str::to_owned);
        }
        Some(Credential::Password { username, password }) => {
            ask.authorization = basic(username.reveal(), password.reveal());
            add_query(&mut url, question.service, scope);
        }
        Some(Credential::Bearer(_)) | None => add_query(&mut url, question.service, scope),
    }
    let location = Location::from_redirect(url).map_err(crate::mirror::FetchError::from)?;
    let reply = http.send(&location, &ask)?;
    if matches!(reply.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        return Err(RegistryError::Denied { at, why: format!("no token for `{scope}`: {}", reply.status()) });
    }
    let mut answer = answer(reply, http.options())?;
    let mut options = FetchOptions { decompress: false, want_content_hash: false, ..FetchOptions::default() };
    options.limits.max_raw = MAX_ANSWER;
    let bytes = content::read(&mut answer.body, answer.size, &at, &options)?.bytes;
    // What serde says may quote the token.
    let granted =
        serde_json::from_slice(&bytes).ok().and_then(|granted: Granted| granted.token.or(granted.access_token));
    granted.as_deref().and_then(bearer).ok_or_else(|| unusable(&at))
}

fn add_query(url: &mut Url, service: Option<&str>, scope: &str) {
    let mut pairs = url.query_pairs_mut();
    if let Some(service) = service {
        pairs.append_pair("service", service);
    }
    pairs.append_pair("scope", scope);
}

fn unusable(at: &str) -> RegistryError {
    let problem = "it has no token that can be sent".to_owned();
    RegistryError::Malformed { at: at.to_owned(), wanted: "a token", problem }
}

/// The header for a user name and a password.
pub(super) fn basic(username: &str, password: &str) -> Option<HeaderValue> {
    sensitive(&encode_credentials(username, password))
}

/// The header for a token.
pub(super) fn bearer(token: &str) -> Option<HeaderValue> {
    if token.is_empty() { None } else { sensitive(&format!("Bearer {token}")) }
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
