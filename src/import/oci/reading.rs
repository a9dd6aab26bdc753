//! Reads what a tag names: manifests, configurations, what a SIF image says, referrers.

use std::collections::BTreeSet;

use oci_client::manifest::{ImageIndexEntry, OciDescriptor, OciImageManifest, OciManifest};
use serde::Deserialize;

use super::found::{Content, EntryFound, Holds, ImageFound, Notice, TagFound};
use super::platform::Platform;
use super::sif;
use crate::import::sif::Architecture;
use crate::mirror::oci::{Manifest, Registry, RegistryError, Repository, Tag};
use crate::model::{Digest, Value};

/// Most entries of an index that are looked at.
const MAX_ENTRIES: usize = 64;
/// The largest configuration that is read, in bytes; registries take 4 MiB.
const MAX_CONFIG: u64 = 4 << 20;
/// Most referrers of a manifest that are kept.
const MAX_REFERRERS: usize = 200;

/// The types of images' configurations.
const CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];
/// The types of the one layer of a SIF artifact: today's, and the misspelt one of
/// Singularity before 3.7.
const SIF_LAYERS: [&str; 2] = ["application/vnd.sylabs.sif.layer.v1.sif", "appliciation/vnd.sylabs.sif.layer.tar"];

/// The path of a tag.
pub(super) fn path_of(tag: &Tag) -> String {
    format!("tags[{}]", serde_json::Value::from(tag.as_str()))
}

/// A repository that is read.
pub(super) struct Reading<'r> {
    registry: &'r Registry,
    repository: &'r Repository,
    satellites: BTreeSet<&'r Tag>,
}

impl<'r> Reading<'r> {
    /// A repository with these tags that speak of others.
    pub(super) fn new(registry: &'r Registry, repository: &'r Repository, satellites: &'r [Tag]) -> Self {
        Self { registry, repository, satellites: satellites.iter().collect() }
    }

    /// Reads what a tag names; nothing where that cannot be read, which is noted.
    pub(super) fn tag(&self, tag: &Tag, notices: &mut Vec<Notice>) -> Option<TagFound> {
        let path = path_of(tag);
        let digest = match self.registry.resolve(self.repository, tag) {
            Ok(Some(digest)) => digest,
            Ok(None) => {
                notices.push(Notice::refused(path, "it is listed, and names nothing"));
                return None;
            }
            Err(error) => {
                notices.push(Notice::refused(path, error));
                return None;
            }
        };
        let holds = match self.holds(&digest, &path, notices) {
            Ok(holds) => holds,
            Err(problem) => {
                notices.push(Notice::refused(path, problem));
                return None;
            }
        };
        let referrers = self.referrers(&digest, &path, notices);
        Some(TagFound { tag: tag.clone(), digest, holds, referrers })
    }

    fn holds(&self, digest: &Digest, path: &str, notices: &mut Vec<Notice>) -> Result<Holds, String> {
        let manifest = self.registry.manifest(self.repository, digest).map_err(|error| error.to_string())?;
        let whole = whole(&manifest)?;
        let index = match manifest.parse().map_err(|error| error.to_string())? {
            OciManifest::Image(image) => {
                let image = self.image(*digest, image, whole, None, path, notices)?;
                return Ok(Holds::One(Box::new(image)));
            }
            OciManifest::ImageIndex(index) => index,
        };
        if index.manifests.len() > MAX_ENTRIES {
            let message = format!("of {} manifests, the first {MAX_ENTRIES} are read", index.manifests.len());
            notices.push(Notice::refused(format!("{path}.manifests"), message));
        }
        let entries = index.manifests.into_iter().take(MAX_ENTRIES).enumerate().map(|(number, entry)| {
            let path = format!("{path}.manifests[{number}]");
            let image = if is_attestation(&entry) { None } else { self.entry(&entry, &path, notices) };
            EntryFound { entry, image }
        });
        Ok(Holds::Index { entries: entries.collect(), whole })
    }

    /// The image that an entry of an index names.
    fn entry(&self, entry: &ImageIndexEntry, path: &str, notices: &mut Vec<Notice>) -> Option<ImageFound> {
        let mut read = || {
            let digest: Digest = entry.digest.parse().map_err(|error| format!("its digest: {error}"))?;
            let manifest = self.registry.manifest(self.repository, &digest).map_err(|error| error.to_string())?;
            let size = u64::try_from(entry.size).ok();
            if size != Some(manifest.bytes.len() as u64) {
                return Err(format!("its manifest has {} bytes, not {}", manifest.bytes.len(), entry.size));
            }
            let OciManifest::Image(image) = manifest.parse().map_err(|error| error.to_string())? else {
                return Err("it is an index within an index, which is not looked at".to_owned());
            };
            let platform = entry.platform.as_ref().and_then(|said| {
                let (os, architecture) = (word(&said.os)?, word(&said.architecture)?);
                Platform::new(&os, &architecture, said.variant.as_deref())
            });
            self.image(digest, image, whole(&manifest)?, platform, path, notices)
        };
        let read = read();
        read.map_err(|problem: String| notices.push(Notice::refused(path, problem))).ok()
    }

