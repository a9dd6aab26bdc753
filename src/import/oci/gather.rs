//! Reads registries: the one part of this importer that is not pure.
//!
//! A tag is resolved once, and all that is read after that is read by digest
//! (`threats.md` T-22). What cannot be read is a [`Notice`], and the rest is read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use oci_client::manifest::{ImageIndexEntry, OciDescriptor, OciImageManifest, OciManifest};
use rayon::prelude::*;
use serde::Deserialize;

use super::found::{Content, EntryFound, Holds, ImageFound, Notice, RepositoryFound, TagFound};
use super::platform::Platform;
use super::satellite;
use super::sif::SifFacts;
use super::wanted::Wanted;
use crate::code::Code;
use crate::import::report::quoted;
use crate::mirror::oci::{Manifest, Registry, RegistryError, Repository, Tag};
use crate::model::{Digest, Value};

/// Most tags of a repository that are read.
const MAX_TAGS: usize = 10_000;
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

/// Why nothing could be read at all.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A registry does not tell its repositories.
    #[error("`{at}` does not tell which repositories it has: {source}")]
    Catalog {
        /// The registry.
        at: String,
        /// What it said.
        source: RegistryError,
    },
    /// Not one of the repositories could be read; the first of the errors.
    #[error(transparent)]
    Repository(RegistryError),
}

impl GatherError {
    /// The error's code: that of what the registry said.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Catalog { source, .. } | Self::Repository(source) => source.code(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Catalog { source, .. } if source.code() == Code::NetworkOffline => source.hint(),
            Self::Catalog { .. } => {
                "name repositories: `--from oci://HOST/REPOSITORY`; many registries have no catalog"
            }
            Self::Repository(source) => source.hint(),
        }
    }
}

/// What was read of all that was wanted.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// The repositories, by their name.
    pub repositories: Vec<RepositoryFound>,
    /// What catalogs list and is none: the registry, and the text, escaped.
    pub odd: Vec<(String, String)>,
    /// Whether the whole catalog was read: a repository that is not here was dropped.
    pub is_all: bool,
}

/// Reads all that is wanted, with as many threads as there are; `tick` is called for each
/// tag.
///
/// # Errors
/// `not-found`, `network-failed`, … : a registry has no catalog, or no repository could be
/// read. Anything less is a notice.
pub fn gather(registry: &Registry, wanted: &[Wanted], tick: &(dyn Fn() + Sync)) -> Result<Gathered, GatherError> {
    let mut found = Gathered::default();
    let mut repositories: BTreeMap<(String, String), (Repository, bool)> = BTreeMap::new();
    for one in wanted {
        let (list, is_listed) = match one {
            Wanted::Repository(repository) => (vec![repository.clone()], false),
            Wanted::Registry { host, insecure } => {
                let list = registry
                    .catalog(host, *insecure)
                    .map_err(|source| GatherError::Catalog { at: one.to_string(), source })?;
                found.odd.extend(list.odd.into_iter().map(|text| (one.to_string(), text)));
                found.is_all = true;
                (list.repositories, true)
            }
        };
        for repository in list {
            let key = (repository.host().to_string(), repository.name().to_owned());
            repositories.entry(key).or_insert((repository, is_listed));
        }
    }
    let read: Vec<Result<RepositoryFound, Box<(Repository, RegistryError)>>> = repositories
        .into_values()
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(repository, is_listed)| match read_repository(registry, &repository, tick) {
            // A catalog lists what had tags once.
            Err(RegistryError::Missing { .. }) if is_listed => Ok(nothing(repository, Vec::new(), true)),
            read => read.map_err(|error| Box::new((repository, error))),
        })
        .collect();
    let none_read = !read.is_empty() && read.iter().all(Result::is_err);
    for one in read {
        let (repository, error) = match one {
            Ok(repository) => {
                found.repositories.push(repository);
                continue;
            }
            Err(failed) => *failed,
        };
        if none_read {
            return Err(GatherError::Repository(error));
        }
        let notice = Notice::refused("", format!("it cannot be read: {error}"));
        found.repositories.push(nothing(repository, vec![notice], false));
    }
    Ok(found)
}

fn nothing(repository: Repository, notices: Vec<Notice>, is_whole: bool) -> RepositoryFound {
    RepositoryFound { repository, tags: Vec::new(), satellites: Vec::new(), notices, is_whole }
}

fn read_repository(
    registry: &Registry,
    repository: &Repository,
    tick: &(dyn Fn() + Sync),
) -> Result<RepositoryFound, RegistryError> {
    let list = registry.tags(repository)?;
    let (mut satellites, mut releases): (Vec<Tag>, Vec<Tag>) =
        list.tags.into_iter().partition(|tag| satellite::of_tag(tag).is_some());
    let mut found = nothing(repository.clone(), Vec::new(), true);
    found.notices.extend(list.odd.iter().map(|odd| Notice::refused("tags", format!("{} is no tag", quoted(odd)))));
    if releases.len() > MAX_TAGS {
        let message = format!("of {} tags, the first {MAX_TAGS} are read", releases.len());
        found.notices.push(Notice::refused("tags", message));
        found.is_whole = false;
        releases.truncate(MAX_TAGS);
    }
    satellites.truncate(MAX_TAGS);
    let has_no_api = AtomicBool::new(false);
    let reading = Reading { registry, repository, satellites: satellites.iter().collect(), has_no_api };
    let read: Vec<(Option<TagFound>, Vec<Notice>)> = releases
        .par_iter()
        .map(|tag| {
            let mut notices = Vec::new();
            let read = reading.tag(tag, &mut notices);
            tick();
            (read, notices)
        })
        .collect();
    for (tag, notices) in read {
        found.is_whole &= !notices.iter().any(|notice| notice.is_refused);
        found.tags.extend(tag);
        found.notices.extend(notices);
    }
    found.satellites = satellites;
    Ok(found)
}

/// The path of a tag.
pub(super) fn path_of(tag: &Tag) -> String {
    format!("tags[{}]", serde_json::Value::from(tag.as_str()))
}

/// A repository that is read.
struct Reading<'r> {
    registry: &'r Registry,
    repository: &'r Repository,
    satellites: BTreeSet<&'r Tag>,
    /// Whether the registry has said that it has no API for referrers.
    has_no_api: AtomicBool,
}

impl Reading<'_> {
    fn tag(&self, tag: &Tag, notices: &mut Vec<Notice>) -> Option<TagFound> {
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
            self.sif(layer)?
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

    fn sif(&self, layer: &OciDescriptor) -> Result<Content, String> {
        let digest: Digest = layer.digest.parse().map_err(|error| format!("its layer: {error}"))?;
        let size = u64::try_from(layer.size).map_err(|_negative| "its layer has a negative size".to_owned())?;
        let facts = SifFacts::read(self.registry, self.repository, digest, size)?;
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

    /// What refers to a manifest: by the API, else by the tag that stands in for it.
    fn referrers(&self, digest: &Digest, path: &str, notices: &mut Vec<Notice>) -> Vec<Value> {
        let path = format!("{path}.referrers");
        let by_api = match self.has_no_api.load(Ordering::Relaxed) {
            true => Ok(None),
            false => self.registry.referrers(self.repository, digest),
        };
        let found = by_api.and_then(|found| match found {
            Some(found) => Ok(found),
            None => {
                self.has_no_api.store(true, Ordering::Relaxed);
                self.tagged_referrers(digest)
            }
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
