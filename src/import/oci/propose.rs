//! Repositories to modules: items, wares, mirrors, releases.

use std::collections::BTreeMap;

use super::describe;
use super::found::{Content, Holds, ImageFound, Notice, RepositoryFound, TagFound};
use super::reading::path_of;
use super::record;
use super::replay::{self, At, Bases};
use crate::import::image::replay as definitions;
use crate::import::image::{sif_item, sif_ware};
use crate::import::report::quoted;
use crate::model::{
    CatalogRef, ItemLabel, Metadata, ModuleName, ModuleProposal, ReleaseName, ReleaseProposal, WareId, WarehouseAddr,
    folded, metadata, order,
};

/// What modules of images count as in a report.
const KIND: &str = "image";
const DERIVED: &str = "derived";

/// A tag that becomes a release.
pub(super) struct Release<'f> {
    name: ReleaseName,
    tag: &'f TagFound,
    items: Vec<(ItemLabel, &'f ImageFound)>,
}

/// The releases of a repository; what cannot be one is told.
pub(super) fn releases<'f>(repository: &'f RepositoryFound, told: &mut Vec<Notice>) -> Vec<Release<'f>> {
    let mut found: BTreeMap<String, Release<'f>> = BTreeMap::new();
    for tag in &repository.tags {
        let path = path_of(&tag.tag);
        let name: ReleaseName = match tag.tag.as_str().parse() {
            Ok(name) => name,
            Err(error) => {
                told.push(Notice::refused(path, format!("it cannot be a release: {error}")));
                continue;
            }
        };
        if let Some(other) = found.get(&folded(name.as_str())) {
            let other = quoted(other.name.as_str());
            told.push(Notice::refused(path, format!("{other} is the same where case is ignored, and is taken")));
            continue;
        }
        let items = items(tag, &path, told);
        if !items.is_empty() {
            found.insert(folded(name.as_str()), Release { name, tag, items });
        }
    }
    found.into_values().collect()
}

/// The images of a tag, by label.
fn items<'f>(tag: &'f TagFound, path: &str, told: &mut Vec<Notice>) -> Vec<(ItemLabel, &'f ImageFound)> {
    let images: Vec<(String, &ImageFound)> = match &tag.holds {
        Holds::One(image) => vec![(path.to_owned(), &**image)],
        Holds::Index { entries, .. } => {
            let entries = entries.iter().enumerate();
            entries.filter_map(|(number, e)| Some((format!("{path}.manifests[{number}]"), e.image.as_ref()?))).collect()
        }
    };
    let mut found: BTreeMap<ItemLabel, &ImageFound> = BTreeMap::new();
    for (path, image) in images {
        let label = match &image.content {
            Content::Image { platform, .. } => platform.label(),
            Content::Sif { facts, .. } => {
                told.extend(facts.problems.iter().map(|problem| Notice::odd(path.as_str(), problem)));
                let problem = definitions::problem(&facts.attributes.deffile);
                told.extend(problem.map(|problem| Notice::odd(path.as_str(), problem)));
                Some(sif_item(facts.architecture))
            }
            Content::Artifact(kind) => {
                told.push(Notice::odd(path, format!("it is no image but {}, and is left out", quoted(kind))));
                continue;
            }
        };
        let Some(label) = label else {
            told.push(Notice::refused(path, "its platform cannot be the name of an item"));
            continue;
        };
        match found.get(&label) {
            None => drop(found.insert(label, image)),
            Some(other) if other.digest == image.digest => {}
            Some(_) => {
                let message =
                    format!("another one is for {} as well, and is taken, as clients do", quoted(label.as_str()));
                told.push(Notice::odd(path, message));
            }
        }
    }
    found.into_iter().collect()
}

/// The ware of an image: a SIF image by the digest of its file, another by its manifest's.
fn ware(image: &ImageFound) -> WareId {
    match &image.content {
        Content::Sif { digest, .. } => sif_ware(digest),
        Content::Image { .. } | Content::Artifact(_) => {
            format!("oci:{}", image.digest.to_cid()).parse().expect("a CID has neither colons nor blanks")
        }
    }
}

/// Tells the items of all releases, by what names them.
pub(super) fn add_bases(
    module: &ModuleName,
    repository: &RepositoryFound,
    releases: &[Release<'_>],
    bases: &mut Bases<'_>,
) {
    for release in releases {
        for (item, image) in &release.items {
            let at = At {
                host: repository.repository.host().as_str(),
                repository: repository.repository.name(),
                tag: release.tag.tag.as_str(),
                digests: [image.digest, release.tag.digest].into(),
            };
            let (module, release, item) = (module.clone(), release.name.clone(), item.clone());
            bases.add(at, &CatalogRef { module, release, item });
        }
    }
}

/// The module of a repository that has releases.
pub(super) fn module(
    name: &ModuleName,
    repository: &RepositoryFound,
    releases: &[Release<'_>],
    bases: &Bases<'_>,
    told: &mut Vec<Notice>,
) -> ModuleProposal {
    let mut newest: Vec<&Release<'_>> = releases.iter().collect();
    newest.sort_by(|a, b| order::newest_first(a.name.as_str(), b.name.as_str()));
    let mut facts = Metadata::new();
    // What the newest release says goes before what older ones do.
    for (release, image) in newest.iter().flat_map(|release| release.items.iter().map(move |(_, i)| (release, i))) {
        for (key, value) in describe::module(release.tag, image) {
            facts.entry(key).or_insert(value);
        }
    }
    facts.insert(metadata::NAME.to_owned(), repository.repository.name().to_owned());
    let mut mirrors: BTreeMap<WareId, Vec<WarehouseAddr>> = BTreeMap::new();
    for (_, image) in releases.iter().flat_map(|release| &release.items) {
        if let Ok(address) = repository.repository.address(&image.digest).parse::<WarehouseAddr>() {
            let known = mirrors.entry(ware(image)).or_default();
            if !known.contains(&address) {
                known.push(address);
            }
        }
    }
    mirrors.values_mut().for_each(|addresses| addresses.sort());
    ModuleProposal {
        name: name.clone(),
        kind: KIND,
        metadata: facts,
        record: None,
        releases: releases.iter().map(|one| release(repository, one, bases, told)).collect(),
        mirrors: mirrors.into_iter().collect(),
        warehouses: Vec::new(),
    }
}

fn release(
    repository: &RepositoryFound,
    one: &Release<'_>,
    bases: &Bases<'_>,
    told: &mut Vec<Notice>,
) -> ReleaseProposal {
    let images: Vec<&ImageFound> = one.items.iter().map(|(_, image)| *image).collect();
    let mut facts = describe::release(one.tag, &images);
    let mut replays =
        one.items.iter().filter_map(|(label, image)| replay::plot(one.tag, image, label, &ware(image), bases));
    let replay = replays.next();
    if replay.is_some() {
        facts.insert(metadata::REPLAY_ORIGIN.to_owned(), DERIVED.to_owned());
    }
    ReleaseProposal {
        name: one.name.clone(),
        items: one.items.iter().map(|(label, image)| (label.clone(), ware(image))).collect(),
        metadata: facts,
        replay,
        record: Some(record::of(repository, one.tag, &one.items, told)),
        builds: Vec::new(),
        stand_in: None,
    }
}
