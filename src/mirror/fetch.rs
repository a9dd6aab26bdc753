//! A location to its bytes.
//!
//! Invariants: what is returned is complete (a body that ends early is an error) and
//! within the limits; its hashes are of exactly the bytes that were read.

use super::answer::answer;
use super::content::{self, Content};
use super::decompress::Compression;
use super::error::FetchError;
use super::file::LocalFile;
use super::http::{Ask, Http};
use super::location::Location;
use super::options::FetchOptions;
use super::page;

/// What a location gave.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The content, decompressed (unless that was not wanted).
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes as stored or sent, in lower-case hex.
    pub sha256_of_raw: String,
    /// SHA-256 of `bytes`, in lower-case hex; absent if it was not wanted.
    pub sha256_of_content: Option<String>,
    /// The number of bytes as stored or sent.
    pub raw_len: u64,
    /// The compression that was undone.
    pub compression: Compression,
    /// What was asked for.
    pub location: Location,
    /// Where the bytes came from in the end, after redirects; absent for a local file.
    pub final_url: Option<Location>,
    /// The server's word on what this is, at most 200 characters and escaped; absent for a
    /// local file.
    pub content_type: Option<String>,
}

impl Fetched {
    /// Whether this is a web page: what a portal or an error page sends with status 200
    /// in the place of a file.
    #[must_use]
    pub fn looks_like_html(&self) -> bool {
        page::looks_like_html(self.content_type.as_deref(), &self.bytes)
    }

    /// The first line of the content, for a message: at most 80 characters, escaped.
    #[must_use]
    pub fn first_line(&self) -> String {
        page::first_line(&self.bytes)
    }
}

/// Fetches several locations under the same options, using connections again. It may be
/// shared by threads; it costs nothing until a URL is fetched.
#[derive(Debug, Default)]
pub struct Fetcher {
    options: FetchOptions,
    http: Http,
}

impl Fetcher {
    /// A fetcher that keeps to `options`.
    #[must_use]
    pub fn new(options: FetchOptions) -> Self {
        let http = Http::new(options.http.clone());
        Self { options, http }
    }

    /// What the fetcher keeps to.
    #[must_use]
    pub fn options(&self) -> &FetchOptions {
        &self.options
    }

    /// Reads `location` whole. Must not be called inside an asynchronous runtime.
    ///
    /// # Errors
    /// `not-found`: no such file, or status 404 or 410. `io`: it cannot be read.
    /// `source-invalid`: not a regular file, changed while read, damaged or unreadably
    /// compressed. `limit-exceeded`: too large. `network-offline`: a URL, but the network is
    /// not allowed. `network-refused`: its host, address or redirect is not allowed.
    /// `network-failed`: anything else between here and the server.
    pub fn fetch(&self, location: &Location) -> Result<Fetched, FetchError> {
        match location.as_path() {
            Some(path) => {
                let at = location.to_string();
                let mut file = LocalFile::open(path, &at)?;
                let size = Some(file.len());
                let content = content::read(&mut file, size, &at, &self.options)?;
                file.check_unchanged()?;
                Ok(fetched(content, location, None, None))
            }
            None => self.fetch_url(location),
        }
    }

    /// Reads `location` whole, or gives nothing if there is none: no such file, or status
    /// 404 or 410.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch), without `not-found`.
    pub fn fetch_optional(&self, location: &Location) -> Result<Option<Fetched>, FetchError> {
        match self.fetch(location) {
            Ok(fetched) => Ok(Some(fetched)),
            Err(FetchError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What asks servers.
    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    fn fetch_url(&self, location: &Location) -> Result<Fetched, FetchError> {
        if self.options.offline {
            return Err(FetchError::Offline { at: location.to_string() });
        }
        let reply = self.http.send(location, &Ask::default())?;
        let mut answer = answer(reply, self.http.options())?;
        let at = answer.final_url.to_string();
        let content = content::read(&mut answer.body, answer.size, &at, &self.options)?;
        Ok(fetched(content, location, Some(answer.final_url), answer.content_type))
    }
}

/// Reads one location; see [`Fetcher::fetch`].
///
/// # Errors
/// As there.
pub fn fetch(location: &Location, options: &FetchOptions) -> Result<Fetched, FetchError> {
    Fetcher::new(options.clone()).fetch(location)
}

/// Reads one location that may not exist; see [`Fetcher::fetch_optional`].
///
/// # Errors
/// As there.
pub fn fetch_optional(location: &Location, options: &FetchOptions) -> Result<Option<Fetched>, FetchError> {
    Fetcher::new(options.clone()).fetch_optional(location)
}

pub(super) fn fetched(
    content: Content,
    location: &Location,
    final_url: Option<Location>,
    content_type: Option<String>,
) -> Fetched {
    Fetched {
        bytes: content.bytes,
        sha256_of_raw: content.sha256_of_raw,
        sha256_of_content: content.sha256_of_content,
        raw_len: content.raw_len,
        compression: content.compression,
        location: location.clone(),
        final_url,
        content_type,
    }
}
