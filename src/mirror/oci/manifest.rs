//! Manifests: what a tag or a digest names.
//!
//! Invariant: the bytes of a [`Manifest`] have its digest, and are JSON of the media type
//! that it says. Their fields are what `oci-client` makes of them, and still foreign.

use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE,
    OciImageIndex, OciImageManifest, OciManifest,
};
use serde::Deserialize;

use super::error::RegistryError;
use crate::mirror::page;
use crate::model::Digest;
use crate::text::shown;

/// What is asked for, in one header: registries differ in what they make of several.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// The media types of manifests that are read.
const MEDIA_TYPES: [&str; 4] =
    [OCI_IMAGE_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, IMAGE_MANIFEST_LIST_MEDIA_TYPE];

/// A manifest or an index, as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The digest of its bytes.
    pub digest: Digest,
    /// What it is: one of OCI's and Docker's types of manifests and indexes. It is what
    /// the manifest itself says, and where it does not, what its fields tell.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What tells the media type.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    config: Option<serde::de::IgnoredAny>,
    manifests: Option<serde::de::IgnoredAny>,
}

impl Manifest {
    /// A manifest from its bytes, which have this digest; errors name `at`.
    pub(super) fn new(digest: Digest, bytes: Vec<u8>, at: &str) -> Result<Self, RegistryError> {
        let malformed = |problem| RegistryError::Malformed { at: at.to_owned(), wanted: "a manifest", problem };
        let shape: Shape = serde_json::from_slice(&bytes)
            .map_err(|error| malformed(format!("{error}; it begins `{}`", page::first_line(&bytes))))?;
        let found = match (&shape.media_type, &shape.config, &shape.manifests) {
            (Some(said), _, _) => MEDIA_TYPES.into_iter().find(|known| known == said),
            (None, Some(_), None) => Some(OCI_IMAGE_MEDIA_TYPE),
            (None, None, Some(_)) => Some(OCI_IMAGE_INDEX_MEDIA_TYPE),
            (None, _, _) => None,
        };
        match found {
            Some(media_type) => Ok(Self { digest, media_type, bytes }),
            None => Err(malformed(match shape.media_type {
                Some(said) => format!("its type `{}` is not one that is read", cut(&said)),
                None => "it is neither an image's manifest nor an index".to_owned(),
            })),
        }
    }

    /// Its fields.
    ///
    /// # Errors
    /// `source-invalid`: they are not those of its media type.
    pub fn parse(&self) -> Result<OciManifest, RegistryError> {
        let is_image = [OCI_IMAGE_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE].contains(&self.media_type);
        let parsed = if is_image {
            serde_json::from_slice::<OciImageManifest>(&self.bytes).map(OciManifest::Image)
        } else {
            serde_json::from_slice::<OciImageIndex>(&self.bytes).map(OciManifest::ImageIndex)
        };
        parsed.map_err(|error| RegistryError::Malformed {
            at: self.digest.to_string(),
            wanted: "a manifest",
            problem: shown(&error.to_string()).to_string(),
        })
    }
}

/// Whether a registry may give a manifest this type: one that is read, or a plain word
/// for JSON, as servers of plain files say.
pub(super) fn is_manifest_type(content_type: Option<&str>) -> bool {
    let Some(text) = content_type else { return true };
    let kind = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    MEDIA_TYPES.contains(&kind.as_str()) || matches!(kind.as_str(), "application/json" | "application/octet-stream")
}

fn cut(text: &str) -> String {
    shown(&text.chars().take(100).collect::<String>()).to_string()
}
