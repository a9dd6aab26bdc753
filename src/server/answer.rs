//! Answers: which file, and which heads go with it.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};

use super::request::{self, Asked};
use super::serve::Served;
use crate::mirror::beneath::Folder;

/// The content security policy that every answer carries: that of the pages, and that no
/// other page shows them in a frame, which only a header can say.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Largest file that is sent, in bytes: it is held in memory.
const MAX_FILE: u64 = 512 << 20;
/// What is smaller is not worth compressing, in bytes.
const MIN_COMPRESSED: usize = 256;

/// An answer with its body.
pub(super) type Answer = Response<Full<Bytes>>;

/// A file of the site.
struct Body {
    bytes: Vec<u8>,
    modified: SystemTime,
}

/// Answers a request. A file that vanished or cannot be read is not there.
pub(super) fn answer<B>(site: &Served, request: &Request<B>) -> Answer {
    let mut answer = choose(site, request);
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        // What is looked at while it is changed is asked for again each time.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    for (name, value) in fixed {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if request.method() == Method::HEAD {
        *answer.body_mut() = Full::default();
    }
    answer
}

fn choose<B>(site: &Served, request: &Request<B>) -> Answer {
    if !names_this_machine(request) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "This server answers for localhost only.\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered.\n");
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    match request::path(request.uri().path(), &site.base_path) {
        Asked::Refused => plain(StatusCode::BAD_REQUEST, "This is no path of a site.\n"),
        Asked::Base => redirect(&site.base_path),
        Asked::Nothing => not_found(site, request.headers()),
        Asked::Place { parts, is_folder } => place(site, &parts, is_folder, request.headers()),
    }
}

fn names_this_machine<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let of_line = request.uri().authority().is_none_or(|authority| request::is_this_machine(authority.as_str()));
    of_line && host.to_str().is_ok_and(request::is_this_machine)
}

fn place(site: &Served, parts: &[String], is_folder: bool, asked: &HeaderMap) -> Answer {
    let names: Vec<&str> = parts.iter().map(String::as_str).collect();
    if is_folder {
        let page = [&names[..], &["index.html"]].concat();
        return match open(site, &page) {
            Ok(body) => sent(StatusCode::OK, "index.html", body, asked),
            Err(_) => not_found(site, asked),
        };
    }
    let Some(name) = names.last() else { return not_found(site, asked) };
    if let Ok(body) = open(site, &names) {
        return sent(StatusCode::OK, name, body, asked);
    }
    let page = [&names[..], &["index.html"]].concat();
    if open(site, &page).is_err() {
        return not_found(site, asked);
    }
    let mut to = site.base_path.clone();
    for part in names {
        for byte in part.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'+' => to.push(char::from(byte)),
                _ => to.push_str(&format!("%{byte:02X}")),
            }
        }
        to.push('/');
    }
    redirect(&to)
}

/// Opens a file below the site's folder, through no link.
fn open(site: &Served, parts: &[&str]) -> io::Result<Body> {
    let Some((name, folders)) = parts.split_last() else { return Err(io::ErrorKind::NotFound.into()) };
    let mut folder = Folder::open(&site.root)?;
    for part in folders {
        folder = folder.folder(OsStr::new(part))?;
    }
    let (file, stamp) = folder.file(OsStr::new(name))?;
    if stamp.size > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).unwrap_or_default());
    file.take(MAX_FILE).read_to_end(&mut bytes)?;
    let seconds = u64::try_from(stamp.modified / 1_000_000_000).unwrap_or_default();
    Ok(Body { bytes, modified: UNIX_EPOCH + Duration::from_secs(seconds) })
}

/// The site's page for what is not there.
fn not_found(site: &Served, asked: &HeaderMap) -> Answer {
    match open(site, &["404.html"]) {
        Ok(body) => sent(StatusCode::NOT_FOUND, "404.html", body, asked),
        Err(_) => plain(StatusCode::NOT_FOUND, "Not found.\n"),
    }
}

/// Sends a file; or that the one which the asker has is still the same.
fn sent(status: StatusCode, name: &str, body: Body, asked: &HeaderMap) -> Answer {
    let (kind, is_text) = content_type(name);
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_compressed = is_text && body.bytes.len() >= MIN_COMPRESSED && request::takes_gzip(accepted);
    let hash = blake3::hash(&body.bytes).to_hex();
    let tag = format!("\"{}{}\"", &hash[..32], if is_compressed { "-gz" } else { "" });
    let is_known = status == StatusCode::OK && is_same(asked, &tag, body.modified);
    let mut answer = Response::new(Full::default());
    let heads = answer.headers_mut();
    put(heads, header::ETAG, &tag);
    put(heads, header::LAST_MODIFIED, &httpdate::fmt_http_date(body.modified));
    if is_text {
        put(heads, header::VARY, "Accept-Encoding");
    }
    if is_known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return answer;
    }
    put(heads, header::CONTENT_TYPE, kind);
    let compressed = is_compressed.then(|| compressed(&body.bytes)).flatten();
    if compressed.is_some() {
        put(heads, header::CONTENT_ENCODING, "gzip");
    }
    let bytes = compressed.unwrap_or(body.bytes);
    put(heads, header::CONTENT_LENGTH, &bytes.len().to_string());
    *answer.status_mut() = status;
    *answer.body_mut() = Full::new(Bytes::from(bytes));
    answer
}

/// Whether what the asker has is still the same.
fn is_same(asked: &HeaderMap, tag: &str, modified: SystemTime) -> bool {
    let said = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    match said(header::IF_NONE_MATCH) {
        Some(tags) => tags.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag),
        None => {
            let since = said(header::IF_MODIFIED_SINCE).and_then(|date| httpdate::parse_http_date(date).ok());
            since.is_some_and(|since| modified <= since)
        }
    }
}

fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).ok()
}

fn put(heads: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        heads.insert(name, value);
    }
}

fn redirect(to: &str) -> Answer {
    // Temporary: browsers keep a permanent one, and another site may be here tomorrow.
    let mut answer = plain(StatusCode::TEMPORARY_REDIRECT, "It is a folder.\n");
    put(answer.headers_mut(), header::LOCATION, to);
    answer
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *answer.status_mut() = status;
    put(answer.headers_mut(), header::CONTENT_TYPE, "text/plain; charset=utf-8");
    put(answer.headers_mut(), header::CONTENT_LENGTH, &text.len().to_string());
    answer
}

/// The type of a file by its name, and whether it is text that is worth compressing.
fn content_type(name: &str) -> (&'static str, bool) {
    match name.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "html" => ("text/html; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "js" => ("text/javascript; charset=utf-8", true),
        "json" => ("application/json", true),
        "ndjson" => ("application/x-ndjson", true),
        "atom" => ("application/atom+xml; charset=utf-8", true),
        // A feed is told from a sitemap by its place: feeds are named so.
        "xml" if matches!(name, "feed.xml" | "_feed.xml" | "atom.xml") => ("application/atom+xml; charset=utf-8", true),
        "xml" => ("application/xml; charset=utf-8", true),
        "svg" => ("image/svg+xml", true),
        "webmanifest" => ("application/manifest+json", true),
        "txt" | "md" | "cff" => ("text/plain; charset=utf-8", true),
        "png" => ("image/png", false),
        "ico" => ("image/x-icon", false),
        "woff2" => ("font/woff2", false),
        _ => ("application/octet-stream", false),
    }
}
