//! A recipe and a virtual package as their modules' pages show them.
//!
//! Versions of a recipe stand in one table instead of a section each: all that is known
//! of them is what their content is and where it can be had.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::index::{self, Index};
use super::links::{Place, anchor};
use super::pages::{Link, RecordView};
use super::release_section::Sections;
use super::spack::{self, Recipe};
use super::words::{self, Shown, counted, short_address, shown};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{Value, metadata};

/// Most rows of one table that are shown; the record has them all.
const MAX_ROWS: usize = 2000;
/// Most modules that need a module which its own page shows; more have a page.
const MAX_NEEDED_BY: usize = 120;
/// Longest list that is shown open.
const FEW: usize = 24;

/// What a recipe says.
#[derive(Debug, Serialize)]
pub(super) struct RecipeView {
    provides: Vec<Named>,
    variants: Vec<VariantRow>,
    dependencies: Vec<Named>,
    dependencies_text: String,
    dependencies_open: bool,
    conflicts: Vec<[Shown; 3]>,
    conflicts_text: String,
    patches: Vec<PatchRow>,
    patches_text: String,
    deprecated: Vec<Shown>,
    /// What upstream says beyond all this.
    rest: Option<RecordView>,
    /// The whole record, when not all of it is shown.
    data: Option<String>,
}

/// A name of a package that may lead to its module.
#[derive(Debug, Serialize)]
pub(super) struct Named {
    text: String,
    href: Option<String>,
    is_virtual: bool,
    /// What else is to be said with it.
    note: Option<Shown>,
}

/// A build option.
#[derive(Debug, Serialize)]
struct VariantRow {
    name: Shown,
    default: Shown,
    description: Option<Shown>,
}

/// A change to the sources.
#[derive(Debug, Serialize)]
struct PatchRow {
    file: Shown,
    href: Option<String>,
    when: Option<Shown>,
    sha256: Option<String>,
}

/// A virtual package.
#[derive(Debug, Serialize)]
pub(super) struct VirtualView {
    providers: Vec<Provider>,
    providers_text: String,
}

/// A package that provides a virtual one, and as which specs.
#[derive(Debug, Serialize)]
struct Provider {
    package: Named,
    specs: Vec<Shown>,
}

/// The modules whose recipes need a module.
#[derive(Debug, Serialize)]
pub(super) struct NeededBy {
    text: String,
    links: Vec<Link>,
    open: bool,
    /// The page that lists them, when this one does not.
    all: Option<String>,
}

/// A release that is a version of a recipe.
#[derive(Debug, Serialize)]
pub(super) struct VersionRow {
    id: String,
    name: String,
    latest: bool,
    deprecated: bool,
    /// What its content is known by: `sha256`, `commit`, `file`.
    by: Option<&'static str>,
    content: Option<String>,
    /// What upstream says where the content is not known, such as a branch.
    note: Option<String>,
    mirrors: Vec<Link>,
    install: Option<String>,
    cid: String,
}

/// Whether all that is known of a release has its place in a row.
pub(super) fn is_row(recipe: Option<Recipe<'_>>, release: &ReleaseEntry) -> bool {
    const ROW: &[&str] = &[metadata::VERSION, metadata::SOURCE];
    let facts = &release.release.metadata;
    let is_known = |item: &str| matches!(item, "src" | "upstream");
    recipe.is_some()
        && facts.iter().all(|(key, value)| ROW.contains(&key.as_str()) && value.len() < 200)
        && facts.get(metadata::SOURCE).is_some_and(|source| source == "spack")
        && release.release.items.keys().all(|item| is_known(item.as_str()))
}

/// The module of a name below the same prefix as another module.
pub(super) fn module_of(index: &Index, entry: &ModuleEntry, name: &str) -> Option<u32> {
    index.spelled(index::scope(&entry.name), name)
}

