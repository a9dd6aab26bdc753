//! Walking a catalog's folders, in parallel.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::error::CatalogError;
use crate::model::{MAX_MODULE, ModuleName};
use crate::store::{Entry, EntryKind, Files, StoreError, layout};

/// Deepest folder that is looked into: no module name has more parts.
const MAX_DEPTH: usize = 128;

/// A folder on the way, or why it could not be listed.
pub(super) struct Visit {
    /// Its path, empty for the catalog's own folder.
    pub(super) path: String,
    /// What it holds.
    pub(super) entries: Result<Vec<Entry>, StoreError>,
    /// The module that it lies below, if any.
    pub(super) below: Option<String>,
}

impl Visit {
    /// Whether the folder holds a file of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.as_ref().is_ok_and(|entries| entries.iter().any(|entry| entry.name == name))
    }
}

/// Visits every folder in which modules can lie: not those whose names begin with `.`
/// or `_`. `visit` is called from several threads.
pub(super) fn walk(files: &dyn Files, visit: &(dyn Fn(&Visit) + Sync)) {
    walk_from(files, "", visit);
}

/// As [`walk`], of one folder and those below it.
fn walk_from(files: &dyn Files, start: &str, visit: &(dyn Fn(&Visit) + Sync)) {
    rayon::scope(|scope| folder(scope, files, visit, start.to_owned(), None, 0));
}

fn folder<'s>(
    scope: &rayon::Scope<'s>,
    files: &'s dyn Files,
    visit: &'s (dyn Fn(&Visit) + Sync),
    path: String,
    below: Option<String>,
    depth: usize,
) {
    let entries = files.entries(&path).map(Option::unwrap_or_default);
    let here = Visit { path, entries, below };
    visit(&here);
    let Ok(entries) = &here.entries else { return };
    let below = if here.has(layout::MODULE) { Some(here.path.clone()) } else { here.below.clone() };
    let is_deep = depth >= MAX_DEPTH || here.path.len() > MAX_MODULE * 2;
    for entry in entries.iter().filter(|entry| entry.kind == EntryKind::Folder && !is_deep) {
        if entry.name.starts_with(['.', '_']) {
            continue;
        }
        let path = join(&here.path, &entry.name);
        let below = below.clone();
        scope.spawn(move |scope| folder(scope, files, visit, path, below, depth + 1));
    }
}

/// A path within a folder, which may be the catalog's own.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The names of all modules, sorted.
pub(super) fn module_names(files: &dyn Files, start: &str) -> Result<Vec<ModuleName>, CatalogError> {
    let names = Mutex::new(Vec::new());
    let failures = Mutex::new(BTreeMap::new());
    walk_from(files, start, &|visit| {
        if let Err(fault) = &visit.entries {
            failures.lock().unwrap_or_else(PoisonError::into_inner).insert(visit.path.clone(), fault.again());
        } else if visit.has(layout::MODULE)
            && let Ok(name) = visit.path.parse()
        {
            names.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        }
    });
    // An incomplete list is none; the first fault by path, whatever the order of threads.
    if let Some((_, fault)) = failures.into_inner().unwrap_or_else(PoisonError::into_inner).pop_first() {
        return Err(fault.into());
    }
    let mut names = names.into_inner().unwrap_or_else(PoisonError::into_inner);
    names.sort_unstable();
    Ok(names)
}

/// The folder of a module: looks depth first and stops at the first.
pub(super) fn first_module(files: &dyn Files) -> Result<Option<String>, CatalogError> {
    let mut waiting = vec![(String::new(), 0)];
    let mut looked = 0;
    while let Some((path, depth)) = waiting.pop() {
        let Ok(Some(entries)) = files.entries(&path) else { continue };
        looked += 1;
        if entries.iter().any(|entry| entry.name == layout::MODULE) && !path.is_empty() {
            return Ok(Some(path));
        }
        // A folder that is no catalog may hold a whole disk.
        if looked > 2_000 {
            break;
        }
        if depth >= 8 {
            continue;
        }
        let folders = entries.iter().filter(|e| e.kind == EntryKind::Folder && !e.name.starts_with(['.', '_']));
        waiting.extend(folders.map(|entry| (join(&path, &entry.name), depth + 1)));
    }
    Ok(None)
}
