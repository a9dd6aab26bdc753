//! A server's answer: its head judged, its body read with bounded patience.
//!
//! Invariants: only a whole file counts as success; text from the head is cut and escaped
//! before it is kept; a body that ends before its announced length is an error.

use std::error::Error;
use std::io::{self, Read};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, RETRY_AFTER};

use super::error::FetchError;
use super::location::Location;
use super::options::HttpOptions;

/// The most of a header's value that is kept, in characters.
const MAX_HEADER: usize = 200;

/// What a server said, not judged yet.
pub(super) struct Reply {
    pub(super) response: Response,
    /// Where it came from, after redirects.
    pub(super) at: Location,
    /// Whether it, or a redirect to it, came without encryption from another machine: who
    /// stands between may have written it.
    pub(super) exposed: bool,
    /// When it was first asked for.
    pub(super) start: Instant,
}

impl Reply {
    /// The status.
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Fails unless the status says that the body is what was asked for.
    pub(super) fn check_status(&self) -> Result<(), FetchError> {
        check_status(&self.response, &self.at.to_string())
    }

    /// A header's value, harmless to show.
    pub(super) fn header(&self, name: &HeaderName) -> Option<String> {
        header(&self.response, name)
    }
}

/// A server's answer, of which the body is still to be read.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) size: Option<u64>,
    pub(super) content_type: Option<String>,
    pub(super) final_url: Location,
}

/// The answer, if its status is a success and its encoding is readable.
pub(super) fn answer(reply: Reply, options: &HttpOptions) -> Result<Answer, FetchError> {
    let (response, at) = (&reply.response, reply.at.to_string());
    reply.check_status()?;
    // None was asked for, but some servers send `.gz` files with this header.
    let encoding = header(response, &CONTENT_ENCODING).map(|text| text.to_ascii_lowercase());
    let readable = |format: &str| matches!(format, "identity" | "gzip" | "x-gzip" | "zstd");
    if let Some(format) = encoding.filter(|format| !readable(format)) {
        return Err(FetchError::Compression { at, format });
    }
    Ok(unjudged(reply, options))
}

/// The answer, whatever its status and encoding are: for what it says of a failure.
pub(super) fn unjudged(reply: Reply, options: &HttpOptions) -> Answer {
    let Reply { response, at: hop, start, .. } = reply;
    let (at, size) = (hop.to_string(), response.content_length());
    let content_type = header(&response, &CONTENT_TYPE);
    let patience = Patience { idle: options.idle_timeout, whole: options.request_timeout, start };
    let body = Body { response, at, size, received: 0, patience };
    Answer { body, size, content_type, final_url: hop }
}

/// Whether the status says that the body is what was asked for.
fn check_status(response: &Response, at: &str) -> Result<(), FetchError> {
    let status = response.status();
    let at = at.to_owned();
    match status {
        // A part (206), or nothing (204), was not asked for.
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(FetchError::Missing { at }),
        _ => {
            let asked = header(response, &RETRY_AFTER);
            let note = asked.map(|text| format!(", retry after `{text}`"));
            Err(FetchError::Status {
                at,
                status: status.to_string(),
                number: status.as_u16(),
                note: note.unwrap_or_default(),
            })
        }
    }
}

/// A header's value, harmless to show; nothing if it is not ASCII.
pub(super) fn header(response: &Response, name: &HeaderName) -> Option<String> {
    let text = response.headers().get(name)?.to_str().ok()?;
    let text: String = text.chars().take(MAX_HEADER).collect();
    Some(crate::text::shown(&text).to_string())
}

/// How long a body is waited for.
struct Patience {
    idle: Duration,
    whole: Duration,
    start: Instant,
}

/// A body, read with patience; its errors are [`FetchError`]s inside `io::Error`s.
pub(super) struct Body {
    response: Response,
    at: String,
    size: Option<u64>,
    received: u64,
    patience: Patience,
}

impl Body {
    fn failed(&self, error: &io::Error) -> FetchError {
        let (at, received) = (self.at.clone(), self.received);
        let inner = error.get_ref().and_then(|e| e.downcast_ref::<reqwest::Error>());
        if inner.is_some_and(reqwest::Error::is_timeout) {
            return FetchError::Stalled { at, limit: self.patience.idle, received };
        }
        let of = self.size.map(|size| format!(" of {size}")).unwrap_or_default();
        let problem = format!("it broke off after {received}{of} bytes: {}", chain(error));
        FetchError::Network { at, problem }
    }
}

impl Read for Body {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let limit = self.patience.whole;
        if self.patience.start.elapsed() >= limit {
            let (at, received) = (self.at.clone(), self.received);
            return Err(io::Error::other(FetchError::Overdue { at, limit, received }));
        }
        match self.response.read(buf) {
            Ok(n) => {
                self.received += n as u64;
                Ok(n)
            }
            Err(error) => Err(io::Error::other(self.failed(&error))),
        }
    }
}

/// An error and its causes in one line, without repetitions.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    crate::text::shown(&text).to_string()
}