impl Sections<'_> {
    fn package(&self, name: &str, note: Option<&str>) -> Named {
        let card = module_of(self.index, self.entry, name).map(|module| self.index.label(module));
        Named {
            text: shown(name).text,
            href: card.map(|card| self.place.link(&Place::module(card.name.as_str()))),
            is_virtual: card.is_some_and(|card| card.kind == Some(spack::VIRTUAL)),
            note: note.map(shown),
        }
    }

    /// All that a recipe says, but its versions.
    pub(super) fn recipe(&mut self, recipe: Recipe<'_>) -> RecipeView {
        let cell = |text: Option<&str>| shown(text.unwrap_or_default());
        let mut is_cut = false;
        let mut limit = |all: usize| {
            is_cut |= all > MAX_ROWS;
            MAX_ROWS
        };
        let (provides, variants, conflicts) = (recipe.provides(), recipe.variants(), recipe.conflicts());
        let (dependencies, patches, deprecated) = (recipe.dependencies(), recipe.patches(), recipe.deprecated());
        let variant = |variant: &spack::Variant<'_>| VariantRow {
            name: shown(variant.name),
            default: shown(&variant.default),
            description: variant.description.map(shown),
        };
        let patch = |patch: &spack::Patch<'_>| PatchRow {
            file: shown(patch.file),
            href: super::safe::web_link(patch.file).map(str::to_owned),
            when: patch.when.map(shown),
            sha256: patch.sha256.map(|hash| shown(hash).text),
        };
        let provision =
            |p: &spack::Provision<'_>| self.package(p.name, (p.spec != self.entry.title()).then_some(p.spec));
        let view = RecipeView {
            provides: provides.iter().take(limit(provides.len())).map(provision).collect(),
            variants: variants.iter().take(limit(variants.len())).map(variant).collect(),
            dependencies_text: counted(dependencies.len(), "package", "packages"),
            dependencies_open: dependencies.len() <= FEW,
            dependencies: dependencies.iter().take(limit(dependencies.len())).map(|d| self.package(d, None)).collect(),
            conflicts_text: counted(conflicts.len(), "conflict", "conflicts"),
            conflicts: conflicts
                .iter()
                .take(limit(conflicts.len()))
                .map(|c| [shown(c.what), cell(c.when), cell(c.description)])
                .collect(),
            patches_text: counted(patches.len(), "patch", "patches"),
            patches: patches.iter().take(limit(patches.len())).map(patch).collect(),
            deprecated: deprecated.iter().take(limit(deprecated.len())).map(|version| shown(version)).collect(),
            rest: None,
            data: None,
        };
        let rest = recipe.rest();
        let has_rest = !matches!(&rest, Value::Map(map) if map.is_empty());
        RecipeView {
            rest: self.entry.record().filter(|_| has_rest).map(|(cid, record)| self.record_as(cid, record, &rest)),
            data: self.entry.record().filter(|_| is_cut).map(|(cid, record)| self.record_data(cid, record)),
            ..view
        }
    }

    /// The packages that provide the module, when it is a virtual one.
    pub(super) fn virtual_package(&self) -> Option<VirtualView> {
        if !spack::is_virtual(self.entry) {
            return None;
        }
        let mut specs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for spec in spack::providers(self.entry) {
            let package = spack::package_of(spec);
            specs.entry(if package.is_empty() { spec } else { package }).or_default().insert(spec);
        }
        let provider = |(package, specs): (&str, BTreeSet<&str>)| Provider {
            package: self.package(package, None),
            specs: specs.into_iter().map(shown).collect(),
        };
        Some(VirtualView {
            providers_text: counted(specs.len(), "package", "packages"),
            providers: specs.into_iter().take(MAX_ROWS).map(provider).collect(),
        })
    }

    /// The modules whose recipes need this one.
    pub(super) fn needed_by(&self) -> Option<NeededBy> {
        let users = needed_by(self.index, self.entry);
        let is_long = users.len() > MAX_NEEDED_BY;
        let shown = if is_long { &[] } else { users };
        (!users.is_empty()).then(|| NeededBy {
            text: counted(users.len(), "recipe", "recipes"),
            links: shown.iter().map(|user| module_link(self.index, self.place, *user)).collect(),
            open: users.len() <= FEW,
            all: is_long.then(|| self.place.link(&Place::needed_by(&self.entry.name))),
        })
    }

    /// A version of a recipe.
    pub(super) fn version(&self, recipe: Recipe<'_>, release: &ReleaseEntry, latest: bool) -> VersionRow {
        let name = release.name().as_str();
        let version = release.fact(metadata::VERSION).unwrap_or(name);
        let said = recipe.content_of(version);
        let wares = || release.release.items.values();
        let real = wares().find(|ware| ware.packtype() != "source");
        let (by, content) = match real {
            Some(ware) if ware.packtype() == "git" => (Some("commit"), Some(ware.hash().to_owned())),
            Some(ware) => match said {
                Some(("sha256", hash)) if ware.packtype() == "file" => (Some("sha256"), Some(shown(hash).text)),
                _ => (Some("ware"), Some(ware.to_string())),
            },
            None => (None, None),
        };
        let note = said.filter(|(key, _)| matches!(*key, "tag" | "branch"));
        let mirrors = wares().flat_map(|ware| self.entry.mirrors.addresses(&self.entry.name, ware));
        let link = |address: &str| match super::safe::web_link(address) {
            Some(href) => Link { text: short_address(address), href: Some(href.to_owned()) },
            None => Link { text: shown(address).text, href: None },
        };
        VersionRow {
            id: anchor(name),
            name: name.to_owned(),
            latest,
            deprecated: recipe.deprecated().contains(&version),
            by,
            content,
            note: note.and_then(|(key, value)| words::one_line(&format!("{key} {value}"))),
            mirrors: mirrors.map(|address| link(address.as_str())).collect(),
            install: spack::install(self.entry, release).lines().first().cloned(),
            cid: release.cid.to_string(),
        }
    }
}

