//! The importer of OCI registries.
//!
//! | registry | catalog |
//! | --- | --- |
//! | repository | module `<prefix>/<repository>/image` |
//! | tag | release |
//! | image, or one platform of an index | item `<os>-<architecture>[-<variant>]`; an `oci` ware, by the SHA-256 of its manifest |
//! | SIF artifact | item `linux-<architecture>`; a `sif` ware, by the SHA-256 of the file |
//! | definition of a SIF image; base image that the catalog has | a derived replay |
//! | manifest, configuration, inspection | record `oci.image` or `apptainer.image` |
//!
//! [`gather()`] reads; everything behind it is pure: [`import`] makes proposals of what was
//! found. Each file says what it decides.
//!
//! Invariants: a tag is resolved once; bytes are those of their digest, but for the parts
//! of SIF images, of which nothing but what they say of themselves is taken. The same
//! registry gives an equal [`Import`] whatever the order of threads. No host of a mirror
//! stands in a record.

mod describe;
mod found;
mod gather;
mod names;
mod platform;
mod propose;
mod reading;
mod record;
mod replay;
mod satellite;
mod sif;
mod source;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use self::replay::Bases;
use super::image::{KnownImages, RegistryImage};
use super::report::{Diagnostics, Import, SourceFacts, quoted};
use crate::model::ModuleName;

pub use found::{Content, EntryFound, Holds, ImageFound, Notice, RepositoryFound, TagFound};
pub use gather::{GatherError, Gathered, gather};
pub use platform::Platform;
pub use wanted::Wanted;

/// What an import gives, and of what it speaks.
#[derive(Debug)]
pub struct Imported {
    /// Proposals and diagnostics.
    pub import: Import,
    /// The modules of repositories that were read whole: what they do not have was dropped.
    pub whole: BTreeSet<ModuleName>,
    /// The modules of repositories that were not: what they do not have may be there.
    pub unclear: BTreeSet<ModuleName>,
}

/// Whether a module's name is one that this importer gives.
#[must_use]
pub fn is_module(name: &ModuleName) -> bool {
    name.last_segment() == names::LAST
}

/// The images of registries that what was found is built from, and that are not in one of
/// the repositories that were found, for [`import`].
#[must_use]
pub fn bases(gathered: &Gathered) -> BTreeSet<RegistryImage> {
    let found = &gathered.repositories;
    let is_found = |image: &RegistryImage| {
        found.iter().any(|one| one.repository.host() == image.host() && one.repository.name() == image.name())
    };
    let tags = found.iter().flat_map(|one| &one.tags);
    let images = tags.flat_map(|tag| tag.images().map(move |image| (tag, image)));
    images.flat_map(|(tag, image)| replay::bases(tag, image)).filter(|image| !is_found(image)).collect()
}

/// Makes proposals of what was found; `known` are the modules that the catalog has, with
/// upstream's spelling of their names, `others` the items that it has of the images that
/// [`bases`] gave.
#[must_use]
pub fn import(
    prefix: &ModuleName,
    gathered: &Gathered,
    known: &BTreeMap<ModuleName, String>,
    others: &KnownImages,
) -> Imported {
    let mut told = Diagnostics::default();
    for (registry, text) in &gathered.odd {
        told.refused(registry, "repositories", format!("{} is no repository", quoted(text)));
    }
    let found = &gathered.repositories;
    let assigned = names::assign(prefix, found.iter().map(|one| one.repository.name()), known);
    let (mut bases, mut releases, mut notices) = (Bases::new(others), Vec::new(), Vec::new());
    for one in found {
        let mut own = one.notices.clone();
        let Some(module) = assigned.get(one.repository.name()) else {
            own.push(Notice::refused("", "its name cannot be the name of a module"));
            notices.push(own);
            continue;
        };
        let list = propose::releases(one, &mut own);
        propose::add_bases(module, one, &list, &mut bases);
        let is_whole = one.is_whole && !own.iter().any(|notice| notice.is_refused);
        notices.push(own);
        releases.push((module, one, list, is_whole));
    }
    let (mut whole, mut unclear, mut last) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut modules = Vec::new();
    for (module, one, list, is_whole) in &releases {
        if !list.is_empty() {
            let mut own = Vec::new();
            modules.push(propose::module(module, one, list, &bases, &mut own));
            last.push((one.repository.to_string(), own));
        }
        let set = if *is_whole { &mut whole } else { &mut unclear };
        set.insert((*module).clone());
    }
    let notices = found.iter().map(|one| one.repository.to_string()).zip(notices);
    for (file, notice) in notices.chain(last).flat_map(|(file, all)| all.into_iter().map(move |n| (file.clone(), n))) {
        if notice.is_refused {
            told.refused(&file, notice.path, notice.message);
        } else {
            told.odd(&file, notice.path, notice.message);
        }
    }
    modules.sort_by(|a, b| a.name.cmp(&b.name));
    let counts = [
        ("repositories", found.len()),
        ("tags", found.iter().map(|one| one.tags.len()).sum()),
        ("modules", modules.len()),
        ("releases", modules.iter().map(|module| module.releases.len()).sum()),
        (
            "wares",
            modules.iter().flat_map(|module| &module.mirrors).map(|(ware, _)| ware).collect::<BTreeSet<_>>().len(),
        ),
    ];
    let source = SourceFacts {
        kind: "oci",
        version: None,
        timestamp: None,
        files: Vec::new(),
        counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count as u64)).collect(),
    };
    Imported { import: Import { modules, diagnostics: told.into_sorted(), source }, whole, unclear }
}
