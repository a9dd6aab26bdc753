//! What pages need to know of other modules, gathered in one pass over all of them.
//!
//! Modules are numbered in the order of their names and a module's releases in the
//! order in which views show them, so a reference is two numbers. Look-ups are binary
//! searches; nothing here is quadratic, and nothing holds on to a module's documents.
//!
//! A module's [`Facts`] follow from its own documents alone, so they can be kept from one
//! build to the next: any field can be added to them, and to [`Card`] and [`ReleaseCard`],
//! as long as it is written and read back the same. The [`Table`] joins the facts of all.
//! Pages see it through an [`Index`], which notes what it was asked, so that a page can be
//! kept when all of its answers are the same.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::answers::{self, Answer, Answers, Asked, Miss, Truths};
use super::links::{Place, anchor};
use super::spack::{self, Recipe};
use super::{twins, words};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::order::newest_first;
use crate::model::{ModuleName, Moment, ReleaseName, ReleaseRef, metadata};
use crate::search::Document;
use crate::text::first_paragraph;

/// How many releases a page shows; older ones have pages of their own.
pub(super) const RELEASES_A_PAGE: usize = 100;
/// Up to this many releases are looked through one by one for a name.
const FEW_RELEASES: usize = 64;

/// A release: the numbers of its module and of itself.
pub(super) type ReleaseId = (u32, u32);

/// A module as other pages show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    #[serde(skip)]
    pub(super) needed_by: Vec<u32>,
    /// The newest date that its releases say of themselves.
    pub(super) dated: Option<Moment>,
}

/// A release as other pages show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ReleaseCard {
    pub(super) name: ReleaseName,
    /// The environment module to load.
    pub(super) module: Option<String>,
    /// The release whose wares hold it.
    #[serde(skip)]
    pub(super) parent: Option<ReleaseId>,
    /// The releases that it holds, in the order of their modules.
    #[serde(skip)]
    pub(super) extensions: Vec<ReleaseId>,
    /// The releases whose replays take it as an input.
    #[serde(skip)]
    pub(super) required_by: Vec<ReleaseId>,
    /// The releases that its own replay takes as inputs, in the order of their names.
    #[serde(skip)]
    pub(super) requires: Vec<ReleaseId>,
    /// How many releases its replay takes as inputs that the catalog does not have.
    #[serde(skip)]
    pub(super) absent: usize,
}

/// What one module says of itself and of others.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Facts {
    /// The module as other pages show it.
    pub(super) card: Card,
    /// The module as a line of data.
    line: Box<RawValue>,
    parents: Vec<(u32, ReleaseRef)>,
    inputs: Vec<(u32, ReleaseRef)>,
    /// Upstream's spelling of its name, where it is not the last part of the module's.
    spelling: Option<Box<str>>,
    /// The names that its recipe has as dependencies, in upstream's spelling.
    needs: Vec<Box<str>>,
    /// What is searched of it.
    document: Document,
}

/// A module as a link names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) name: &'a ModuleName,
    pub(super) title: &'a str,
    pub(super) kind: Option<&'a str>,
    /// The EESSI version that its mirrors name.
    pub(super) eessi: Option<&'a str>,
}

/// All modules, by number.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) modules: Vec<Card>,
    /// Modules whose names are not upstream's spelling: by what stands above them, and
    /// by that spelling.
    spelled: HashMap<String, HashMap<Box<str>, u32>>,
    /// The modules of `spelled`, which nobody means by the last parts of their names.
    respelled: BTreeSet<u32>,
    /// What is searched of each.
    documents: Vec<Arc<Document>>,
    answers: Vec<Answers>,
    lines: Vec<Box<RawValue>>,
    digest: u128,
}

/// The table as pages see it: what it is asked is noted, when that is wanted.
#[derive(Debug)]
pub(super) struct Index {
    table: Arc<Table>,
    /// The module whose pages are made, which ask for its own releases most.
    own: Option<u32>,
    asked: Option<Mutex<Asked>>,
}

/// What stands above a module: its name without the last part.
pub(super) fn scope(name: &ModuleName) -> &str {
    name.as_str().rsplit_once('/').map_or("", |(scope, _)| scope)
}