/// The numbers of the modules whose recipes need a module.
pub(super) fn needed_by<'a>(index: &'a Index, entry: &ModuleEntry) -> &'a [u32] {
    index.module(&entry.name).map(|module| index.needed_by(module)).unwrap_or_default()
}

/// A module by its title.
fn module_link(index: &Index, from: &Place, module: u32) -> Link {
    let card = index.label(module);
    Link { text: card.title.to_owned(), href: Some(from.link(&Place::module(card.name.as_str()))) }
}

/// The list of all modules that need a module, when its page does not show them.
#[derive(Debug, Serialize)]
pub(super) struct NeededByPage {
    head: super::pages::Head,
    title: String,
    module: String,
    text: String,
    links: Vec<Link>,
}

/// The page that lists all modules which need a module, where its own page does not.
pub(super) fn needed_by_page(frame: &super::frame::Frame<'_>, entry: &ModuleEntry) -> Option<(Place, NeededByPage)> {
    let users = needed_by(frame.index, entry);
    if users.len() <= MAX_NEEDED_BY {
        return None;
    }
    let place = Place::needed_by(&entry.name);
    let title = index::title(entry);
    let mut crumbs = frame.crumbs(&place, entry.name.as_str(), true);
    crumbs.push(Link { text: "required by".into(), href: None });
    let text = counted(users.len(), "recipe", "recipes");
    let page = NeededByPage {
        head: super::pages::Head {
            data: Some(place.link(&Place::module_data(&entry.name))),
            ..frame.head(
                &place,
                &format!("What requires {title} · {}", entry.name),
                &format!("{text} may need {title}."),
                crumbs,
            )
        },
        module: place.link(&Place::module(entry.name.as_str())),
        links: users.iter().map(|user| module_link(frame.index, &place, *user)).collect(),
        title,
        text,
    };
    Some((place, page))
}
