//! A module being changed: what is read is verified, what is written are the documents
//! that differ.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CatalogError;
use super::open::Catalog;
use super::read;
use crate::model::codec::encode;
use crate::model::order::sort_natural;
use crate::model::{
    Map, Metadata, Mirrors, MirrorsCapsule, Module, ModuleCapsule, ModuleName, Plot, PlotCapsule, RecordCapsule,
    RecordCid, Release, ReleaseName, WarpforgeCid, metadata,
};
use crate::store::Place;

/// One file that changes: its new text, or `None` when it goes away.
pub(super) type FileChange = (Place, Option<Vec<u8>>);

/// A module with its changes so far.
pub(super) struct Draft<'a> {
    catalog: &'a Catalog,
    original: Option<Module>,
    original_mirrors: Option<Mirrors>,
    pub(super) module: Module,
    pub(super) mirrors: Mirrors,
    /// Releases that are new or changed.
    releases: BTreeMap<ReleaseName, Release>,
    removed: BTreeSet<ReleaseName>,
    replays: BTreeMap<WarpforgeCid, Plot>,
    records: BTreeMap<RecordCid, RecordCapsule>,
    /// Replays and records that something named before it changed.
    displaced: BTreeSet<String>,
    /// Whether the releases are to be sorted again.
    has_new_release: bool,
}

impl<'a> Draft<'a> {
    /// A draft of a module, which may be new.
    pub(super) fn open(catalog: &'a Catalog, name: &ModuleName) -> Result<Self, CatalogError> {
        let original = catalog.module(name)?;
        let files = catalog.files();
        let original_mirrors: Option<MirrorsCapsule> = read::document(files, &Place::Mirrors(name.clone()))?;
        let original_mirrors = original_mirrors.map(MirrorsCapsule::into_inner);
        Ok(Self {
            catalog,
            module: original.clone().unwrap_or_else(|| Module::new(name.clone())),
            mirrors: original_mirrors.clone().unwrap_or_default(),
            original,
            original_mirrors,
            releases: BTreeMap::new(),
            removed: BTreeSet::new(),
            replays: BTreeMap::new(),
            records: BTreeMap::new(),
            displaced: BTreeSet::new(),
            has_new_release: false,
        })
    }

    /// Whether the module is not in the catalog yet.
    pub(super) fn is_new(&self) -> bool {
        self.original.is_none()
    }

    /// A release as it is now, verified.
    pub(super) fn release(&self, name: &ReleaseName) -> Result<Option<Release>, CatalogError> {
        if let Some(release) = self.releases.get(name) {
            return Ok(Some(release.clone()));
        }
        let Some(cid) = self.module.releases.get(name) else { return Ok(None) };
        read::release(self.catalog.files(), &self.module.name, name, cid).map(Some)
    }

    /// Puts a release in place of the one of its name, or as a new one.
    pub(super) fn put(&mut self, release: Release) -> Result<(), CatalogError> {
        let name = release.release_name.clone();
        let cid = release.cid();
        match self.module.releases.get(&name) {
            Some(old) if *old == cid => return Ok(()),
            Some(_) => {
                if let Some(old) = self.release(&name)? {
                    self.displace(&old.metadata);
                }
                self.module.releases.insert(name.clone(), cid);
            }
            None => {
                self.module.releases.insert(name.clone(), cid);
                self.has_new_release = true;
            }
        }
        self.removed.remove(&name);
        self.releases.insert(name, release);
        Ok(())
    }

    /// Takes a release away.
    pub(super) fn remove(&mut self, name: &ReleaseName) -> Result<(), CatalogError> {
        if let Some(old) = self.release(name)? {
            self.displace(&old.metadata);
        }
        self.module.releases.shift_remove(name);
        self.releases.remove(name);
        self.removed.insert(name.clone());
        Ok(())
    }

    /// Replaces the module's metadata.
    pub(super) fn set_metadata(&mut self, facts: Metadata) {
        let old = std::mem::replace(&mut self.module.metadata, facts);
        self.displace(&old);
    }

    /// Adds a replay, to be named by a release.
    pub(super) fn add_replay(&mut self, plot: Plot) -> WarpforgeCid {
        let cid = plot.cid();
        self.replays.insert(cid.clone(), plot);
        cid
    }

