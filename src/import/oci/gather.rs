//! Reads registries: the one part of this importer that is not pure.
//!
//! A tag is resolved once, and all that is read after that is read by digest
//! (`threats.md` T-22). What cannot be read is a [`Notice`], and the rest is read.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::found::{Notice, RepositoryFound, TagFound};
use super::reading::Reading;
use super::satellite;
use super::wanted::Wanted;
use crate::code::Code;
use crate::import::report::quoted;
use crate::mirror::oci::{Registry, RegistryError, Repository, Tag};

/// Most tags of a repository that are read.
const MAX_TAGS: usize = 10_000;
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
    let reading = Reading::new(registry, repository, &satellites);
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
