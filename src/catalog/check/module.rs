//! Checking one module and all that belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use super::document::read;
use super::finding::{self, Finding};
use super::references::Target;
use super::{CheckOptions, Counts, local};
use crate::code::Code;
use crate::model::{
    CVMFS, Location, Mirrors, MirrorsCapsule, Module, ModuleCapsule, ModuleName, PlotCapsule, RawMirrorsCapsule,
    RawModuleCapsule, RawRelease, RecordCapsule, RecordCid, Release, ReleaseName, WareId, WarehouseAddr, WarpforgeCid,
    folded, metadata,
};
use crate::store::{Entry, EntryKind, Files, Place, layout};

/// What a module's check gave.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) findings: Vec<Finding>,
    pub(super) counts: Counts,
    /// The module, when its name is one.
    pub(super) name: Option<ModuleName>,
    /// What it refers to outside itself, each with the document that does.
    pub(super) references: Vec<(Target, String)>,
}

/// Addresses of a ware of packtype `cvmfs` that are not the place that its hash names.
fn elsewhere<'a>(ware: &WareId, addresses: &'a [WarehouseAddr]) -> Vec<&'a WarehouseAddr> {
    if ware.packtype() != CVMFS {
        return Vec::new();
    }
    let is_its_place =
        |address: &&WarehouseAddr| Location::from_address(address).is_none_or(|place| place.ware() == *ware);
    addresses.iter().filter(|address| !is_its_place(address)).collect()
}

struct Check<'a> {
    files: &'a dyn Files,
    /// What the module's folder holds.
    entries: &'a [Entry],
    name: ModuleName,
    verdict: Verdict,
    /// Whether a release could not be read, so that what it names is not known.
    is_incomplete: bool,
    replays: BTreeMap<WarpforgeCid, String>,
    records: BTreeMap<RecordCid, String>,
}

/// Checks the module in a folder.
pub(super) fn check(files: &dyn Files, path: &str, entries: &[Entry], options: CheckOptions) -> Verdict {
    let mut verdict = Verdict { counts: Counts { modules: 1, ..Counts::default() }, ..Verdict::default() };
    let name: ModuleName = match path.parse() {
        Ok(name) => name,
        Err(error) => {
            verdict.findings.push(Finding::new(Code::NameUnsafe, path, format!("{error}")));
            return verdict;
        }
    };
    verdict.name = Some(name.clone());
    let mut check = Check {
        files,
        entries,
        name,
        verdict,
        is_incomplete: false,
        replays: BTreeMap::new(),
        records: BTreeMap::new(),
    };
    if let Some(module) = check.module() {
        check.releases(&module);
        check.replays();
        check.records();
    }
    check.mirrors(options);
    check.verdict
}