    /// Adds a record, to be named by the module or a release.
    pub(super) fn add_record(&mut self, record: RecordCapsule) -> RecordCid {
        let cid = record.cid();
        self.records.insert(cid.clone(), record);
        cid
    }

    /// Leaves replays and records in place that nothing names any more.
    pub(super) fn keep_displaced(&mut self) {
        self.displaced.clear();
    }

    fn sort(&mut self) {
        let mut entries: Vec<_> = std::mem::take(&mut self.module.releases).into_iter().collect();
        sort_natural(&mut entries, |(name, _)| name.as_str());
        self.module.releases = Map::from_iter(entries);
    }

    fn displace(&mut self, facts: &Metadata) {
        for key in [metadata::REPLAY, metadata::RECORD] {
            self.displaced.extend(facts.get(key).cloned());
        }
    }

    /// The files that change; none when nothing does. A module without releases and
    /// metadata goes away whole.
    pub(super) fn finish(mut self) -> Result<Vec<FileChange>, CatalogError> {
        if self.has_new_release {
            self.sort();
        }
        let name = self.module.name.clone();
        let mut changes: Vec<FileChange> = Vec::new();
        let named = self.named_documents()?;
        for (cid, plot) in &self.replays {
            if named.contains(cid.as_str()) {
                self.write(&mut changes, Place::Replay(name.clone(), cid.clone()), &PlotCapsule::V1(plot.clone()))?;
            }
        }
        for (cid, record) in &self.records {
            if named.contains(cid.as_str()) {
                self.write(&mut changes, Place::Record(name.clone(), cid.clone()), record)?;
            }
        }
        for text in self.displaced.iter().filter(|text| !named.contains(text.as_str())) {
            if let Ok(cid) = text.parse() {
                changes.push((Place::Replay(name.clone(), cid), None));
            } else if let Ok(cid) = text.parse() {
                changes.push((Place::Record(name.clone(), cid), None));
            }
        }
        for (release, document) in &self.releases {
            changes.push((Place::Release(name.clone(), release.clone()), Some(encode(document))));
        }
        changes.extend(self.removed.iter().map(|release| (Place::Release(name.clone(), release.clone()), None)));
        if self.original_mirrors.clone().unwrap_or_default() != self.mirrors {
            let mirrors = MirrorsCapsule::V1(self.mirrors.clone());
            changes.push((Place::Mirrors(name.clone()), Some(encode(&mirrors))));
        }
        if self.module.releases.is_empty() && !self.removed.is_empty() {
            changes.retain(|(place, _)| !matches!(place, Place::Mirrors(_)));
            changes.push((Place::Module(name.clone()), None));
            changes.push((Place::Mirrors(name), None));
        } else if self.original.as_ref().is_none_or(|original| *original != self.module) && !self.is_empty() {
            changes.push((Place::Module(name), Some(encode(&ModuleCapsule::V1(self.module)))));
        }
        Ok(changes)
    }

    /// Whether the module has nothing to say: mirrors can be there before it.
    fn is_empty(&self) -> bool {
        self.is_new() && self.module.releases.is_empty() && self.module.metadata.is_empty()
    }

    /// Writes a document that is named by its content, unless it is there already.
    fn write<T: serde::Serialize>(
        &self,
        changes: &mut Vec<FileChange>,
        place: Place,
        document: &T,
    ) -> Result<(), CatalogError> {
        let text = encode(document);
        let is_there = !self.is_new()
            && self.catalog.files().read(&place.to_string(), text.len()).is_ok_and(|old| old.as_deref() == Some(&text));
        if !is_there {
            changes.push((place, Some(text)));
        }
        Ok(())
    }

    /// The CIDs of all replays and records that are named now. Releases that did not
    /// change are only read when something was displaced.
    fn named_documents(&self) -> Result<BTreeSet<String>, CatalogError> {
        let mut named = BTreeSet::new();
        let mut add = |facts: &Metadata| {
            named.extend([metadata::REPLAY, metadata::RECORD].iter().filter_map(|key| facts.get(*key).cloned()));
        };
        add(&self.module.metadata);
        self.releases.values().for_each(|release| add(&release.metadata));
        if !self.displaced.is_empty() {
            for name in self.module.releases.keys().filter(|name| !self.releases.contains_key(*name)) {
                if let Some(release) = self.release(name)? {
                    add(&release.metadata);
                }
            }
        }
        Ok(named)
    }
}