/// A module's releases in the order in which every view shows them.
pub(super) fn in_order(entry: &ModuleEntry) -> Vec<&ReleaseEntry> {
    entry.newest_first()
}

/// Gathers what a module says.
pub(super) fn facts(entry: &ModuleEntry) -> Facts {
    let releases = in_order(entry);
    let mut parents = Vec::new();
    let mut inputs = Vec::new();
    for (at, release) in (0u32..).zip(&releases) {
        if let Some(parent) = release.fact(metadata::PARENT).and_then(|text| text.parse().ok()) {
            parents.push((at, parent));
        }
        let plot = entry.replay_of(release).map(|(_, plot)| plot.catalog_refs()).unwrap_or_default();
        let wanted: BTreeSet<_> = plot.iter().map(|r| (&r.module, &r.release)).collect();
        let reference = |(module, release): (&ModuleName, &ReleaseName)| {
            (at, ReleaseRef { module: module.clone(), release: release.clone() })
        };
        inputs.extend(wanted.into_iter().map(reference));
    }
    let spelling = entry.metadata.get(metadata::NAME).filter(|name| *name != entry.name.last_segment());
    let needs = Recipe::of(entry).map(Recipe::dependencies).unwrap_or_default();
    Facts {
        card: card(entry, &releases),
        line: twins::line(entry, &releases),
        parents,
        inputs,
        spelling: spelling.map(|name| name.as_str().into()),
        needs: needs.into_iter().map(Into::into).collect(),
        document: Document::of_sorted(entry, &releases),
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

impl Table {
    /// Joins what all modules say, in the order of their names; each with a digest of it.
    pub(super) fn link(facts: Vec<(Facts, u128)>) -> Self {
        let mut table = Self::default();
        let mut own = Vec::with_capacity(facts.len());
        let (mut parents, mut inputs, mut needs) = (Vec::new(), Vec::new(), Vec::new());
        for (facts, digest) in facts {
            let module = u32::try_from(table.modules.len()).unwrap_or(u32::MAX);
            own.push(digest);
            parents.extend(facts.parents.into_iter().map(|(release, parent)| ((module, release), parent)));
            inputs.extend(facts.inputs.into_iter().map(|(release, used)| ((module, release), used)));
            if let Some(spelling) = facts.spelling {
                table.spelled.entry(scope(&facts.card.name).to_owned()).or_default().entry(spelling).or_insert(module);
                table.respelled.insert(module);
            }
            if !facts.needs.is_empty() {
                needs.push((module, facts.needs));
            }
            table.documents.push(facts.document.into());
            table.modules.push(facts.card);
            table.lines.push(facts.line);
        }
        table.link_needs(needs);
        for (child, parent) in parents {
            if let Some(parent) = table.release(&parent.module, &parent.release).filter(|parent| *parent != child) {
                table.card_mut(child).parent = Some(parent);
                table.card_mut(parent).extensions.push(child);
            }
        }
        for (user, used) in inputs {
            match table.release(&used.module, &used.release) {
                None => table.card_mut(user).absent += 1,
                Some(used) if used == user => {}
                Some(used) => {
                    table.card_mut(user).requires.push(used);
                    table.card_mut(used).required_by.push(user);
                }
            }
        }
        table.answers = answers::answers(&table.modules, &own);
        table.digest = answers::digest(&own.iter().flat_map(|digest| digest.to_le_bytes()).collect::<Vec<_>>());
        table
    }

    /// Tells modules whose recipes need them.
    fn link_needs(&mut self, needs: Vec<(u32, Vec<Box<str>>)>) {
        for (user, names) in needs {
            let scope = scope(&self.modules[user as usize].name).to_owned();
            let found: BTreeSet<u32> = names.iter().filter_map(|name| self.spelled(&scope, name)).collect();
            for needed in found.into_iter().filter(|needed| *needed != user) {
                self.modules[needed as usize].needed_by.push(user);
            }
        }
    }

    fn spelled(&self, scope: &str, spelling: &str) -> Option<u32> {
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

    fn module(&self, name: &ModuleName) -> Option<u32> {
        self.modules.binary_search_by(|card| card.name.cmp(name)).ok().and_then(|at| u32::try_from(at).ok())
    }

    fn release(&self, module: &ModuleName, release: &ReleaseName) -> Option<ReleaseId> {
        self.release_of(self.module(module)?, release)
    }

    fn release_of(&self, module: u32, release: &ReleaseName) -> Option<ReleaseId> {
        let releases = &self.modules[module as usize].releases;
        // Reading a version takes as long as comparing many names.
        let at = match releases.len() <= FEW_RELEASES {
            true => releases.iter().position(|card| card.name == *release)?,
            false => releases.binary_search_by(|card| newest_first(card.name.as_str(), release.as_str())).ok()?,
        };
        Some((module, u32::try_from(at).ok()?))
    }

    /// Each module as a line of data.
    pub(super) fn lines(&self) -> impl Iterator<Item = &RawValue> {
        self.lines.iter().map(|line| &**line)
    }

    /// A digest of what all modules say.
    pub(super) fn digest(&self) -> u128 {
        self.digest
    }

    /// Every answer that holds.
    pub(super) fn truths(&self) -> Truths {
        let mapped = self.spelled.iter().flat_map(|(scope, names)| {
            names
                .iter()
                .map(|(spelling, module)| answers::spelled(scope, spelling, &self.modules[*module as usize].name))
        });
        let plain = (0u32..).zip(&self.modules).filter_map(|(at, card)| {
            let (scope, spelling) = (scope(&card.name), card.name.last_segment());
            (self.spelled(scope, spelling) == Some(at)).then(|| answers::spelled(scope, spelling, &card.name))
        });
        Truths::new(&self.answers, mapped.chain(plain))
    }

    /// Whether there is still no answer to a question.
    pub(super) fn misses(&self, miss: &Miss) -> bool {
        match miss {
            Miss::Module(name) => self.module(name).is_none(),
            Miss::Release(reference) => self.release(&reference.module, &reference.release).is_none(),
            Miss::Spelled(scope, spelling) => self.spelled(scope, spelling).is_none(),
        }
    }
}

impl Index {
    /// A view of the table for pages that are made in every build.
    pub(super) fn new(table: Arc<Table>) -> Self {
        Self { table, own: None, asked: None }
    }

    /// A view of the same table for the pages of one module, that notes what it is asked.
    pub(super) fn noting(&self, own: &ModuleName) -> Self {
        Self { table: self.table.clone(), own: self.table.module(own), asked: Some(Mutex::default()) }
    }

    /// The number of a module, found at once for that whose pages are made.
    fn number(&self, name: &ModuleName) -> Option<u32> {
        let own = self.own.filter(|own| self.table.modules[*own as usize].name == *name);
        own.or_else(|| self.table.module(name))
    }

    /// What it was asked.
    pub(super) fn asked(self) -> Asked {
        self.asked.map(|asked| asked.into_inner().unwrap_or_else(PoisonError::into_inner)).unwrap_or_default()
    }

    fn note(&self, note: impl FnOnce(&mut Asked)) {
        if let Some(asked) = &self.asked {
            note(&mut asked.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn answer(&self, answer: Answer) {
        self.note(|asked| asked.answers.push(answer));
    }

    fn answers(&self, module: u32) -> &Answers {
        &self.table.answers[module as usize]
    }

    /// Notes what else a page depends on, as a number that stands for what it was told. The
    /// number must be among those that [`Truths`] is given ([`Truths::add`]), as long as
    /// that is still what it would be told.
    pub(super) fn told(&self, answer: Answer) {
        self.answer(answer);
    }

    /// All modules; a page that looks at them is made again when anything changes.
    pub(super) fn all(&self) -> &[Card] {
        self.note(|asked| asked.all = true);
        &self.table.modules
    }

    /// What is searched of all modules, in their order; see [`Index::all`].
    pub(super) fn documents(&self) -> &[Arc<Document>] {
        self.note(|asked| asked.all = true);
        &self.table.documents
    }

    /// Whether there is a module of this name or below it, which then has a page; see
    /// [`Index::all`].
    pub(super) fn holds(&self, prefix: &str) -> bool {
        let modules = self.all();
        let below = format!("{prefix}/");
        let is_before = |text: &str| modules.partition_point(|card| card.name.as_str() < text);
        let at = |text: &str| modules.get(is_before(text)).map(|card| card.name.as_str());
        at(prefix) == Some(prefix) || at(&below).is_some_and(|name| name.starts_with(&below))
    }

    /// The module of a name in upstream's spelling, among those right below `scope`.
    pub(super) fn spelled(&self, scope: &str, spelling: &str) -> Option<u32> {
        let found = self.table.spelled(scope, spelling);
        self.note(|asked| match found {
            Some(module) => {
                let name = &self.table.modules[module as usize].name;
                asked.answers.push(answers::spelled(scope, spelling, name));
            }
            None => asked.misses.push(Miss::Spelled(scope.to_owned(), spelling.to_owned())),
        });
        found
    }

    /// The number of a module.
    pub(super) fn module(&self, name: &ModuleName) -> Option<u32> {
        let found = self.number(name);
        self.note(|asked| match found {
            Some(module) => asked.answers.push(self.answers(module).label),
            None => asked.misses.push(Miss::Module(name.clone())),
        });
        found
    }

    /// The release of a name.
    pub(super) fn release(&self, module: &ModuleName, release: &ReleaseName) -> Option<ReleaseId> {
        let found = self.number(module).and_then(|module| self.table.release_of(module, release));
        self.note(|asked| match found {
            Some((module, release)) => asked.answers.push(self.answers(module).releases[release as usize].0),
            None => {
                asked.misses.push(Miss::Release(ReleaseRef { module: module.clone(), release: release.clone() }));
            }
        });
        found
    }

    /// The module of a number, with all that is known of it; [`Index::label`] is enough
    /// for a link, and stays the same when the module gets another release.
    pub(super) fn card(&self, module: u32) -> &Card {
        self.answer(self.answers(module).card);
        &self.table.modules[module as usize]
    }

    /// How the module of a number is named.
    pub(super) fn label(&self, module: u32) -> Label<'_> {
        self.answer(self.answers(module).label);
        let card = &self.table.modules[module as usize];
        Label { name: &card.name, title: &card.title, kind: card.kind.as_deref(), eessi: card.eessi.as_deref() }
    }

    /// The modules whose recipes need the module of a number.
    pub(super) fn needed_by(&self, module: u32) -> &[u32] {
        self.answer(self.answers(module).needed_by);
        &self.table.modules[module as usize].needed_by
    }

    /// The release of a number, with what others say of it; [`Index::release_name`] is
    /// enough for a link.
    pub(super) fn release_card(&self, (module, release): ReleaseId) -> &ReleaseCard {
        self.answer(self.answers(module).releases[release as usize].1);
        &self.table.modules[module as usize].releases[release as usize]
    }

    /// What the replay of the release of a number takes as inputs: releases, and how many
    /// more that the catalog does not have.
    pub(super) fn requires(&self, (module, release): ReleaseId) -> (&[ReleaseId], usize) {
        self.answer(self.answers(module).requires[release as usize]);
        let card = &self.table.modules[module as usize].releases[release as usize];
        (&card.requires, card.absent)
    }

    /// The name of the release of a number.
    pub(super) fn release_name(&self, (module, release): ReleaseId) -> &ReleaseName {
        self.answer(self.answers(module).releases[release as usize].0);
        &self.table.modules[module as usize].releases[release as usize].name
    }

    /// The environment module that loads the release of a number.
    pub(super) fn environment_module(&self, (module, release): ReleaseId) -> Option<&str> {
        self.answer(self.answers(module).releases[release as usize].0);
        self.table.modules[module as usize].releases[release as usize].module.as_deref()
    }

    /// The URL of a release's section, from a page.
    pub(super) fn link_to(&self, from: &Place, (module, release): ReleaseId) -> String {
        let name = self.release_name((module, release));
        let page = Place::older(&self.table.modules[module as usize].name, release as usize / RELEASES_A_PAGE);
        let id = anchor(name.as_str());
        if page == *from { format!("#{id}") } else { format!("{}#{id}", from.link(&page)) }
    }
}
