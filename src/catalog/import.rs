//! From an importer's proposals to changes of the catalog.
//!
//! An import adds what is new. What is there and differs is reported, and rewritten only
//! when asked for; then it gains items and metadata and keeps what upstream does not
//! speak of. What upstream dropped stays unless pruning is asked for. An item whose ware
//! would become another is always told apart: whoever pinned it would get another ware.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::Serialize;

use super::apply::ApplyOptions;
use super::draft::Draft;
use super::error::CatalogError;
use super::open::Catalog;
use super::placement::Placement;
use crate::code::Code;
use crate::model::codec::encode;
use crate::model::{
    CatalogRef, ItemLabel, Metadata, ModuleName, ModuleProposal, Plot, Release, ReleaseName, ReleaseProposal,
    ReleaseRef, Source, SourceCapsule, WareId, metadata,
};
use crate::store::{Committed, Place, Transaction};

/// What an import does to what is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportPolicy {
    /// Rewrite what differs.
    pub update_existing: bool,
    /// Remove what upstream dropped.
    pub prune: bool,
}

/// What an import proposes, and of what it speaks.
pub struct Proposals<'a> {
    /// The modules, each name once.
    pub modules: Vec<ModuleProposal>,
    /// The prefix of the source.
    pub prefix: &'a ModuleName,
    /// What the source last gave.
    pub source: Option<Source>,
    /// Whether the source speaks of a module, so that its absence means that it was dropped.
    pub covers: &'a (dyn Fn(&ModuleName) -> bool + Sync),
}

/// How many there are of a kind, by what happens to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// New in the catalog.
    pub created: u64,
    /// Rewritten.
    pub updated: u64,
    /// As they are.
    pub unchanged: u64,
    /// Changed upstream, and left as they are.
    pub held_back: u64,
    /// Dropped upstream and removed.
    pub pruned: u64,
    /// Dropped upstream and kept.
    pub kept: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.held_back += other.held_back;
        self.pruned += other.pruned;
        self.kept += other.kept;
    }
}

/// An item whose ware upstream changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BrokenPin {
    /// The item.
    pub reference: String,
    /// The ware that it names, or named.
    pub was: String,
    /// The ware that upstream has now.
    pub now: String,
}

/// What an import changes, or would change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Modules, by kind.
    pub modules: BTreeMap<String, Tally>,
    /// Releases, by kind.
    pub releases: BTreeMap<String, Tally>,
    /// The releases that are rewritten.
    pub updated: BTreeSet<String>,
    /// The releases that changed upstream and were left as they are.
    pub held_back: BTreeSet<String>,
    /// The releases that upstream dropped.
    pub dropped: BTreeSet<String>,
    /// Items of imported releases that upstream does not have: added by hand, or dropped.
    /// They are kept, since a pin on them must hold.
    pub items_not_upstream: BTreeSet<String>,
    /// Items whose ware would be another.
    pub broken_pins: BTreeSet<BrokenPin>,
    /// Releases that were not taken, since the module has another of that name where case
    /// is ignored.
    pub colliding: BTreeSet<String>,
    /// How many files change.
    pub files: u64,
}

impl ImportReport {
    fn merge(&mut self, other: ImportReport) {
        for (sums, more) in [(&mut self.modules, other.modules), (&mut self.releases, other.releases)] {
            for (kind, tally) in more {
                sums.entry(kind).or_default().add(tally);
            }
        }
        self.updated.extend(other.updated);
        self.held_back.extend(other.held_back);
        self.dropped.extend(other.dropped);
        self.items_not_upstream.extend(other.items_not_upstream);
        self.broken_pins.extend(other.broken_pins);
        self.colliding.extend(other.colliding);
        self.files += other.files;
    }
}

/// Where changed files go: a transaction, or nowhere.
type Sink<'a> = dyn Fn(Place, Option<Vec<u8>>) -> Result<(), CatalogError> + Sync + 'a;

impl Catalog {
    /// Says what an import would change.
    ///
    /// # Errors
    /// What reading can meet; `module-nested`, `name-collision`.
    pub fn plan_import(&self, proposals: Proposals<'_>, policy: ImportPolicy) -> Result<ImportReport, CatalogError> {
        import(self, proposals, policy, &|_, _| Ok(()))
    }

    /// Makes an import, in one transaction.
    ///
    /// # Errors
    /// As [`Catalog::plan_import`] and [`Catalog::apply`]; nothing is changed then.
    pub fn import(
        &self,
        proposals: Proposals<'_>,
        policy: ImportPolicy,
        options: ApplyOptions<'_>,
    ) -> Result<(ImportReport, Committed), CatalogError> {
        let tx = Transaction::begin(self.disk()?, options.patience, options.observer)?;
        let report = import(self, proposals, policy, &|place, text| {
            match text {
                Some(text) => tx.stage(place, &text)?,
                None => tx.remove(place),
            }
            Ok(())
        })?;
        Ok((report, tx.commit()?))
    }
}

