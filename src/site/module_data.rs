//! A module as data: the file `index.json` beside its page.
//!
//! Its shape is described in `docs/site.md` and changes by additions only, within one
//! [`FORMAT`]. It says what the page says and lists in full what the page cuts.

use serde::Serialize;

use super::commands::{UseData, use_data};
use super::index::{self, Index, ReleaseId};
use super::links::Place;
use super::module_page::latest;
use super::recipe_view::{module_of, needed_by};
use super::spack::{self, Recipe, Spec};
use super::{twins, words};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{Metadata, ModuleName, ReleaseName, Value, WareId, WarehouseAddr, WarpforgeCid, metadata};

/// The name of the shape.
const FORMAT: &str = "warecat.site.module.v1";

#[derive(Serialize)]
struct ModuleData<'a> {
    #[serde(rename = "$schema")]
    schema: String,
    format: &'static str,
    name: &'a ModuleName,
    title: String,
    kind: Option<&'a str>,
    cid: &'a WarpforgeCid,
    metadata: &'a Metadata,
    latest: Option<&'a ReleaseName>,
    install: Vec<String>,
    releases: Vec<ReleaseData<'a>>,
    variants: Vec<VariantData<'a>>,
    dependencies: Vec<NameData<'a>>,
    dependents: Vec<&'a ModuleName>,
    provides: Vec<ProvisionData<'a>>,
    providers: Vec<ProvisionData<'a>>,
}

#[derive(Serialize)]
struct ReleaseData<'a> {
    name: &'a ReleaseName,
    version: &'a str,
    /// When upstream published it, where that is known.
    #[serde(rename = "releaseTimestamp", skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
    cid: &'a WarpforgeCid,
    /// Its place on the module's pages, relative to this file.
    page: Option<String>,
    metadata: &'a Metadata,
    items: Vec<ItemData<'a>>,
    install: Vec<String>,
    #[serde(rename = "use")]
    used: Vec<UseData>,
    requires: Vec<String>,
    required_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spec: Option<SpecData>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    builds: Vec<BuildData<'a>>,
}

#[derive(Serialize)]
struct ItemData<'a> {
    item: &'a str,
    ware: &'a WareId,
    mirrors: Vec<WarehouseAddr>,
}

#[derive(Serialize)]
struct VariantData<'a> {
    name: &'a str,
    default: String,
    description: Option<&'a str>,
}

/// A name in upstream's spelling, and its module when the catalog has one.
#[derive(Serialize)]
struct NameData<'a> {
    name: &'a str,
    module: Option<&'a ModuleName>,
}

/// A virtual package or a package that provides one, by the spec that does.
#[derive(Serialize)]
struct ProvisionData<'a> {
    name: &'a str,
    module: Option<&'a ModuleName>,
    spec: &'a str,
}

#[derive(Serialize)]
struct SpecData {
    hash: Option<String>,
    compiler: Option<String>,
    target: Option<String>,
    os: Option<String>,
    platform: Option<String>,
    namespace: Option<String>,
    parameters: Vec<String>,
    external: Option<String>,
    dependencies: Vec<DependencyData>,
}

#[derive(Serialize)]
struct DependencyData {
    name: String,
    hash: Option<String>,
    types: Vec<String>,
    virtuals: Vec<String>,
    /// The release, when the catalog has it.
    release: Option<String>,
}

#[derive(Serialize)]
struct BuildData<'a> {
    record: String,
    id: Option<&'a str>,
    status: Option<&'a str>,
}

