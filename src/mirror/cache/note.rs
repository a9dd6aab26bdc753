//! What a server said of a file, a tag or a part of a blob.
//!
//! A note is found by the digest of its address and holds no part of it: URLs may have
//! secrets. A note on a file or a tag only decides how a server is asked whether it changed.
//! A note on a part is believed without asking: no digest covers the part, so whoever writes
//! such a note decides on its place and on what it is worth (`mirror::oci`, parts of blobs).

use serde::{Deserialize, Serialize};

use super::{Cache, CacheError, files};
use crate::model::Digest;

/// The largest note, in bytes.
const MAX_NOTE: u64 = 4096;

/// What a server said of a file (RFC 9110, 8.8: validators) or of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::mirror) struct Note {
    /// The digest of the bytes as they were sent.
    pub(in crate::mirror) sha256: String,
    /// The value of `ETag`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::mirror) etag: Option<String>,
    /// The value of `Last-Modified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::mirror) last_modified: Option<String>,
    /// What the server said that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::mirror) content_type: Option<String>,
}

impl Note {
    /// A note that says no more than which bytes there were.
    pub(in crate::mirror) fn of_bytes(digest: &Digest) -> Self {
        Self { sha256: digest.hex(), etag: None, last_modified: None, content_type: None }
    }
}

impl Cache {
    /// The note on `url` and the bytes that it speaks of, if both are here.
    pub(in crate::mirror) fn noted(&self, url: &str) -> Result<Option<(Note, Vec<u8>)>, CacheError> {
        let hex = Digest::of(url.as_bytes()).hex();
        let found = files::read(&self.root, files::NOTES, &hex, MAX_NOTE).map_err(self.failed("read a note"))?;
        let note: Option<Note> = match found {
            files::Found::Bytes(bytes) => serde_json::from_slice(&bytes).ok(),
            files::Found::Absent => return Ok(None),
            files::Found::Unusable => None,
        };
        let Some((note, digest)) = note.and_then(|note| note.sha256.parse().ok().map(|digest| (note, digest))) else {
            files::remove(&self.root, files::NOTES, &hex).map_err(self.failed("remove a damaged note"))?;
            return Ok(None);
        };
        Ok(self.get(&digest)?.map(|bytes| (note, bytes)))
    }

    /// Keeps a note on `url`, in the place of what there was.
    pub(in crate::mirror) fn note(&self, url: &str, note: &Note) -> Result<(), CacheError> {
        let hex = Digest::of(url.as_bytes()).hex();
        let text = serde_json::to_vec(note).expect("a note has text fields only");
        files::write(&self.root, files::NOTES, &hex, &text, true, &self.next).map_err(self.failed("write a note"))
    }
}
