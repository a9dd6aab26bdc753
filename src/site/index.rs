//! What pages need to know of other modules, gathered in one pass over all of them.
//!
//! Modules are numbered in the order of their names and a module's releases in the
//! order in which views show them, so a reference is two numbers. Look-ups are binary
//! searches; nothing here is quadratic, and nothing holds on to a module's documents.

use std::collections::{BTreeSet, HashMap};

use super::links::{Place, anchor};
use super::spack::{self, Recipe};
use super::words;
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::order::newest_first;
use crate::model::{ModuleName, Moment, ReleaseName, ReleaseRef, metadata};
use crate::search::Document;
use crate::text::first_paragraph;

/// How many releases a page shows; older ones have pages of their own.
pub(super) const RELEASES_A_PAGE: usize = 100;

/// A release: the numbers of its module and of itself.
pub(super) type ReleaseId = (u32, u32);

/// A module as other pages show it.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) name: ModuleName,
    pub(super) title: String,
    /// The beginning of its description.
    pub(super) line: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) releases: Vec<ReleaseCard>,
    /// How many items its releases have.
    pub(super) items: usize,
    /// How many different items its releases have.
    pub(super) targets: usize,
    /// How many replays it has.
    pub(super) replays: usize,
    /// The EESSI version that its mirrors name.
    pub(super) eessi: Option<String>,
    /// How many packages provide it, when it is a virtual one.
    pub(super) providers: usize,
    /// The modules whose recipes name it as a dependency, in their order.
    pub(super) needed_by: Vec<u32>,
    /// The newest date that its releases say of themselves.
    pub(super) dated: Option<Moment>,
}

/// A release as other pages show it.
#[derive(Debug)]
pub(super) struct ReleaseCard {
    pub(super) name: ReleaseName,
    /// The environment module to load.
    pub(super) module: Option<String>,
    /// The release whose wares hold it.
    pub(super) parent: Option<ReleaseId>,
    /// The releases that it holds, in the order of their modules.
    pub(super) extensions: Vec<ReleaseId>,
    /// The releases whose replays take it as an input.
    pub(super) required_by: Vec<ReleaseId>,
    /// The releases that its own replay takes as inputs, in the order of their names.
    pub(super) requires: Vec<ReleaseId>,
    /// How many releases its replay takes as inputs that the catalog does not have.
    pub(super) absent: usize,
}

/// What one module says of itself and of others.
pub(super) struct Facts {
    card: Card,
    parents: Vec<(u32, ReleaseRef)>,
    inputs: Vec<(u32, u32, ReleaseName)>,
    /// Upstream's spelling of its name, where it is not the last part of the module's.
    spelling: Option<Box<str>>,
    /// The names that its recipe has as dependencies, in upstream's spelling.
    needs: Vec<Box<str>>,
    /// What is searched of it.
    document: Document,
}

/// All modules, by number.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) modules: Vec<Card>,
    /// Modules whose names are not upstream's spelling: by what stands above them, and
    /// by that spelling.
    spelled: HashMap<String, HashMap<Box<str>, u32>>,
    /// The modules of `spelled`, which nobody means by the last parts of their names.
    respelled: BTreeSet<u32>,
    /// What is searched of each.
    pub(super) documents: Vec<Document>,
}

/// What stands above a module: its name without the last part.
pub(super) fn scope(name: &ModuleName) -> &str {
    name.as_str().rsplit_once('/').map_or("", |(scope, _)| scope)
}

/// A module's releases in the order in which every view shows them.
pub(super) fn in_order(entry: &ModuleEntry) -> Vec<&ReleaseEntry> {
    entry.newest_first()
}