/// The file's text; `releases` are all of the module's, in the order of views.
pub(super) fn module_data(index: &Index, entry: &ModuleEntry, releases: &[&ReleaseEntry]) -> Vec<u8> {
    let recipe = Recipe::of(entry);
    let latest = latest(entry, releases).map(|at| releases[at]);
    let module = |name: &str| module_of(index, entry, name).map(|module| index.label(module).name);
    let provider = |spec| {
        let name = spack::package_of(spec);
        ProvisionData { name, module: module(name), spec }
    };
    let data = ModuleData {
        schema: twins::schema(&Place::module_data(&entry.name), "module"),
        format: FORMAT,
        name: &entry.name,
        title: index::title(entry),
        kind: entry.kind(),
        cid: &entry.cid,
        metadata: &entry.metadata,
        latest: latest.map(ReleaseEntry::name),
        install: latest.map(|release| spack::install(entry, release).lines().to_vec()).unwrap_or_default(),
        releases: releases.iter().map(|release| release_data(index, entry, release)).collect(),
        variants: recipe
            .map(Recipe::variants)
            .unwrap_or_default()
            .into_iter()
            .map(|v| VariantData { name: v.name, default: v.default, description: v.description })
            .collect(),
        dependencies: recipe
            .map(Recipe::dependencies)
            .unwrap_or_default()
            .into_iter()
            .map(|name| NameData { name, module: module(name) })
            .collect(),
        dependents: needed_by(index, entry).iter().map(|user| index.label(*user).name).collect(),
        provides: recipe
            .map(Recipe::provides)
            .unwrap_or_default()
            .into_iter()
            .map(|p| ProvisionData { name: p.name, module: module(p.name), spec: p.spec })
            .collect(),
        providers: spack::providers(entry).into_iter().map(provider).collect(),
    };
    twins::text(&data)
}

fn release_data<'a>(index: &Index, entry: &'a ModuleEntry, release: &'a ReleaseEntry) -> ReleaseData<'a> {
    let refs = entry.replay_of(release).map(|(_, plot)| plot.catalog_refs()).unwrap_or_default();
    let id = index.release(&entry.name, release.name());
    let users = id.map(|id| index.release_card(id).required_by.as_slice()).unwrap_or_default();
    let spec = entry.record_of(release).and_then(|(_, record)| Spec::of(record));
    let by_hash = spack::by_hash(&refs);
    let dependency = |needed: spack::Dependency<'_>| DependencyData {
        name: needed.name.to_owned(),
        hash: needed.hash.map(str::to_owned),
        types: needed.types.into_iter().map(str::to_owned).collect(),
        virtuals: needed.virtuals.into_iter().map(str::to_owned).collect(),
        release: needed
            .hash
            .and_then(|hash| by_hash.get(hash))
            .filter(|found| index.release(&found.module, &found.release).is_some())
            .map(|found| format!("{}:{}", found.module, found.release)),
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    ReleaseData {
        name: release.name(),
        version: release.fact(metadata::VERSION).unwrap_or(release.name().as_str()),
        timestamp: release.fact(metadata::DATE).and_then(words::date),
        cid: &release.cid,
        page: id.map(|id| index.link_to(&Place::module_data(&entry.name), id)),
        metadata: &release.release.metadata,
        items: items(entry, release),
        install: spack::install(entry, release).lines().to_vec(),
        used: id.map(|id| use_data(index, entry, release, id)).unwrap_or_default(),
        requires: refs.iter().map(ToString::to_string).collect(),
        required_by: users.iter().map(|user| reference(index, *user)).collect(),
        spec: spec.as_ref().map(|spec| SpecData {
            hash: owned(spec.hash()),
            compiler: spec.compiler(),
            target: owned(spec.target()),
            os: owned(spec.os()),
            platform: owned(spec.platform()),
            namespace: owned(spec.namespace()),
            parameters: spec.parameters(),
            external: spec.external().map(|external| external.path.unwrap_or_default().to_owned()),
            dependencies: spec.dependencies().into_iter().map(dependency).collect(),
        }),
        builds: entry.builds_of(release).map(|(cid, record)| build(cid.to_string(), &record.data)).collect(),
    }
}

fn items<'a>(entry: &ModuleEntry, release: &'a ReleaseEntry) -> Vec<ItemData<'a>> {
    let item = |(label, ware): (&'a crate::model::ItemLabel, &'a WareId)| ItemData {
        item: label.as_str(),
        ware,
        mirrors: entry.mirrors.addresses(&entry.name, ware),
    };
    release.release.items.iter().map(item).collect()
}

fn build(record: String, data: &Value) -> BuildData<'_> {
    let text = |key| data.get(key).and_then(Value::as_text);
    BuildData { record, id: text("build_id").or_else(|| text("id")), status: text("status") }
}

fn reference(index: &Index, id: ReleaseId) -> String {
    format!("{}:{}", index.label(id.0).name, index.release_name(id))
}
