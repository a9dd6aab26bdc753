//! Manifests of layout 3 (Spack 1.0 and later): which blobs a spec, an index or a key is.
//!
//! Below the cache's root there are `v3/layout.json`, `v3/manifests/spec/<name>/`
//! `<name>-<version>-<hash>.spec.manifest.json`, `v3/manifests/index/index.manifest.json`,
//! `v3/manifests/key/…`, and blobs at `blobs/<algorithm>/<first two digits>/<digest>`
//! (`lib/spack/spack/url_buildcache.py`). A manifest of a spec may be clearsigned.
//!
//! Pure: bytes to values. Written from the documented format; no cache of Spack 1.x was
//! at hand to read.

use serde::Deserialize;

use super::layout2::polite;
use crate::import::report::quoted;
use crate::model::Digest;

/// The folder of the specs' manifests; in it is a folder for each package.
pub const SPECS: &str = "v3/manifests/spec";

/// What the manifests of specs are called.
pub const SPEC_ENDING: &str = ".spec.manifest.json";

/// The manifest of the index.
pub const INDEX: &str = "v3/manifests/index/index.manifest.json";

/// The file that says that this is a cache of layout 3.
pub const LAYOUT: &str = "v3/layout.json";

/// The most blobs of a manifest that are read; Spack writes two.
const MAX_BLOBS: usize = 64;

/// What a blob is, by its media type, whatever its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A spec, `application/vnd.spack.spec.v5+json`.
    Spec,
    /// A tarball, `application/vnd.spack.install.v2.tar+gzip`.
    Tarball,
    /// An index, `application/vnd.spack.db.v8+json`.
    Index,
    /// Anything else, such as a key.
    Other,
}

impl Kind {
    fn of(media_type: &str) -> Self {
        let is = |start: &str, end: &str| {
            let version = media_type.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            version.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
        };
        match () {
            () if is("application/vnd.spack.spec.v", "+json") => Self::Spec,
            () if is("application/vnd.spack.install.v", ".tar+gzip") => Self::Tarball,
            () if is("application/vnd.spack.db.v", "+json") => Self::Index,
            () => Self::Other,
        }
    }
}

/// A blob that a manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What it is.
    pub kind: Kind,
    /// The SHA-256 of its bytes as they are stored.
    pub digest: Digest,
    /// Their number.
    pub size: u64,
    /// Whether they are compressed with gzip.
    pub is_compressed: bool,
}

impl Blob {
    /// Where it lies below the cache's root.
    #[must_use]
    pub fn path(&self) -> String {
        let hex = self.digest.hex();
        format!("blobs/sha256/{}/{hex}", &hex[..2])
    }
}

#[derive(Deserialize)]
struct Raw {
    version: u64,
    data: Vec<RawBlob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBlob {
    content_length: u64,
    media_type: String,
    compression: String,
    checksum_algorithm: String,
    checksum: String,
}

impl RawBlob {
    fn read(&self) -> Result<Blob, String> {
        if self.checksum_algorithm != "sha256" {
            return Err(format!("a checksum by {}, not `sha256`", quoted(&self.checksum_algorithm)));
        }
        let digest: Digest = self.checksum.parse().map_err(|error: crate::model::DigestError| error.to_string())?;
        let is_compressed = match self.compression.as_str() {
            "none" => false,
            "gzip" => true,
            other => return Err(format!("a blob compressed with {}", quoted(other))),
        };
        Ok(Blob { kind: Kind::of(&self.media_type), digest, size: self.content_length, is_compressed })
    }
}

/// Reads a manifest, without its signature.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(text: &[u8]) -> Result<Vec<Blob>, String> {
    let raw: Raw = serde_json::from_slice(text).map_err(|error| format!("its manifest cannot be read: {error}"))?;
    if raw.version != 3 {
        return Err(format!("its manifest is of layout {}, not 3", raw.version));
    }
    if raw.data.len() > MAX_BLOBS {
        return Err(format!("its manifest names {} blobs, more than {MAX_BLOBS}", raw.data.len()));
    }
    raw.data.iter().map(RawBlob::read).collect::<Result<_, _>>().map_err(|why| format!("its manifest names {why}"))
}

/// The one blob of a kind.
///
/// # Errors
/// There is none, or there are several.
pub fn only(blobs: &[Blob], kind: Kind) -> Result<&Blob, String> {
    let mut found = blobs.iter().filter(|blob| blob.kind == kind);
    let what = match kind {
        Kind::Spec => "spec",
        Kind::Tarball => "tarball",
        Kind::Index => "index",
        Kind::Other => "other blob",
    };
    match (found.next(), found.next()) {
        (Some(blob), None) => Ok(blob),
        (None, _) => Err(format!("its manifest names no {what}")),
        (Some(_), Some(_)) => Err(format!("its manifest names more than one {what}")),
    }
}

/// Where the manifest of a spec lies below the cache's root.
#[must_use]
pub fn path(name: &str, version: &str, hash: &str) -> String {
    format!("{SPECS}/{name}/{}{SPEC_ENDING}", polite(&format!("{name}-{version}-{hash}")))
}

#[cfg(test)]
mod tests {
    use super::{Kind, only, parse, path};
    use crate::model::Digest;

    fn manifest(media_type: &str, compression: &str, algorithm: &str) -> String {
        let checksum = Digest::of(b"x").hex();
        format!(
            r#"{{"version":3,"data":[{{"contentLength":1,"mediaType":"{media_type}","compression":"{compression}",
"checksumAlgorithm":"{algorithm}","checksum":"{checksum}"}}]}}"#
        )
    }

    #[test]
    fn blobs_are_known_by_media_types_of_any_version() {
        for (media_type, kind) in [
            ("application/vnd.spack.spec.v5+json", Kind::Spec),
            ("application/vnd.spack.spec.v12+json", Kind::Spec),
            ("application/vnd.spack.install.v2.tar+gzip", Kind::Tarball),
            ("application/vnd.spack.db.v8+json", Kind::Index),
            ("application/vnd.spack.spec.v+json", Kind::Other),
            ("application/pgp-keys", Kind::Other),
        ] {
            let blobs = parse(manifest(media_type, "gzip", "sha256").as_bytes()).unwrap();
            assert_eq!((blobs[0].kind, blobs[0].is_compressed), (kind, true), "{media_type}");
        }
    }

    #[test]
    fn a_blob_lies_below_the_first_two_digits_of_its_checksum() {
        let blobs = parse(manifest("x", "none", "sha256").as_bytes()).unwrap();
        let hex = Digest::of(b"x").hex();
        assert_eq!(blobs[0].path(), format!("blobs/sha256/2d/{hex}"));
        assert!(only(&blobs, Kind::Spec).unwrap_err().contains("no spec"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            manifest("x", "zstd", "sha256"),
            manifest("x", "none", "md5"),
            manifest("x", "none", "sha256").replace("\"version\":3", "\"version\":4"),
            manifest("x", "none", "sha256").replace("2d711642", "../../etc"),
            "{}".into(),
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_manifest_is_called_after_its_spec() {
        assert_eq!(path("a", "git.x=1", "h"), "v3/manifests/spec/a/a-git.x_1-h.spec.manifest.json");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text: String, name: String) {
            let _ = parse(text.as_bytes());
            let _ = parse(manifest(&name, "none", &text).as_bytes());
        }
    }
}