fn import(
    catalog: &Catalog,
    proposals: Proposals<'_>,
    policy: ImportPolicy,
    sink: &Sink<'_>,
) -> Result<ImportReport, CatalogError> {
    let placement = Placement::new(catalog);
    let report = Mutex::new(ImportReport::default());
    let merge = |more| report.lock().unwrap_or_else(PoisonError::into_inner).merge(more);
    let proposed: BTreeSet<ModuleName> = proposals.modules.iter().map(|module| module.name.clone()).collect();
    let referred = referred(&proposals.modules);
    // The first fault by name, whatever the order of threads.
    let faults: Mutex<BTreeMap<ModuleName, CatalogError>> = Mutex::default();
    proposals.modules.into_par_iter().for_each(|proposal| {
        let name = proposal.name.clone();
        match Importing::new(catalog, &placement, policy, (proposals.covers)(&name), &referred).run(proposal, sink) {
            Ok(more) => merge(more),
            Err(error) => {
                faults.lock().unwrap_or_else(PoisonError::into_inner).insert(name, error);
            }
        }
    });
    if let Some((_, fault)) = faults.into_inner().unwrap_or_else(PoisonError::into_inner).pop_first() {
        return Err(fault);
    }
    let gone = catalog.module_names_within(proposals.prefix)?;
    for name in gone.into_iter().filter(|name| !proposed.contains(name) && (proposals.covers)(name)) {
        merge(drop_module(catalog, &name, policy, sink)?);
    }
    if let Some(source) = proposals.source
        && catalog.source(proposals.prefix)?.as_ref() != Some(&source)
    {
        sink(Place::Source(proposals.prefix.clone()), Some(encode(&SourceCapsule::V1(source))))?;
        merge(ImportReport { files: 1, ..ImportReport::default() });
    }
    Ok(report.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// The items that stand in for content and that replays among the proposals name: these
/// must be there, also where the catalog knows the content from before.
fn referred(modules: &[ModuleProposal]) -> BTreeSet<CatalogRef> {
    let releases = || modules.iter().flat_map(|module| &module.releases);
    let labels: BTreeSet<&ItemLabel> = releases().filter_map(|release| release.stand_in.as_ref()).collect();
    let named = releases().filter_map(|release| release.replay.as_ref()).flat_map(Plot::catalog_refs);
    named.filter(|reference| labels.contains(&reference.item)).cloned().collect()
}

/// A module that upstream dropped: its imported releases are removed when pruning, told
/// otherwise.
fn drop_module(
    catalog: &Catalog,
    name: &ModuleName,
    policy: ImportPolicy,
    sink: &Sink<'_>,
) -> Result<ImportReport, CatalogError> {
    let mut draft = Draft::open(catalog, name)?;
    let (mut report, mut tally) = (ImportReport::default(), Tally::default());
    drop_releases(&mut draft, &BTreeSet::new(), policy, &mut tally, &mut report)?;
    if tally != Tally::default() {
        report.releases.insert("of modules that upstream dropped".into(), tally);
    }
    report.files = emit(draft, sink)?;
    Ok(report)
}

/// Whether an import made a release: it has a record, or says which source it is from.
fn is_imported(release: &Release) -> bool {
    [metadata::RECORD, metadata::SOURCE].iter().any(|key| release.metadata.contains_key(*key))
}

/// Releases that were imported and that upstream no longer has. What was made by hand is
/// left: upstream's silence about it says nothing.
fn drop_releases(
    draft: &mut Draft<'_>,
    proposed: &BTreeSet<ReleaseName>,
    policy: ImportPolicy,
    tally: &mut Tally,
    report: &mut ImportReport,
) -> Result<(), CatalogError> {
    let gone: Vec<ReleaseName> =
        draft.module.releases.keys().filter(|name| !proposed.contains(*name)).cloned().collect();
    for name in gone {
        let is_imported = draft.release(&name)?.is_some_and(|release| is_imported(&release));
        if !is_imported {
            continue;
        }
        report.dropped.insert(format!("{}:{name}", draft.module.name));
        if policy.prune {
            tally.pruned += 1;
            draft.remove(&name)?;
        } else {
            tally.kept += 1;
        }
    }
    Ok(())
}

fn emit(draft: Draft<'_>, sink: &Sink<'_>) -> Result<u64, CatalogError> {
    let changes = draft.finish()?;
    let count = changes.len() as u64;
    for (place, text) in changes {
        sink(place, text)?;
    }
    Ok(count)
}

/// One module on its way into the catalog.
struct Importing<'a> {
    /// Items that stand in and that replays of this import name.
    referred: &'a BTreeSet<CatalogRef>,
    catalog: &'a Catalog,
    placement: &'a Placement<'a>,
    policy: ImportPolicy,
    is_covered: bool,
    report: ImportReport,
    tally: Tally,
    /// The wares of releases that are in the catalog as upstream has them.
    wares: BTreeSet<WareId>,
}

impl<'a> Importing<'a> {
    fn new(
        catalog: &'a Catalog,
        placement: &'a Placement<'a>,
        policy: ImportPolicy,
        is_covered: bool,
        referred: &'a BTreeSet<CatalogRef>,
    ) -> Self {
        let (report, tally, wares) = (ImportReport::default(), Tally::default(), BTreeSet::new());
        Self { referred, catalog, placement, policy, is_covered, report, tally, wares }
    }

    fn run(mut self, proposal: ModuleProposal, sink: &Sink<'_>) -> Result<ImportReport, CatalogError> {
        let kind = proposal.kind.to_owned();
        let mut draft = Draft::open(self.catalog, &proposal.name)?;
        if draft.is_new() {
            self.placement.check(&proposal.name)?;
        }
        let proposed: BTreeSet<ReleaseName> = proposal.releases.iter().map(|release| release.name.clone()).collect();
        // First, so that a name is free for one that differs from it in case only.
        if self.is_covered {
            drop_releases(&mut draft, &proposed, self.policy, &mut self.tally, &mut self.report)?;
        }
        for release in proposal.releases {
            self.release(&mut draft, release)?;
        }
        let mut module = self.metadata(&mut draft, proposal.metadata, proposal.record);
        for (packtype, address) in proposal.warehouses {
            draft.mirrors.add_by_module(&proposal.name, &packtype, address);
        }
        for (ware, addresses) in proposal.mirrors.into_iter().filter(|(ware, _)| self.wares.contains(ware)) {
            for address in addresses {
                draft.mirrors.add_by_ware(&ware, address);
            }
        }
        let is_new = draft.is_new();
        self.report.files = emit(draft, sink)?;
        if self.report.files > 0 && !is_new {
            module = Tally { updated: 1, ..Tally::default() };
        }
        self.report.modules.insert(kind.clone(), module);
        self.report.releases.insert(kind, self.tally);
        Ok(self.report)
    }

    fn release(&mut self, draft: &mut Draft<'_>, proposal: ReleaseProposal) -> Result<(), CatalogError> {
        let reference = ReleaseRef { module: draft.module.name.clone(), release: proposal.name.clone() };
        let stand_in = proposal.stand_in.clone();
        let known = draft.module.releases.get(&proposal.name).cloned();
        // Only what builds are added to has to be read first.
        let existing = if proposal.builds.is_empty() { None } else { draft.release(&proposal.name)? };
        let mut fresh = fresh(draft, proposal, existing.as_ref());
        let mut wares: Vec<WareId> = fresh.items.values().cloned().collect();
        match known {
            None => match draft.put(fresh) {
                Ok(()) => self.tally.created += 1,
                Err(CatalogError::Placement { code: Code::NameCollision, name, .. }) => {
                    self.report.colliding.insert(name);
                    return Ok(());
                }
                Err(other) => return Err(other),
            },
            Some(cid) if cid == fresh.cid() => {
                if draft.confirm(fresh)? {
                    self.tally.updated += 1;
                    self.report.updated.insert(reference.to_string());
                } else {
                    self.tally.unchanged += 1;
                }
            }
            Some(cid) => {
                let Some(existing) = draft.release(&fresh.release_name)? else { return Ok(()) };
                if let Some(label) = stand_in.as_ref().filter(|_| !existing.items.is_empty())
                    && !existing.items.contains_key(label)
                    && !self.is_referred(&reference, label)
                {
                    // A ware that no release names needs no mirrors.
                    let left_out = fresh.items.shift_remove(label);
                    wares.retain(|ware| Some(ware) != left_out.as_ref());
                }
                self.note_items(&reference, &existing, &fresh, stand_in.as_ref());
                let with_builds = fresh.metadata.get(metadata::BUILDS).map(|builds| {
                    let mut release = existing.clone();
                    release.metadata.insert(metadata::BUILDS.to_owned(), builds.clone());
                    release
                });
                let merged = merged(existing, &fresh);
                if merged.cid() == cid {
                    draft.confirm(merged)?;
                    self.tally.unchanged += 1;
                } else if self.policy.update_existing || with_builds.as_ref() == Some(&merged) {
                    self.tally.updated += 1;
                    self.report.updated.insert(reference.to_string());
                    draft.put(merged)?;
                } else {
                    self.tally.held_back += 1;
                    self.report.held_back.insert(reference.to_string());
                    // Builds are told, not changed, so no policy holds them back.
                    if let Some(release) = with_builds.filter(|release| release.cid() != cid) {
                        self.report.updated.insert(reference.to_string());
                        draft.put(release)?;
                    }
                    return Ok(());
                }
            }
        }
        self.wares.extend(wares);
        Ok(())
    }

    fn is_referred(&self, release: &ReleaseRef, label: &ItemLabel) -> bool {
        let ReleaseRef { module, release } = release.clone();
        self.referred.contains(&CatalogRef { module, release, item: label.clone() })
    }

    /// Tells items whose ware would be another, and those that upstream does not have.
    fn note_items(
        &mut self,
        reference: &ReleaseRef,
        existing: &Release,
        fresh: &Release,
        stand_in: Option<&ItemLabel>,
    ) {
        let is_gone = |item: &&ItemLabel| !fresh.items.contains_key(*item) && Some(*item) != stand_in;
        let gone = existing.items.keys().filter(is_gone);
        self.report.items_not_upstream.extend(gone.map(|item| format!("{reference}:{item}")));
        for (item, now) in &fresh.items {
            if let Some(was) = existing.items.get(item).filter(|was| *was != now) {
                self.report.broken_pins.insert(BrokenPin {
                    reference: format!("{reference}:{item}"),
                    was: was.to_string(),
                    now: now.to_string(),
                });
            }
        }
    }

    /// The module's own metadata; says what happened to the module by it.
    fn metadata(
        &mut self,
        draft: &mut Draft<'_>,
        facts: Metadata,
        record: Option<crate::model::RecordCapsule>,
    ) -> Tally {
        let mut wanted = draft.module.metadata.clone();
        for (key, value) in facts {
            wanted.insert(key, value);
        }
        if let Some(record) = record {
            let cid = draft.add_record(record);
            wanted.insert(metadata::RECORD.to_owned(), cid.to_string());
        }
        if draft.is_new() {
            draft.set_metadata(wanted);
            return Tally { created: 1, ..Tally::default() };
        }
        if wanted == draft.module.metadata {
            return Tally { unchanged: 1, ..Tally::default() };
        }
        if self.policy.update_existing {
            draft.set_metadata(wanted);
            return Tally { updated: 1, ..Tally::default() };
        }
        Tally { held_back: 1, ..Tally::default() }
    }
}

/// The release as upstream has it; its replay and record go into the draft, which
/// writes them when the release that names them is put.
/// Builds are added to those that the `existing` release has.
fn fresh(draft: &mut Draft<'_>, proposal: ReleaseProposal, existing: Option<&Release>) -> Release {
    let mut facts = proposal.metadata;
    let builds: Vec<String> = proposal.builds.into_iter().map(|build| draft.add_record(build).to_string()).collect();
    if let Some(list) = with_builds(existing.and_then(|release| release.metadata.get(metadata::BUILDS)), &builds) {
        facts.insert(metadata::BUILDS.to_owned(), list);
    }
    if let Some(plot) = proposal.replay {
        facts.insert(metadata::REPLAY.to_owned(), draft.add_replay(plot).to_string());
    }
    if let Some(record) = proposal.record {
        facts.insert(metadata::RECORD.to_owned(), draft.add_record(record).to_string());
    }
    Release { release_name: proposal.name, items: proposal.items, metadata: facts }
}

/// What is there, with all that upstream says now.
fn merged(mut existing: Release, fresh: &Release) -> Release {
    let has_news = |key: &str| fresh.metadata.get(key).is_some_and(|now| existing.metadata.get(key) != Some(now));
    let is_news = |(item, ware): (&ItemLabel, &WareId)| existing.items.get(item) != Some(ware);
    if fresh.items.iter().any(is_news) || has_news(metadata::RECORD) || has_news(metadata::SIGNED_BY) {
        // They are of what was there, and say nothing of this.
        existing.metadata.shift_remove(metadata::SIGNED_BY);
        existing.metadata.shift_remove(metadata::VERIFIED_BY);
    }
    for (item, ware) in &fresh.items {
        existing.items.insert(item.clone(), ware.clone());
    }
    for (key, value) in &fresh.metadata {
        existing.metadata.insert(key.clone(), value.clone());
    }
    existing
}

/// The list of a release's builds with these added to it, each once.
fn with_builds(known: Option<&String>, more: &[String]) -> Option<String> {
    let known: Vec<&str> = known.map(|list| list.split(metadata::LIST_SEPARATOR).collect()).unwrap_or_default();
    let new = more.iter().map(String::as_str).filter(|build| !known.contains(build));
    let all: Vec<&str> = known.iter().copied().chain(new).collect();
    (!more.is_empty()).then(|| all.join(metadata::LIST_SEPARATOR))
}
