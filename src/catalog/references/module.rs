//! Whether an environment module is installed: a release says by its metadata `module`
//! what `module load` calls it.

use std::collections::BTreeSet;

use super::answer::{Answer, Problem, Verdict};
use crate::catalog::entry::ReleaseEntry;
use crate::catalog::error::CatalogError;
use crate::catalog::open::Catalog;
use crate::catalog::suggest;
use crate::model::{Architecture, JobPlace, ModuleName, metadata, order, upstream};

/// So many near names are looked into.
const LOOKED_INTO: usize = 5;

/// A release that can be loaded.
struct Loadable {
    module: ModuleName,
    release: ReleaseEntry,
    /// What `module load` calls it.
    name: String,
}

pub(super) fn answer(
    catalog: &Catalog,
    names: &[ModuleName],
    asked: &str,
    place: &JobPlace,
) -> Result<Answer, CatalogError> {
    let asked = asked.trim_end_matches('/');
    let mut near = Vec::new();
    // `NAME/VERSION` or `NAME`; a name may have a `/` as well.
    let spellings = asked.rsplit('/').take(2);
    for module in spellings.flat_map(|spelling| candidates(names, spelling)) {
        let found = loadable(catalog, module)?;
        let matching = found.iter().filter(|loadable| is_asked(&loadable.name, asked));
        let best = matching.min_by_key(|loadable| other_architecture(&loadable.release, place).is_some());
        if let Some(best) = best {
            return Ok(judged(best, asked, place));
        }
        near.extend(found.into_iter().map(|loadable| loadable.name));
    }
    let near = if near.is_empty() { near_names(catalog, names, asked)? } else { near_versions(asked, &near) };
    let message = format!("Module \"{asked}\" is not in the catalog");
    Ok(Answer { near, ..Answer::new(Verdict::Fails(Problem::ModuleMissing), message) })
}

/// Of the names of a module that is there: the nearest, or else the newest.
fn near_versions(asked: &str, names: &[String]) -> Vec<String> {
    let near = suggest::near(asked, names.iter().map(String::as_str));
    if near.is_empty() { names.iter().take(LOOKED_INTO).cloned().collect() } else { near }
}

/// Whether a module is the one that is asked for, with a version or without one.
fn is_asked(name: &str, asked: &str) -> bool {
    name == asked || name.rsplit_once('/').is_some_and(|(name, _)| name == asked)
}

fn judged(found: &Loadable, asked: &str, place: &JobPlace) -> Answer {
    let base = match other_architecture(&found.release, place) {
        Some((has, needs)) => {
            let message = format!("Module \"{asked}\" is for {has}, and the job needs {needs}");
            Answer::new(Verdict::Fails(Problem::WrongArchitecture), message)
        }
        None => Answer::new(Verdict::Resolves, format!("Module \"{asked}\" is in the catalog")),
    };
    let reference = Some(format!("{}:{}", found.module, found.release.name()));
    Answer { reference, yanked: found.release.fact(metadata::YANKED).map(str::to_owned), ..base }
}

/// What a release is built for, and what is needed, where that is not among it.
fn other_architecture(release: &ReleaseEntry, place: &JobPlace) -> Option<(String, Architecture)> {
    let needs = place.architecture?;
    let labels = release.release.items.keys();
    let mut has: Vec<Architecture> = labels.filter_map(|label| Architecture::of_label(label.as_str())).collect();
    has.sort_unstable();
    has.dedup();
    if has.is_empty() || has.contains(&needs) {
        return None;
    }
    let list: Vec<&str> = has.iter().map(|architecture| architecture.as_str()).collect();
    Some((list.join(" and "), needs))
}

/// The modules that a spelling can belong to, the newest stack first.
fn candidates<'n>(names: &'n [ModuleName], spelling: &str) -> Vec<&'n ModuleName> {
    let segments = [upstream::segment(spelling), Some(upstream::hashed_segment(spelling, upstream::SHORT))];
    let is_one = |name: &&ModuleName| segments.iter().flatten().any(|segment| segment == name.last_segment());
    let mut found: Vec<&ModuleName> = names.iter().filter(is_one).collect();
    found.sort_by(|a, b| order::newest_first(a.as_str(), b.as_str()));
    found
}

/// The releases of a module that say how they are loaded, the newest first.
fn loadable(catalog: &Catalog, name: &ModuleName) -> Result<Vec<Loadable>, CatalogError> {
    let Some(document) = catalog.module(name)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for release_name in document.releases.keys() {
        let Some(release) = catalog.release(name, release_name)? else { continue };
        if let Some(text) = release.fact(metadata::MODULE).map(str::to_owned) {
            found.push(Loadable { module: name.clone(), release, name: text });
        }
    }
    found.sort_by(|a, b| order::newest_first(a.release.name().as_str(), b.release.name().as_str()));
    Ok(found)
}

/// What modules with nearly this name are called, the nearest first.
fn near_names(catalog: &Catalog, names: &[ModuleName], asked: &str) -> Result<Vec<String>, CatalogError> {
    let software = asked.split('/').next().unwrap_or(asked);
    let mut last: Vec<&str> = names.iter().map(ModuleName::last_segment).collect();
    last.sort_unstable();
    last.dedup();
    let mut found = BTreeSet::new();
    for segment in suggest::near(software, last.into_iter()) {
        let alike = names.iter().filter(|name| name.last_segment() == segment).take(LOOKED_INTO);
        for name in alike {
            // Who asked without a version is answered without one.
            let short = |name: String| match name.rsplit_once('/') {
                Some((short, _)) if !asked.contains('/') => short.to_owned(),
                _ => name,
            };
            found.extend(loadable(catalog, name)?.into_iter().map(|loadable| short(loadable.name)));
        }
    }
    Ok(suggest::near(asked, found.iter().map(String::as_str)))
}
