//! What was found in a registry: manifests and what they name, read and not yet judged.

use oci_client::manifest::{ImageIndexEntry, OciImageManifest};

use super::platform::Platform;
use crate::import::image::SifFacts;
use crate::mirror::oci::{Repository, Tag};
use crate::model::{Digest, Value};

/// A repository, as far as it was read.
#[derive(Debug, Clone)]
pub struct RepositoryFound {
    /// The repository.
    pub repository: Repository,
    /// Its tags that name something, in their order.
    pub tags: Vec<TagFound>,
    /// Tags that speak of another manifest: `sha256-<digits>` and cosign's `.sig`, `.att`
    /// and `.sbom`.
    pub satellites: Vec<Tag>,
    /// What could not be read, or only in part.
    pub notices: Vec<Notice>,
    /// Whether all that is there was seen: what is not here was dropped.
    pub is_whole: bool,
}

/// What a tag names.
#[derive(Debug, Clone)]
pub struct TagFound {
    /// The tag.
    pub tag: Tag,
    /// The digest of the manifest that it names.
    pub digest: Digest,
    /// What that is.
    pub holds: Holds,
    /// The descriptors of what refers to it, as the registry writes them.
    pub referrers: Vec<Value>,
}

impl TagFound {
    /// The images and artifacts that it names.
    pub(super) fn images(&self) -> impl Iterator<Item = &ImageFound> {
        let (one, entries) = match &self.holds {
            Holds::One(image) => (Some(&**image), &[][..]),
            Holds::Index { entries, .. } => (None, &entries[..]),
        };
        one.into_iter().chain(entries.iter().filter_map(|entry| entry.image.as_ref()))
    }
}

/// What a manifest is.
#[derive(Debug, Clone)]
pub enum Holds {
    /// An image or an artifact.
    One(Box<ImageFound>),
    /// An index of several.
    Index {
        /// The index, as the registry has it.
        whole: Value,
        /// Its entries, as far as they are looked at.
        entries: Vec<EntryFound>,
    },
}

/// An entry of an index.
#[derive(Debug, Clone)]
pub struct EntryFound {
    /// Its descriptor.
    pub entry: ImageIndexEntry,
    /// What it names; nothing where it is not looked at.
    pub image: Option<ImageFound>,
}

/// A manifest of one image, and what is known of that.
#[derive(Debug, Clone)]
pub struct ImageFound {
    /// The digest of the manifest.
    pub digest: Digest,
    /// The manifest's fields.
    pub manifest: OciImageManifest,
    /// The manifest, as the registry has it.
    pub whole: Value,
    /// What it names.
    pub content: Content,
}

/// What a manifest of one image names.
#[derive(Debug, Clone)]
pub enum Content {
    /// Layers, and a configuration that says what they are.
    Image {
        /// The configuration.
        config: Value,
        /// What it is for.
        platform: Platform,
    },
    /// One SIF image.
    Sif {
        /// The digest of its file.
        digest: Digest,
        /// Its size, in bytes.
        size: u64,
        /// What it says, as far as that was read.
        facts: Box<SifFacts>,
    },
    /// Something else, by its type.
    Artifact(String),
}

/// Something that could not be taken, or only in part, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The path within the repository, as `tags["1.0"]`.
    pub path: String,
    /// What is wrong, in words.
    pub message: String,
    /// Whether it was not taken at all.
    pub is_refused: bool,
}

impl Notice {
    pub(super) fn refused(path: impl Into<String>, message: impl ToString) -> Self {
        Self { path: path.into(), message: message.to_string(), is_refused: true }
    }

    pub(super) fn odd(path: impl Into<String>, message: impl ToString) -> Self {
        Self { path: path.into(), message: message.to_string(), is_refused: false }
    }
}
