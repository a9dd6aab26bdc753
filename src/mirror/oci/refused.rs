//! What a registry says when it does not give what was asked for.

use std::io::Read;

use reqwest::StatusCode;
use serde::Deserialize;

use super::error::RegistryError;
use crate::mirror::answer::{Answer, Reply, unjudged};
use crate::mirror::page;
use crate::mirror::{FetchError, HttpOptions};
use crate::text::shown;

/// The most that is read of what a registry says, in bytes.
const MAX_SAID: u64 = 64 << 10;

/// The errors of a registry (OCI distribution specification 1.1, "Error codes").
#[derive(Deserialize)]
struct Errors {
    errors: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    code: String,
    #[serde(default)]
    message: String,
}

/// The reply, if its status is a success; `why` is what is known of a refusal already.
pub(super) fn judged(reply: Reply, why: &str, options: &HttpOptions) -> Result<Reply, RegistryError> {
    let status = reply.status();
    let Err(error) = reply.check_status() else { return Ok(reply) };
    let at = reply.at.to_string();
    let said = said(reply, options);
    Err(match error {
        FetchError::Missing { .. } => RegistryError::Missing { at, said },
        _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
            RegistryError::Denied { at, why: format!("{status}{why}{said}") }
        }
        FetchError::Status { at, status, number, note } => {
            FetchError::Status { at, status, number, note: format!("{note}{said}") }.into()
        }
        other => other.into(),
    })
}

/// What stands in the body of a refusal, to follow other words: the registry's errors, or
/// the first line of a web page. Reading it to its end lets the connection be used again.
fn said(reply: Reply, options: &HttpOptions) -> String {
    let Answer { body, content_type, .. } = unjudged(reply, options);
    let mut bytes = Vec::new();
    // What cannot be read is not needed: the status has said the most.
    let _ = body.take(MAX_SAID).read_to_end(&mut bytes);
    if page::looks_like_html(content_type.as_deref(), &bytes) {
        return format!("; it is a web page: `{}`", page::first_line(&bytes));
    }
    let Ok(Errors { errors }) = serde_json::from_slice(&bytes) else { return String::new() };
    errors.first().map(|said| format!("; it says {}: `{}`", cut(&said.code), cut(&said.message))).unwrap_or_default()
}

fn cut(text: &str) -> String {
    shown(&text.chars().take(100).collect::<String>()).to_string()
}
