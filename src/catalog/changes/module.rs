//! A module in two states.

use std::collections::HashSet;

use super::release;
use super::touched::Parts;
use super::value::{Fault, Kept, ModuleChange, NewRelease, ReleaseChange, cut};
use crate::catalog::error::CatalogError;
use crate::catalog::read;
use crate::model::order::sorted_newest_first;
use crate::model::{MirrorsCapsule, Module, ModuleCapsule, ModuleName, Release, ReleaseName, WarpforgeCid, metadata};
use crate::store::{Files, Place};

/// A state of the catalog, and what it is called in a fault.
#[derive(Clone, Copy)]
pub(super) struct State<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) name: &'static str,
}

impl State<'_> {
    pub(super) fn fault(&self, path: impl ToString, error: &CatalogError) -> Fault {
        Fault {
            path: path.to_string(),
            state: self.name.to_owned(),
            code: error.code().to_string(),
            message: error.to_string(),
        }
    }
}

/// Two states of a module that are being compared.
pub(super) struct Pair<'a> {
    pub(super) name: &'a ModuleName,
    pub(super) before: State<'a>,
    pub(super) after: State<'a>,
    /// Whether documents of new releases are read, for their items.
    pub(super) detailed: bool,
    pub(super) faults: Vec<Fault>,
}

/// Both documents of a module, read; `None` where a state has none.
pub(super) struct Documents {
    before: Option<Module>,
    after: Option<Module>,
}

impl Documents {
    /// How many releases the later state has that the earlier has not.
    pub(super) fn new_releases(&self) -> usize {
        let Some(after) = &self.after else { return 0 };
        let known = |name: &ReleaseName| self.before.as_ref().is_some_and(|module| module.releases.contains_key(name));
        after.releases.keys().filter(|name| !known(name)).count()
    }
}

impl Pair<'_> {
    /// Reads the module's document in both states; `None` where one of them is damaged.
    pub(super) fn documents(&mut self) -> Option<Documents> {
        let mut read = |state: State<'_>| {
            let found = read::module(state.files, self.name);
            let fault = |error| self.faults.push(state.fault(Place::Module(self.name.clone()), &error));
            found.map_err(fault).ok().map(|capsule| capsule.map(ModuleCapsule::into_inner))
        };
        let (before, after) = (read(self.before), read(self.after));
        Some(Documents { before: before?, after: after? })
    }

    /// What changed of the module.
    pub(super) fn compare(&mut self, documents: &Documents, parts: &Parts) -> Option<ModuleChange> {
        let (before, after) = (documents.before.as_ref(), documents.after.as_ref());
        let kept = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => Kept::New,
            (Some(_), None) => Kept::Gone,
            (Some(_), Some(_)) => Kept::Changed,
        };
        let named = after.or(before)?;
        let (mirrors_added, mirrors_dropped) =
            if parts.mirrors && kept == Kept::Changed { self.mirrors() } else { (0, 0) };
        let empty = Module::new(self.name.clone());
        let (old, new) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
        self.check_unnamed(old, new, parts);
        let change = ModuleChange {
            name: self.name.clone(),
            title: title(named),
            kept,
            new: self.new_releases(old, new),
            gone: newest(new, old).into_iter().map(|(name, _)| name.clone()).collect(),
            changed: self.changed_releases(old, new),
            facts: if kept == Kept::Changed { release::facts(&old.metadata, &new.metadata, &[]) } else { Vec::new() },
            mirrors_added,
            mirrors_dropped,
        };
        (!change.is_empty()).then_some(change)
    }

    fn new_releases(&mut self, old: &Module, new: &Module) -> Vec<NewRelease> {
        let mut found = Vec::new();
        for (name, cid) in newest(old, new) {
            let release = if self.detailed { self.release(self.after, name, cid) } else { None };
            let items = release.map(|release| release.items.keys().cloned().collect());
            found.push(NewRelease { name: name.clone(), items });
        }
        found
    }

    fn changed_releases(&mut self, old: &Module, new: &Module) -> Vec<ReleaseChange> {
        let both = (new.releases.iter())
            .filter_map(|(name, cid)| old.releases.get(name).filter(|was| *was != cid).map(|was| (name, was, cid)));
        let mut found = Vec::new();
        for (name, was, is) in sorted_newest_first(both, |both| both.0.as_str()) {
            let (before, after) = (self.release(self.before, name, was), self.release(self.after, name, is));
            let (Some(before), Some(after)) = (before, after) else { continue };
            let change = release::changed(&before, &after);
            if !change.is_empty() {
                found.push(change);
            }
        }
        found
    }

    /// Documents that differ though the module names the same ones are damaged in one of
    /// the states; the later one is what there is to tell.
    fn check_unnamed(&mut self, old: &Module, new: &Module, parts: &Parts) {
        for name in &parts.releases {
            if let Some(cid) = new.releases.get(name).filter(|cid| old.releases.get(name) == Some(*cid)) {
                self.release(self.after, name, cid);
            }
        }
    }

    /// Reads a release, verified; a damaged one is a fault.
    fn release(&mut self, state: State<'_>, name: &ReleaseName, cid: &WarpforgeCid) -> Option<Release> {
        let found = read::release(state.files, self.name, name, cid);
        let place = || Place::Release(self.name.clone(), name.clone());
        found.map_err(|error| self.faults.push(state.fault(place(), &error))).ok()
    }

    /// How many addresses were added and dropped.
    fn mirrors(&mut self) -> (usize, usize) {
        let (Some(old), Some(new)) = (self.addresses(self.before), self.addresses(self.after)) else { return (0, 0) };
        (new.difference(&old).count(), old.difference(&new).count())
    }

    fn addresses(&mut self, state: State<'_>) -> Option<HashSet<(String, String)>> {
        let place = Place::Mirrors(self.name.clone());
        let capsule = match read::document::<MirrorsCapsule>(state.files, &place) {
            Ok(found) => found,
            Err(error) => {
                self.faults.push(state.fault(place, &error));
                return None;
            }
        };
        let mirrors = capsule.map(MirrorsCapsule::into_inner).unwrap_or_default();
        let mut found = HashSet::new();
        for (ware, addresses) in mirrors.by_ware.iter().flat_map(|map| map.iter()) {
            found.extend(addresses.iter().map(|address| (ware.to_string(), address.to_string())));
        }
        for (module, by_packtype) in mirrors.by_module.iter().flat_map(|map| map.iter()) {
            for (packtype, addresses) in by_packtype.iter() {
                let holder = format!("{module} {}", packtype.as_str());
                found.extend(addresses.iter().map(|address| (holder.clone(), address.to_string())));
            }
        }
        Some(found)
    }
}

/// The releases of `new` that `old` has not, newest first.
fn newest<'a>(old: &Module, new: &'a Module) -> Vec<(&'a ReleaseName, &'a WarpforgeCid)> {
    let found = new.releases.iter().filter(|(name, _)| !old.releases.contains_key(*name));
    sorted_newest_first(found, |(name, _)| name.as_str())
}

/// The name that people know a module by, on one line, never empty.
fn title(module: &Module) -> String {
    let spelling =
        module.metadata.get(metadata::NAME).and_then(|text| text.lines().find(|line| !line.trim().is_empty()));
    spelling.map_or_else(|| module.name.last_segment().to_owned(), |line| cut(line.trim()))
}
