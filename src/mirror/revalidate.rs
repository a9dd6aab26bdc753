//! Fetches a URL again only if it changed, by asking its server (RFC 9110, 13.1).
//!
//! What a server said of a file is told to that server only: after a redirect, which may
//! lead elsewhere the next time, nothing is kept, and no redirect takes conditions along.

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
        let conditions = noted.as_ref().map(|(note, _)| conditions(note)).unwrap_or_default();
        let reply = self.http().send(location, &Ask { conditions, ..Ask::default() })?;
        if let (StatusCode::NOT_MODIFIED, Some((note, raw))) = (reply.status(), noted)
            && reply.at == *location
        {
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
        let is_secret = reply.header(&CACHE_CONTROL).is_some_and(|text| text.to_ascii_lowercase().contains("no-store"));
        let unkept = is_secret || reply.at != *location;
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

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Cache, FetchError, Fetched, Fetcher, Location};
    use crate::code::Code;
    use crate::mirror::testing::{Server, Step, options, redirect, reply};

    const TAGGED: &str = "ETag: \"one\"\r\nLast-Modified: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Type: text/x\r\n";

    fn cache() -> (tempfile::TempDir, Cache) {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        (dir, cache)
    }

    fn get(server: &Server, cache: &Cache) -> Fetched {
        Fetcher::new(options()).fetch_cached(&server.at("/x?token=s3cr3t"), cache).unwrap().unwrap()
    }

    fn unchanged() -> Vec<Step> {
        reply("304 Not Modified", "", b"")
    }

    #[test]
    fn what_did_not_change_comes_from_the_cache_as_it_was() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        gzip.write_all(b"abc").unwrap();
        let server = Server::start(vec![reply("200 OK", TAGGED, &gzip.finish().unwrap()), unchanged()]);
        let (dir, cache) = cache();
        let (first, second) = (get(&server, &cache), get(&server, &cache));
        assert_eq!((first.bytes.as_slice(), second.bytes.as_slice()), (&b"abc"[..], &b"abc"[..]));
        assert_eq!((second.sha256_of_raw, second.raw_len), (first.sha256_of_raw, first.raw_len));
        assert_eq!((second.content_type.as_deref(), second.compression), (Some("text/x"), first.compression));
        let asked = server.requests()[1].to_ascii_lowercase();
        assert!(
            asked.contains("if-none-match: \"one\"\r\nif-modified-since: sat, 21 nov 2026 10:00:00 gmt"),
            "{asked}"
        );
        assert!(!server.requests()[0].to_ascii_lowercase().contains("if-"));
        let kept = std::process::Command::new("grep").args(["-r", "s3cr3t"]).arg(dir.path()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&kept.stdout), "");
    }

    #[test]
    fn what_changed_is_fetched_and_kept_in_its_place() {
        let second = TAGGED.replace("one", "two");
        let server = Server::start(vec![reply("200 OK", TAGGED, b"1"), reply("200 OK", &second, b"2"), unchanged()]);
        let (_dir, cache) = cache();
        let all: Vec<Vec<u8>> = (0..3).map(|_| get(&server, &cache).bytes).collect();
        assert_eq!(all, [b"1", b"2", b"2"]);
        assert!(server.requests()[2].contains("\"two\""));
    }

    #[test]
    fn what_may_not_or_cannot_be_kept_is_fetched_again() {
        for headers in ["", &format!("{TAGGED}Cache-Control: private, No-Store\r\n")] {
            let server = Server::one(reply("200 OK", headers, b"1"));
            let (_dir, cache) = cache();
            get(&server, &cache);
            get(&server, &cache);
            assert_eq!((server.hits(), cache.info().unwrap().entries), (2, 0));
            assert!(!server.requests()[1].to_ascii_lowercase().contains("if-"));
        }
    }

    #[test]
    fn a_damaged_cache_is_done_without() {
        let (dir, cache) = cache();
        for damage in ["sha256", "notes"] {
            let server = Server::one(reply("200 OK", TAGGED, b"1"));
            get(&server, &cache);
            let files = std::process::Command::new("find").arg(dir.path().join(damage)).args(["-type", "f"]).output();
            for file in String::from_utf8(files.unwrap().stdout).unwrap().lines() {
                std::fs::write(file, "damaged").unwrap();
            }
            assert_eq!(get(&server, &cache).bytes, b"1");
            assert!(!server.requests()[1].to_ascii_lowercase().contains("if-"), "{damage}");
        }
    }

    #[test]
    fn what_one_target_of_a_redirect_said_is_not_told_to_another() {
        let (_dir, cache) = cache();
        let (one, other) = (Server::one(reply("200 OK", TAGGED, b"1")), Server::one(reply("200 OK", TAGGED, b"2")));
        let targets = [&one, &other].map(|target| redirect(&target.at("/y").to_string()));
        let server = Server::start(targets.to_vec());
        assert_eq!((get(&server, &cache).bytes, get(&server, &cache).bytes), (b"1".to_vec(), b"2".to_vec()));
        assert_eq!(cache.info().unwrap().entries, 0);
        let asked = [server.requests(), other.requests()].concat();
        assert!(!asked.concat().to_ascii_lowercase().contains("if-"), "{asked:?}");
    }

    #[test]
    fn where_a_redirect_leads_is_not_asked_and_not_believed_to_be_unchanged() {
        let (_dir, cache) = cache();
        let target = Server::one(unchanged());
        let server = Server::start(vec![reply("200 OK", TAGGED, b"1"), redirect(&target.at("/y").to_string())]);
        get(&server, &cache);
        let error = Fetcher::new(options()).fetch_cached(&server.at("/x?token=s3cr3t"), &cache).unwrap_err();
        assert!(matches!(error, FetchError::Status { number: 304, .. }), "{error}");
        assert!(server.requests()[1].to_ascii_lowercase().contains("if-none-match"));
        assert!(!target.requests()[0].to_ascii_lowercase().contains("if-"));
    }

    #[test]
    fn a_server_that_says_unchanged_unasked_is_not_believed() {
        let (_dir, cache) = cache();
        let server = Server::one(unchanged());
        let error = Fetcher::new(options()).fetch_cached(&server.at("/x"), &cache).unwrap_err();
        assert!(matches!(error, FetchError::Status { number: 304, .. }), "{error}");
    }

    #[test]
    fn absence_offline_and_local_files_are_as_without_a_cache() {
        let (dir, cache) = cache();
        let server = Server::start(vec![reply("200 OK", TAGGED, b"1"), reply("404 Not Found", "", b"")]);
        get(&server, &cache);
        let mut offline = options();
        offline.offline = true;
        let error = Fetcher::new(offline).fetch_cached(&server.at("/x?token=s3cr3t"), &cache).unwrap_err();
        assert_eq!((error.code(), server.hits()), (Code::NetworkOffline, 1));
        assert!(Fetcher::new(options()).fetch_cached(&server.at("/x"), &cache).unwrap().is_none());
        let file = Location::from_path(&dir.path().join("local")).unwrap();
        assert!(Fetcher::new(options()).fetch_cached(&file, &cache).unwrap().is_none());
        std::fs::write(dir.path().join("local"), "here").unwrap();
        assert_eq!(Fetcher::new(options()).fetch_cached(&file, &cache).unwrap().unwrap().bytes, b"here");
        assert_eq!(cache.info().unwrap().entries, 1);
    }
}