    /// What a manifest of one image names. The platform that an index says goes before the
    /// one that the image says: it is by the index that clients choose.
    fn image(
        &self,
        digest: Digest,
        manifest: OciImageManifest,
        whole: Value,
        said: Option<Platform>,
        path: &str,
        notices: &mut Vec<Notice>,
    ) -> Result<ImageFound, String> {
        let content = if let [layer] = manifest.layers.as_slice()
            && SIF_LAYERS.contains(&layer.media_type.as_str())
        {
            self.sif(layer, said.as_ref())?
        } else if CONFIGS.contains(&manifest.config.media_type.as_str()) {
            let config = self.config(&manifest.config)?;
            let text = |key: &str| config.get(key).and_then(Value::as_text);
            let own = Platform::new(
                text("os").unwrap_or_default(),
                text("architecture").unwrap_or_default(),
                text("variant"),
            );
            if let (Some(said), Some(own)) = (&said, &own)
                && !said.agrees(own)
            {
                notices.push(Notice::odd(path, "its configuration says another platform, and the index is believed"));
            }
            let platform = said.or(own).ok_or("it does not say for which platform it is")?;
            Content::Image { config, platform }
        } else {
            let kind = manifest.artifact_type.as_ref().unwrap_or(&manifest.config.media_type);
            Content::Artifact(kind.chars().take(200).collect())
        };
        Ok(ImageFound { digest, manifest, whole, content })
    }

    /// A SIF image; `said` is the platform that an index says, for an image that says none.
    fn sif(&self, layer: &OciDescriptor, said: Option<&Platform>) -> Result<Content, String> {
        let digest: Digest = layer.digest.parse().map_err(|error| format!("its layer: {error}"))?;
        let size = u64::try_from(layer.size).map_err(|_negative| "its layer has a negative size".to_owned())?;
        let mut facts = sif::read(self.registry, self.repository, digest, size)?;
        let said = said.and_then(|platform| Architecture::of_name(platform.architecture()));
        facts.architecture = facts.architecture.or(said);
        Ok(Content::Sif { digest, size, facts: Box::new(facts) })
    }

    fn config(&self, descriptor: &OciDescriptor) -> Result<Value, String> {
        let wrong = |problem: String| format!("its configuration: {problem}");
        let digest: Digest = descriptor.digest.parse().map_err(|error| wrong(format!("{error}")))?;
        let blob = self.registry.blob(self.repository, &digest, MAX_CONFIG);
        let bytes = blob.map_err(|error| wrong(error.to_string()))?;
        if u64::try_from(descriptor.size).ok() != Some(bytes.len() as u64) {
            return Err(wrong(format!("it has {} bytes, not {}", bytes.len(), descriptor.size)));
        }
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))
    }

    /// What refers to a manifest: by the API, else by the tag that stands in for it. This is
    /// decided for each manifest alone, lest it hang on which thread was answered first.
    fn referrers(&self, digest: &Digest, path: &str, notices: &mut Vec<Notice>) -> Vec<Value> {
        let path = format!("{path}.referrers");
        let found = self.registry.referrers(self.repository, digest).and_then(|by_api| match by_api {
            Some(found) => Ok(found),
            None => self.tagged_referrers(digest),
        });
        let mut found = found.unwrap_or_else(|error| {
            notices.push(Notice::odd(path.as_str(), error));
            Vec::new()
        });
        if found.len() > MAX_REFERRERS {
            notices.push(Notice::odd(path.as_str(), format!("of {}, {MAX_REFERRERS} are kept", found.len())));
            found.truncate(MAX_REFERRERS);
        }
        let values: Vec<Value> = found.iter().filter_map(|one| Value::deserialize(one).ok()).collect();
        if values.len() < found.len() {
            notices.push(Notice::odd(path, "some cannot be held exactly, and are left out"));
        }
        values
    }

    fn tagged_referrers(&self, digest: &Digest) -> Result<Vec<serde_json::Value>, RegistryError> {
        let tag = Tag::of_referrers(digest);
        if !self.satellites.contains(&tag) {
            return Ok(Vec::new());
        }
        let Some(index) = self.registry.manifest_by_tag(self.repository, &tag)? else { return Ok(Vec::new()) };
        let value: serde_json::Value = serde_json::from_slice(&index.bytes).unwrap_or_default();
        Ok(value["manifests"].as_array().cloned().unwrap_or_default())
    }
}

/// Whether an entry of an index is no image but speaks of one, as builders write it.
pub(super) fn is_attestation(entry: &ImageIndexEntry) -> bool {
    let is_named = entry.annotations.iter().any(|all| all.contains_key("vnd.docker.reference.type"));
    let is_unknown = entry.platform.as_ref().is_some_and(|platform| {
        word(&platform.os).as_deref() == Some("unknown") && word(&platform.architecture).as_deref() == Some("unknown")
    });
    is_named || is_unknown
}

/// The manifest as it is.
fn whole(manifest: &Manifest) -> Result<Value, String> {
    serde_json::from_slice(&manifest.bytes).map_err(|error| format!("its manifest: {error}"))
}

/// The word for a system or processor that `oci-client` has read.
fn word(said: &impl serde::Serialize) -> Option<String> {
    serde_json::to_value(said).ok()?.as_str().map(str::to_owned)
}