/// Gathers what a module says; `names` are all modules, sorted.
pub(super) fn facts(entry: &ModuleEntry, names: &[ModuleName]) -> Facts {
    let releases = in_order(entry);
    let mut parents = Vec::new();
    let mut inputs = Vec::new();
    let mut card = card(entry, &releases);
    for (at, release) in (0u32..).zip(&releases) {
        if let Some(parent) = release.fact(metadata::PARENT).and_then(|text| text.parse().ok()) {
            parents.push((at, parent));
        }
        let plot = entry.replay_of(release).map(|(_, plot)| plot.catalog_refs()).unwrap_or_default();
        let wanted: BTreeSet<_> = plot.iter().map(|r| (&r.module, &r.release)).collect();
        card.releases[at as usize].absent = wanted.len();
        inputs.extend(wanted.into_iter().filter_map(|(module, release)| {
            let module = names.binary_search(module).ok()?;
            Some((at, u32::try_from(module).ok()?, release.clone()))
        }));
    }
    let spelling = entry.metadata.get(metadata::NAME).filter(|name| *name != entry.name.last_segment());
    let needs = Recipe::of(entry).map(Recipe::dependencies).unwrap_or_default();
    Facts {
        card,
        parents,
        inputs,
        spelling: spelling.map(|name| name.as_str().into()),
        needs: needs.into_iter().map(Into::into).collect(),
        document: Document::of(entry),
    }
}