impl Check<'_> {
    fn find(&mut self, code: Code, place: &Place, message: impl Into<String>) {
        self.verdict.findings.push(Finding::new(code, &place.to_string(), message));
    }

    fn module(&mut self) -> Option<Module> {
        let place = Place::Module(self.name.clone());
        let found = &mut self.verdict.findings;
        let capsule = read::<ModuleCapsule, RawModuleCapsule>(self.files, &place, found)??;
        let module = capsule.into_inner();
        if module.name != self.name {
            self.find(Code::DocumentMisplaced, &place, format!("it calls itself `{}`", module.name));
        }
        self.note_record(&module.metadata, &place);
        Some(module)
    }

    fn releases(&mut self, module: &Module) {
        let mut listed = self.listed(layout::RELEASES);
        let mut names = BTreeMap::new();
        for (release, cid) in &module.releases {
            let file = format!("{release}.json");
            if let Some(other) = names.insert(folded(release.as_str()), release.clone()) {
                let paths = [release, &other].map(|r| Place::Release(self.name.clone(), r.clone()).to_string());
                self.verdict.findings.push(finding::collision(&paths[0], &paths[1]));
            }
            listed.remove(&file);
            self.release(release, cid);
        }
        self.orphans(layout::RELEASES, listed, "the module does not name it");
    }

    fn release(&mut self, name: &ReleaseName, cid: &WarpforgeCid) {
        let place = Place::Release(self.name.clone(), name.clone());
        self.verdict.counts.releases += 1;
        let release = match read::<Release, RawRelease>(self.files, &place, &mut self.verdict.findings) {
            Some(Some(release)) => release,
            Some(None) => {
                self.is_incomplete = true;
                return self.find(Code::ReleaseMissing, &place, "the module names it, but it is not there");
            }
            None => {
                self.is_incomplete = true;
                return;
            }
        };
        let found = release.cid();
        if found != *cid {
            self.find(Code::ReleaseTampered, &place, format!("the module names {cid}, this is {found}"));
        }
        if release.release_name != *name {
            self.find(Code::DocumentMisplaced, &place, format!("it calls itself `{}`", release.release_name));
        }
        self.verdict.counts.items += release.items.len();
        self.note_record(&release.metadata, &place);
        self.note_replay(&release, &place);
        if let Some(parent) = release.metadata.get(metadata::PARENT) {
            match parent.parse() {
                Ok(parent) => self.refer(Target::Release(parent), &place),
                Err(error) => self.find(Code::ReferenceDangling, &place, format!("`parent`: {error}")),
            }
        }
    }

    fn refer(&mut self, target: Target, place: &Place) {
        self.verdict.references.push((target, place.to_string()));
    }

    fn note_replay(&mut self, release: &Release, place: &Place) {
        let Some(text) = release.metadata.get(metadata::REPLAY) else { return };
        match text.parse() {
            Ok(cid) => {
                self.replays.entry(cid).or_insert_with(|| place.to_string());
            }
            Err(error) => self.find(Code::ReplayMissing, place, format!("`replay`: {error}")),
        }
    }

    fn note_record(&mut self, facts: &crate::model::Metadata, place: &Place) {
        for (key, text) in metadata::records_named(facts) {
            match text.parse() {
                Ok(cid) => {
                    self.records.entry(cid).or_insert_with(|| place.to_string());
                }
                Err(error) => self.find(Code::RecordMissing, place, format!("`{key}`: {error}")),
            }
        }
    }

    fn replays(&mut self) {
        let mut listed = self.listed(layout::REPLAYS);
        for (cid, from) in std::mem::take(&mut self.replays) {
            let place = Place::Replay(self.name.clone(), cid.clone());
            if !listed.remove(&format!("{cid}.json")) {
                self.find(Code::ReplayMissing, &place, format!("`{from}` names it, but it is not there"));
                continue;
            }
            self.verdict.counts.replays += 1;
            self.replay(&cid, &place);
        }
        for file in &listed {
            if let Some(cid) = layout::stem(file).and_then(|stem| stem.parse().ok()) {
                self.replay(&cid, &Place::Replay(self.name.clone(), cid.clone()));
            }
        }
        self.orphans(layout::REPLAYS, listed, "no release names it");
    }

    fn replay(&mut self, cid: &WarpforgeCid, place: &Place) {
        let read = read::<PlotCapsule, PlotCapsule>(self.files, place, &mut self.verdict.findings);
        let Some(Some(PlotCapsule::V1(plot))) = read else { return };
        let found = plot.cid();
        if found != *cid {
            self.find(Code::DocumentMisnamed, place, format!("it holds the replay {found}"));
        }
        for leak in plot.leaks() {
            self.find(Code::ReplayNotHermetic, place, format!("it depends on its machine: {leak}"));
        }
        for reference in plot.catalog_refs() {
            self.refer(Target::Item(reference.clone()), place);
        }
    }

    fn records(&mut self) {
        let mut listed = self.listed(layout::RECORDS);
        for (cid, from) in std::mem::take(&mut self.records) {
            let place = Place::Record(self.name.clone(), cid.clone());
            if !listed.remove(&format!("{cid}.json")) {
                self.find(Code::RecordMissing, &place, format!("`{from}` names it, but it is not there"));
                continue;
            }
            self.verdict.counts.records += 1;
            self.record(&cid, &place);
        }
        for file in &listed {
            if let Some(cid) = layout::stem(file).and_then(|stem| stem.parse().ok()) {
                self.record(&cid, &Place::Record(self.name.clone(), cid.clone()));
            }
        }
        self.orphans(layout::RECORDS, listed, "neither the module nor a release names it");
    }

    fn record(&mut self, cid: &RecordCid, place: &Place) {
        let read = read::<RecordCapsule, RecordCapsule>(self.files, place, &mut self.verdict.findings);
        let Some(Some(capsule)) = read else { return };
        let found = capsule.cid();
        if found != *cid {
            self.find(Code::DocumentMisnamed, place, format!("it holds the record {found}"));
        }
    }

    fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name)
    }

    fn mirrors(&mut self, options: CheckOptions) {
        if !self.has(layout::MIRRORS) {
            return;
        }
        let place = Place::Mirrors(self.name.clone());
        let found = &mut self.verdict.findings;
        let Some(Some(capsule)) = read::<MirrorsCapsule, RawMirrorsCapsule>(self.files, &place, found) else { return };
        let mirrors: Mirrors = capsule.into_inner();
        self.verdict.counts.mirrored += mirrors.by_ware.as_ref().map_or(0, |map| map.len());
        for (ware, addresses) in mirrors.by_ware.iter().flat_map(|map| map.iter()) {
            for other in elsewhere(ware, addresses) {
                self.find(Code::LocationMismatch, &place, format!("{ware} does not name the place `{other}`"));
            }
        }
        if options.local {
            for problem in local::missing(&mirrors) {
                self.find(Code::LocationMissing, &place, problem);
            }
        }
    }

    /// The plain files of one of the module's folders; anything else is a finding.
    fn listed(&mut self, folder: &str) -> BTreeSet<String> {
        if !self.has(folder) {
            return BTreeSet::new();
        }
        let path = format!("{}/{folder}", self.name);
        let entries = match self.files.entries(&path) {
            Ok(entries) => entries.unwrap_or_default(),
            Err(error) => {
                self.verdict.findings.push(Finding::new(error.code(), &path, error.to_string()));
                return BTreeSet::new();
            }
        };
        let mut names = BTreeSet::new();
        for entry in entries {
            if entry.kind == EntryKind::File {
                names.insert(entry.name);
            } else {
                let path = format!("{path}/{}", entry.name);
                self.verdict.findings.push(Finding::new(Code::FileUnsafe, &path, "it is not a plain file"));
            }
        }
        names
    }

    fn orphans(&mut self, folder: &str, files: BTreeSet<String>, why: &str) {
        if self.is_incomplete && folder != layout::RELEASES {
            return;
        }
        for file in files {
            let path = format!("{}/{folder}/{file}", self.name);
            self.verdict.findings.push(Finding::new(Code::DocumentOrphaned, &path, why));
        }
    }
}
