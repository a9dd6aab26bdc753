//! What changed below one prefix, as lists of rows: a package, and what there is to say
//! of it.

use serde::Serialize;

use super::super::frame::Frame;
use super::super::index::Index;
use super::super::links::Place;
use super::super::pages::Link;
use super::super::words::{number, shown};
use super::summary::name;
use crate::catalog::changes::{FactChange, Kept, ModuleChange, NewRelease, ReleaseChange, Yanking};
use crate::model::{ItemLabel, ReleaseName};

/// Most things that a row names.
const MAX_WORDS: usize = 24;
/// Most items that are named of a new version.
const MAX_ITEMS: usize = 3;

/// Rows below one heading.
#[derive(Debug, Serialize)]
pub(super) struct List {
    heading: String,
    rows: Vec<Row>,
}

/// A package, or a version of one, and what there is to say of it.
#[derive(Debug, Serialize)]
struct Row {
    name: Link,
    /// The module's whole name.
    module: String,
    words: Vec<Link>,
    more: Option<String>,
}

/// How many rows a page may still show.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) left: usize,
    pub(super) hidden: usize,
}

/// Makes the rows of one page.
pub(super) struct Rows<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) place: &'a Place,
}

impl Rows<'_> {
    /// The lists of some modules, in the order in which visitors ask.
    pub(super) fn lists(&self, modules: &[&ModuleChange], budget: &mut Budget) -> Vec<List> {
        let mut lists = Vec::new();
        let mut add = |heading: &str, rows: Vec<Row>| {
            let shown = rows.len().min(budget.left);
            budget.left -= shown;
            budget.hidden += rows.len() - shown;
            let rows: Vec<Row> = rows.into_iter().take(shown).collect();
            if !rows.is_empty() {
                lists.push(List { heading: heading.to_owned(), rows });
            }
        };
        let kept = |kept: Kept| modules.iter().copied().filter(move |module| module.kept == kept);
        add("New packages", kept(Kept::New).map(|module| self.new_versions(module)).collect());
        let changed: Vec<_> = kept(Kept::Changed).filter(|module| !module.new.is_empty()).collect();
        add("New versions", changed.into_iter().map(|module| self.new_versions(module)).collect());
        add("Gained", self.releases(modules, |release| items(&release.gained)));
        add("Lost", self.releases(modules, |release| items(&release.lost)));
        add("Packages gone", kept(Kept::Gone).map(|module| self.gone_versions(module)).collect());
        let gone: Vec<_> = kept(Kept::Changed).filter(|module| !module.gone.is_empty()).collect();
        add("Versions gone", gone.into_iter().map(|module| self.gone_versions(module)).collect());
        add("Should not be used any more", self.releases(modules, yanked));
        add("Usable again", self.releases(modules, unyanked));
        add("Other facts", self.facts(modules));
        add("Mirrors", modules.iter().filter_map(|module| self.mirrors(module)).collect());
        lists
    }

    fn row(&self, module: &ModuleChange, name: Link, mut words: Vec<Link>) -> Row {
        let more = words.len().saturating_sub(MAX_WORDS);
        words.truncate(MAX_WORDS);
        Row { name, module: module.name.to_string(), words, more: (more > 0).then(|| number(more)) }
    }

    /// A module, with the way to its page where the site has one.
    pub(super) fn module(&self, module: &ModuleChange) -> Link {
        let is_there = self.frame.index.module(&module.name).is_some();
        let href = is_there.then(|| self.place.link(&Place::module(module.name.as_str())));
        Link { text: name(&module.title), href }
    }

    /// A release by its own name.
    fn version(&self, module: &ModuleChange, release: &ReleaseName, text: String) -> Link {
        let index: &Index = self.frame.index;
        let id = index.release(&module.name, release);
        Link { text, href: id.map(|id| index.link_to(self.place, id)) }
    }

    /// A release by its module's title and its name.
    pub(super) fn release(&self, module: &ModuleChange, release: &ReleaseName) -> Link {
        self.version(module, release, format!("{} {}", name(&module.title), release))
    }

    fn new_versions(&self, module: &ModuleChange) -> Row {
        let word = |release: &NewRelease| {
            let items = release.items.as_deref().map(items_text).unwrap_or_default();
            self.version(module, &release.name, format!("{}{items}", release.name))
        };
        self.row(module, self.module(module), module.new.iter().map(word).collect())
    }

    fn gone_versions(&self, module: &ModuleChange) -> Row {
        let word = |release: &ReleaseName| plain(release.to_string());
        self.row(module, self.module(module), module.gone.iter().map(word).collect())
    }

    /// A row for each release of which there is something to say.
    fn releases(&self, modules: &[&ModuleChange], say: impl Fn(&ReleaseChange) -> Vec<Link>) -> Vec<Row> {
        let mut rows = Vec::new();
        for module in modules {
            for release in &module.changed {
                let words = say(release);
                if !words.is_empty() {
                    rows.push(self.row(module, self.release(module, &release.name), words));
                }
            }
        }
        rows
    }

    fn facts(&self, modules: &[&ModuleChange]) -> Vec<Row> {
        let mut rows = Vec::new();
        for module in modules {
            if !module.facts.is_empty() {
                rows.push(self.row(module, self.module(module), module.facts.iter().map(fact).collect()));
            }
            rows.extend(self.releases(&[*module], |release| release.facts.iter().map(fact).collect()));
        }
        rows
    }

    fn mirrors(&self, module: &ModuleChange) -> Option<Row> {
        let told = [(module.mirrors_added, "new"), (module.mirrors_dropped, "gone")];
        let words: Vec<Link> =
            told.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| plain(format!("{} {what}", number(n)))).collect();
        (!words.is_empty()).then(|| self.row(module, self.module(module), words))
    }
}

fn plain(text: String) -> Link {
    Link { text, href: None }
}

fn items(labels: &[ItemLabel]) -> Vec<Link> {
    labels.iter().map(|label| plain(label.to_string())).collect()
}

/// What a new version has, behind its name.
fn items_text(items: &[ItemLabel]) -> String {
    match items.len() {
        0 => String::new(),
        n if n <= MAX_ITEMS => {
            let labels: Vec<&str> = items.iter().map(ItemLabel::as_str).collect();
            format!(" ({})", labels.join(", "))
        }
        n => format!(" ({} targets)", number(n)),
    }
}

fn yanked(release: &ReleaseChange) -> Vec<Link> {
    match &release.yanking {
        Some(Yanking::Yanked(reason)) => vec![plain(reason.clone())],
        _ => Vec::new(),
    }
}

fn unyanked(release: &ReleaseChange) -> Vec<Link> {
    if release.yanking == Some(Yanking::Unyanked) { vec![plain("no longer withdrawn".into())] } else { Vec::new() }
}

/// A fact before and after. A CID says nothing to people but that it is another.
pub(in super::super) fn fact_text(fact: &FactChange) -> String {
    let key = match fact.key.as_str() {
        "license" => "licence",
        "record" => return "what upstream says".into(),
        "replay" => return "how it was made".into(),
        "builds" => return "its builds".into(),
        key => key,
    };
    let key = shown(key).text;
    match (&fact.before, &fact.after) {
        (Some(before), Some(after)) => format!("{key}: {before} → {after}"),
        (None, Some(after)) => format!("{key}: {after}"),
        (Some(before), None) => format!("{key}: no longer {before}"),
        (None, None) => key,
    }
}

fn fact(fact: &FactChange) -> Link {
    plain(fact_text(fact))
}
