//! A module being changed: what is read is verified, what is written are the documents
//! that differ.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::error::CatalogError;
use super::open::Catalog;
use super::read;
use crate::code::Code;
use crate::model::codec::{MAX_DOCUMENT, encode};
use crate::model::order::sort_natural;
use crate::model::{
    Map, Metadata, Mirrors, MirrorsCapsule, Module, ModuleCapsule, ModuleName, Plot, PlotCapsule, RecordCapsule,
    RecordCid, Release, ReleaseName, WarpforgeCid, folded, metadata,
};
use crate::store::{EntryKind, Place, StoreError, layout};

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
    /// The releases' names as a file system that ignores case has them.
    folded: Option<HashSet<String>>,
    /// Replays and records that unchanged releases name.
    confirmed: BTreeSet<String>,
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
            folded: None,
            confirmed: BTreeSet::new(),
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
                self.check_name(&name)?;
                self.module.releases.insert(name.clone(), cid);
                self.has_new_release = true;
            }
        }
        self.removed.remove(&name);
        self.releases.insert(name, release);
        Ok(())
    }

    /// Confirms that a release which does not change is there as its module names it,
    /// with its replay and record; says whether its file had to be put back.
    pub(super) fn confirm(&mut self, release: Release) -> Result<bool, CatalogError> {
        self.confirmed.extend(documents_named(&release.metadata));
        match self.release(&release.release_name) {
            Ok(_) => Ok(false),
            Err(CatalogError::Missing { .. }) => {
                self.releases.insert(release.release_name.clone(), release);
                Ok(true)
            }
            Err(damaged) => Err(damaged),
        }
    }

    /// Refuses a new release whose file would be another's where case is ignored.
    fn check_name(&mut self, name: &ReleaseName) -> Result<(), CatalogError> {
        let releases = &self.module.releases;
        let folded_names =
            self.folded.get_or_insert_with(|| releases.keys().map(|name| folded(name.as_str())).collect());
        if folded_names.insert(folded(name.as_str())) {
            return Ok(());
        }
        Err(CatalogError::Placement {
            code: Code::NameCollision,
            name: format!("{}:{name}", self.module.name),
            reason: "another release of the module has that name where case is ignored".into(),
        })
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
        self.displaced.extend(documents_named(facts));
    }

    /// The files that change; see [`Draft::changes`].
    pub(super) fn finish(self) -> Result<Vec<FileChange>, CatalogError> {
        let changes = self.changes()?;
        for (place, text) in &changes {
            // What is written must be possible to read.
            if text.as_ref().is_some_and(|text| text.len() > MAX_DOCUMENT) {
                return Err(StoreError::TooLarge { path: place.to_string(), limit: MAX_DOCUMENT }.into());
            }
        }
        Ok(changes)
    }

    /// The files that change; none when nothing does. A module whose last release was
    /// removed goes away whole.
    fn changes(mut self) -> Result<Vec<FileChange>, CatalogError> {
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
            return self.all_removed();
        }
        if self.original.as_ref().is_none_or(|original| *original != self.module) && !self.is_empty() {
            changes.push((Place::Module(name), Some(encode(&ModuleCapsule::V1(self.module)))));
        }
        Ok(changes)
    }

    /// Every document of the module goes away, also those that nothing names.
    fn all_removed(&self) -> Result<Vec<FileChange>, CatalogError> {
        let mut changes = Vec::new();
        for folder in ["", layout::RELEASES, layout::REPLAYS, layout::RECORDS] {
            let path = super::walk::join(self.module.name.as_str(), folder);
            let path = path.trim_end_matches('/');
            for entry in self.catalog.files().entries(path)?.unwrap_or_default() {
                let place = Place::parse(&format!("{path}/{}", entry.name));
                changes.extend(place.filter(|_| entry.kind == EntryKind::File).map(|place| (place, None)));
            }
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
        let mut named = self.confirmed.clone();
        let mut add = |facts: &Metadata| named.extend(documents_named(facts));
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

/// The CIDs of the replay and records that metadata name.
fn documents_named(facts: &Metadata) -> impl Iterator<Item = String> {
    let records = metadata::records_named(facts).map(|(_, cid)| cid.to_owned());
    facts.get(metadata::REPLAY).cloned().into_iter().chain(records)
}