fn card(entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Card {
    let targets: BTreeSet<_> = releases.iter().flat_map(|r| r.release.items.keys()).collect();
    Card {
        name: entry.name.clone(),
        title: title(entry),
        line: entry.metadata.get(metadata::DESCRIPTION).and_then(|text| first_paragraph(text)),
        kind: entry.kind().map(str::to_owned),
        items: releases.iter().map(|r| r.release.items.len()).sum(),
        targets: targets.len(),
        replays: entry.replays.len(),
        eessi: eessi_version(entry),
        providers: spack::providers(entry).into_iter().map(spack::package_of).collect::<BTreeSet<_>>().len(),
        needed_by: Vec::new(),
        dated: releases.iter().filter_map(|r| Moment::parse(r.fact(metadata::DATE)?)).max(),
        releases: releases
            .iter()
            .map(|r| ReleaseCard {
                name: r.name().clone(),
                module: r.fact(metadata::MODULE).map(str::to_owned),
                parent: None,
                extensions: Vec::new(),
                required_by: Vec::new(),
                requires: Vec::new(),
                absent: 0,
            })
            .collect(),
    }
}

/// A module's title on one line, never empty.
pub(super) fn title(entry: &ModuleEntry) -> String {
    words::one_line(entry.title()).unwrap_or_else(|| entry.name.last_segment().to_owned())
}

/// The EESSI version that a module's mirrors name.
fn eessi_version(entry: &ModuleEntry) -> Option<String> {
    let by_ware = entry.mirrors.by_ware.as_ref()?;
    let address = by_ware.values().flatten().next()?;
    let rest = address.as_str().strip_prefix("cvmfs://software.eessi.io/versions/")?;
    let version = rest.split('/').next()?;
    let is_plain = version.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    (is_plain && !version.starts_with(['.', '-']) && !version.is_empty()).then(|| version.to_owned())
}

impl Index {
    /// Joins what all modules say; `facts` in the order of the names they were made with,
    /// where a module that is gone left `None`.
    pub(super) fn link(facts: Vec<Option<Facts>>) -> Self {
        let mut numbers = Vec::with_capacity(facts.len());
        let mut index = Self::default();
        let mut parents = Vec::new();
        let mut inputs = Vec::new();
        let mut needs = Vec::new();
        for facts in facts {
            let module = u32::try_from(index.modules.len()).unwrap_or(u32::MAX);
            numbers.push(facts.as_ref().map(|_| module));
            let Some(facts) = facts else { continue };
            parents.extend(facts.parents.into_iter().map(|(release, parent)| ((module, release), parent)));
            inputs.extend(facts.inputs.into_iter().map(|(release, to, name)| ((module, release), to, name)));
            if let Some(spelling) = facts.spelling {
                index.spelled.entry(scope(&facts.card.name).to_owned()).or_default().entry(spelling).or_insert(module);
                index.respelled.insert(module);
            }
            if !facts.needs.is_empty() {
                needs.push((module, facts.needs));
            }
            index.documents.push(facts.document);
            index.modules.push(facts.card);
        }
        index.link_needs(needs);
        for (child, parent) in parents {
            if let Some(parent) = index.release(&parent.module, &parent.release).filter(|parent| *parent != child) {
                index.card_mut(child).parent = Some(parent);
                index.card_mut(parent).extensions.push(child);
            }
        }
        for (user, to, name) in inputs {
            let Some(to) = numbers.get(to as usize).copied().flatten() else { continue };
            let Some(release) = index.release_of(to, &name) else { continue };
            let card = index.card_mut(user);
            card.absent = card.absent.saturating_sub(1);
            if release != user {
                card.requires.push(release);
                index.card_mut(release).required_by.push(user);
            }
        }
        index
    }

    /// Tells modules whose recipes need them.
    fn link_needs(&mut self, needs: Vec<(u32, Vec<Box<str>>)>) {
        for (user, names) in needs {
            let scope = scope(&self.card(user).name).to_owned();
            let found: BTreeSet<u32> = names.iter().filter_map(|name| self.spelled(&scope, name)).collect();
            for needed in found.into_iter().filter(|needed| *needed != user) {
                self.modules[needed as usize].needed_by.push(user);
            }
        }
    }

    /// The module of a name in upstream's spelling, among those right below `scope`.
    pub(super) fn spelled(&self, scope: &str, spelling: &str) -> Option<u32> {
        if let Some(module) = self.spelled.get(scope).and_then(|names| names.get(spelling)) {
            return Some(*module);
        }
        let name: ModuleName = format!("{scope}/{spelling}").parse().ok()?;
        let module = self.module(&name)?;
        (self::scope(&name) == scope && !self.respelled.contains(&module)).then_some(module)
    }

    fn card_mut(&mut self, (module, release): ReleaseId) -> &mut ReleaseCard {
        &mut self.modules[module as usize].releases[release as usize]
    }

    /// The number of a module.
    pub(super) fn module(&self, name: &ModuleName) -> Option<u32> {
        self.modules.binary_search_by(|card| card.name.cmp(name)).ok().and_then(|at| u32::try_from(at).ok())
    }

    /// The release of a name.
    pub(super) fn release(&self, module: &ModuleName, release: &ReleaseName) -> Option<ReleaseId> {
        self.release_of(self.module(module)?, release)
    }

    fn release_of(&self, module: u32, release: &ReleaseName) -> Option<ReleaseId> {
        let releases = &self.modules[module as usize].releases;
        let at = releases.binary_search_by(|card| newest_first(card.name.as_str(), release.as_str())).ok()?;
        Some((module, u32::try_from(at).ok()?))
    }

    /// Whether there is a module of this name or below it, which then has a page.
    pub(super) fn holds(&self, prefix: &str) -> bool {
        let below = format!("{prefix}/");
        let is_before = |text: &str| self.modules.partition_point(|card| card.name.as_str() < text);
        let at = |text: &str| self.modules.get(is_before(text)).map(|card| card.name.as_str());
        at(prefix) == Some(prefix) || at(&below).is_some_and(|name| name.starts_with(&below))
    }

    /// The module of a number.
    pub(super) fn card(&self, module: u32) -> &Card {
        &self.modules[module as usize]
    }

    /// The release of a number.
    pub(super) fn release_card(&self, (module, release): ReleaseId) -> &ReleaseCard {
        &self.card(module).releases[release as usize]
    }

    /// The URL of a release's section, from a page.
    pub(super) fn link_to(&self, from: &Place, (module, release): ReleaseId) -> String {
        let card = self.card(module);
        let page = Place::older(&card.name, release as usize / RELEASES_A_PAGE);
        let id = anchor(card.releases[release as usize].name.as_str());
        if page == *from { format!("#{id}") } else { format!("{}#{id}", from.link(&page)) }
    }
}
