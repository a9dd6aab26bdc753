//! Parts of blobs.
//!
//! A part cannot be held against the blob's digest: it is what the registry says it is.
//! What is checked is that it is the part that was asked for, of a blob of that size. Parts
//! are kept in the cache as other bytes are, noted under the URL that was asked, with its
//! scheme, and the range: no registry can answer for another, and nothing that came without
//! encryption answers for what is encrypted. What came so from another machine is not kept
//! at all, since anyone between may have written it.

use std::io::Read;
use std::ops::Range;

use reqwest::header::{CONTENT_ENCODING, CONTENT_RANGE, HeaderValue};
use reqwest::{Method, StatusCode};

use super::error::RegistryError;
use super::registry::Registry;
use super::repository::Repository;
use crate::mirror::answer::{Answer, unjudged};
use crate::mirror::cache::Note;
use crate::mirror::{FetchError, meter};
use crate::model::Digest;

/// The largest part that is asked for, in bytes.
const MAX_PART: u64 = 4 << 20;

/// The most that is read of a whole blob, in bytes, where a registry does not give parts:
/// a part behind this is not to be had.
const MAX_WHOLE: u64 = 1 << 20;

impl Registry {
    /// The bytes of `range` of the blob with this digest and `size` bytes, from the cache if
    /// they are there. The range is not empty and lies within the blob.
    ///
    /// # Errors
    /// `not-found`: there is no such blob. `source-invalid`: another part came, or one of a
    /// blob of another size. `limit-exceeded`: the range is larger than 4 MiB; or the registry
    /// gives whole blobs only, and it ends behind the first MiB. Others as for any request.
    pub fn blob_range(
        &self,
        repository: &Repository,
        digest: &Digest,
        size: u64,
        range: Range<u64>,
    ) -> Result<Vec<u8>, RegistryError> {
        let malformed = |problem: String| {
            let at = repository.address(digest);
            RegistryError::Malformed { at, wanted: "the part that was asked for", problem }
        };
        if range.is_empty() || range.end > size {
            return Err(malformed(format!("bytes {} to {} of {size} are no part", range.start, range.end)));
        }
        within(repository, digest, range.end - range.start, MAX_PART)?;
        let url = self.session.url(repository, &format!("blobs/{digest}"))?;
        // No other note is under such a text: it is no URL and no name of a tag.
        let key = format!("part {}-{}/{size} of {url}", range.start, range.end);
        if let Some(cache) = &self.cache
            && let Some((_, bytes)) = cache.noted(&key)?
            && bytes.len() as u64 == range.end - range.start
        {
            return Ok(bytes);
        }
        self.session.counters.blobs.count();
        let header =
            HeaderValue::from_str(&format!("bytes={}-{}", range.start, range.end - 1)).expect("numbers are plain text");
        let reply = self.session.ask_part(repository.into(), &url, &Method::GET, "*/*", Some(&header))?;
        let encoding = reply.header(&CONTENT_ENCODING).filter(|text| !text.eq_ignore_ascii_case("identity"));
        if let Some(encoding) = encoding {
            return Err(malformed(format!("it is packed with `{encoding}`")));
        }
        // What stands before the part, where the whole came.
        let skipped = if reply.status() == StatusCode::PARTIAL_CONTENT {
            let said = reply.header(&CONTENT_RANGE).unwrap_or_default();
            check_range(&said, &range, size).map_err(malformed)?;
            0
        } else {
            within(repository, digest, range.end, MAX_WHOLE)?;
            range.start
        };
        let exposed = reply.exposed;
        let bytes = read(unjudged(reply, self.session.http()), skipped, range.end - range.start)?
            .ok_or_else(|| malformed("it ends before its size".to_owned()))?;
        if !exposed {
            self.keep_part(&key, &bytes)?;
        }
        Ok(bytes)
    }

    fn keep_part(&self, key: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        let Some(cache) = &self.cache else { return Ok(()) };
        let digest = Digest::of(bytes);
        cache.put(&digest, bytes)?;
        Ok(cache.note(key, &Note::of_bytes(&digest))?)
    }
}

fn within(repository: &Repository, digest: &Digest, met: u64, limit: u64) -> Result<(), RegistryError> {
    if met <= limit {
        return Ok(());
    }
    let (at, what) = (repository.address(digest), crate::mirror::Limit::Raw);
    Err(FetchError::TooLarge { at, what, limit, met }.into())
}

/// Holds `Content-Range` against what was asked for: `bytes FIRST-LAST/SIZE`, where the size
/// may be `*` (RFC 9110, 14.4).
fn check_range(said: &str, range: &Range<u64>, size: u64) -> Result<(), String> {
    let parts = said.strip_prefix("bytes ").and_then(|rest| {
        let (place, of) = rest.trim().split_once('/')?;
        let (first, last) = place.split_once('-')?;
        Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?, of.to_owned()))
    });
    let Some((first, last, of)) = parts else { return Err(format!("it does not say which part it is: `{said}`")) };
    if first != range.start || last != range.end - 1 {
        return Err(format!("it is `{said}`, not bytes {} to {}", range.start, range.end - 1));
    }
    if of != "*" && of.parse() != Ok(size) {
        return Err(format!("it is `{said}`, of a blob that has {size} bytes by its manifest"));
    }
    Ok(())
}

/// Reads `length` bytes behind the first `skipped`; nothing when there are fewer. What
/// follows is left where it is.
fn read(answer: Answer, skipped: u64, length: u64) -> Result<Option<Vec<u8>>, FetchError> {
    let at = answer.final_url.to_string();
    let mut body = answer.body;
    let failed = |error| {
        meter::unwrapped(error)
            .unwrap_or_else(|error| FetchError::Network { at: at.clone(), problem: error.to_string() })
    };
    let passed = std::io::copy(&mut (&mut body).take(skipped), &mut std::io::sink()).map_err(failed)?;
    let mut bytes = Vec::new();
    body.take(length).read_to_end(&mut bytes).map_err(failed)?;
    Ok((passed == skipped && bytes.len() as u64 == length).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::check_range;

    #[test]
    fn only_the_part_that_was_asked_for_is_taken() {
        for good in ["bytes 4-7/10", "bytes 4-7/*"] {
            assert_eq!(check_range(good, &(4..8), 10), Ok(()), "{good}");
        }
        for bad in [
            "",
            "bytes",
            "bytes */10",
            "bytes 4-7",
            "bytes 0-7/10",
            "bytes 4-8/10",
            "bytes 4-6/10",
            "bytes 4-7/11",
            "bytes 4-7/99999999999999999999",
            "items 4-7/10",
            "bytes -4-7/10",
        ] {
            assert!(check_range(bad, &(4..8), 10).is_err(), "{bad}");
        }
    }
}
