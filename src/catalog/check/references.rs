//! Whether what documents refer to in the catalog is there.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::finding::Finding;
use crate::catalog::open::Catalog;
use crate::catalog::read;
use crate::code::Code;
use crate::model::{CatalogRef, ModuleName, Release, ReleaseName, ReleaseRef};

/// What a document refers to outside its module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// An input of a replay.
    Item(CatalogRef),
    /// The release that holds another's wares.
    Release(ReleaseRef),
}

/// References to one module, by release, each with the document that makes it.
type ToModule<'a> = BTreeMap<&'a ReleaseName, Vec<&'a (Target, String)>>;

impl Target {
    fn release(&self) -> (&ModuleName, &ReleaseName) {
        match self {
            Self::Item(reference) => (&reference.module, &reference.release),
            Self::Release(reference) => (&reference.module, &reference.release),
        }
    }
}

/// References that lead to nothing. What a document that is damaged would hold is
/// reported there, not here.
pub(super) fn dangling(catalog: &Catalog, mut references: Vec<(Target, String)>) -> Vec<Finding> {
    references.sort_unstable();
    references.dedup();
    let mut by_module: BTreeMap<&ModuleName, ToModule<'_>> = BTreeMap::new();
    for reference in &references {
        let (module, release) = reference.0.release();
        by_module.entry(module).or_default().entry(release).or_default().push(reference);
    }
    let groups: Vec<_> = by_module.into_iter().collect();
    groups.par_iter().flat_map_iter(|(module, releases)| of_module(catalog, module, releases)).collect()
}

/// The dangling ones among the references to one module, which is read once.
fn of_module(catalog: &Catalog, name: &ModuleName, references: &ToModule<'_>) -> Vec<Finding> {
    let Ok(module) = catalog.module(name) else { return Vec::new() };
    let mut found = Vec::new();
    for (release_name, targets) in references {
        let cid = module.as_ref().and_then(|module| module.releases.get(*release_name));
        let needs_items = targets.iter().any(|(target, _)| matches!(target, Target::Item(_)));
        let release = match cid {
            Some(cid) if needs_items => match read::release(catalog.files(), name, release_name, cid) {
                Ok(release) => Some(release),
                Err(_damaged) => continue,
            },
            _ => None,
        };
        found.extend(
            targets.iter().filter_map(|(target, from)| describe(cid.is_some(), release.as_ref(), target, from)),
        );
    }
    found
}

fn describe(is_there: bool, release: Option<&Release>, target: &Target, from: &str) -> Option<Finding> {
    let message = match (target, release) {
        (Target::Item(reference), _) if !is_there => format!("`catalog:{reference}` is not in this catalog"),
        (Target::Release(reference), _) if !is_there => format!("its parent `{reference}` is not in this catalog"),
        (Target::Item(reference), Some(release)) if !release.items.contains_key(&reference.item) => {
            format!("`catalog:{reference}`: the release has no such item")
        }
        _ => return None,
    };
    Some(Finding::new(Code::ReferenceDangling, from, message))
}
