//! Whether what documents refer to in the catalog is there.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::finding::Finding;
use crate::catalog::entry::ReleaseEntry;
use crate::catalog::open::Catalog;
use crate::code::Code;
use crate::model::{CatalogRef, ModuleName, ReleaseName, ReleaseRef};

/// What a document refers to outside its module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// An input of a replay.
    Item(CatalogRef),
    /// The release that holds another's wares.
    Release(ReleaseRef),
}

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
    let mut by_release: BTreeMap<_, Vec<&(Target, String)>> = BTreeMap::new();
    for reference in &references {
        by_release.entry(reference.0.release()).or_default().push(reference);
    }
    let groups: Vec<_> = by_release.into_iter().collect();
    groups
        .par_iter()
        .flat_map_iter(|((module, release), targets)| {
            let found = catalog.release(module, release).map_err(|_damaged| ());
            targets.iter().filter_map(move |(target, from)| describe(&found, target, from))
        })
        .collect()
}

fn describe(found: &Result<Option<ReleaseEntry>, ()>, target: &Target, from: &str) -> Option<Finding> {
    let message = match (found, target) {
        (Err(()), _) => return None,
        (Ok(None), Target::Item(reference)) => format!("`catalog:{reference}` is not in this catalog"),
        (Ok(None), Target::Release(reference)) => format!("its parent `{reference}` is not in this catalog"),
        (Ok(Some(entry)), Target::Item(reference)) if !entry.release.items.contains_key(&reference.item) => {
            format!("`catalog:{reference}`: the release has no such item")
        }
        (Ok(Some(_)), _) => return None,
    };
    Some(Finding::new(Code::ReferenceDangling, from, message))
}
