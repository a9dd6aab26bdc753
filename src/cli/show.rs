//! `show`: all that the catalog says about a module, a release or an item.

use serde_json::{Value, json};
use warecat::catalog::{Catalog, CatalogError, ModuleEntry, Query, ReleaseEntry};
use warecat::code::Exit;
use warecat::model::{ModuleName, Record, ReleaseName, order};
use warecat::site::spack::{self, Recipe, Spec};
use warecat::text::shown;

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Show all that the catalog says about a module, a release or an item.
///
/// The module may be given in upstream's spelling. With `--json`, whole documents.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A module, `module:release` or `module:release:item`.
    #[arg(value_name = "REF")]
    reference: String,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let catalog = context::open(global)?;
    let query = Query::parse(&args.reference)?;
    let entry = load(&catalog, &query)?;
    match &query.release {
        None if ui.is_json() => ui.json(&module_json(&catalog, &entry)?)?,
        None => ui.lines(module_lines(&catalog, &entry)?)?,
        Some(name) => {
            let release = release(&entry, name)?;
            if query.item.is_some() {
                catalog.resolve(&query)?;
            }
            let only = query.item.as_ref().map(|item| item.as_str());
            if ui.is_json() {
                ui.json(&release_json(&entry, release, only))?;
            } else {
                ui.lines(release_lines(&entry, release, only))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn load(catalog: &Catalog, query: &Query) -> Result<ModuleEntry, Failure> {
    let name = catalog.find_module(&query.module)?;
    let missing = || CatalogError::NotFound { what: "module", asked: name.to_string(), within: None, near: Vec::new() };
    Ok(catalog.load_module(&name)?.ok_or_else(missing)?)
}

fn newest_first(entry: &ModuleEntry) -> Vec<&ReleaseEntry> {
    let mut releases: Vec<_> = entry.releases.iter().collect();
    releases.sort_by(|a, b| order::newest_first(a.name().as_str(), b.name().as_str()));
    releases
}

fn release<'a>(entry: &'a ModuleEntry, name: &ReleaseName) -> Result<&'a ReleaseEntry, Failure> {
    let found = entry.releases.iter().find(|release| release.name() == name);
    found.ok_or_else(|| {
        let near = newest_first(entry).iter().take(5).map(|release| release.name().to_string()).collect();
        let within = Some(entry.name.to_string());
        CatalogError::NotFound { what: "release", asked: name.to_string(), within, near }.into()
    })
}

/// What a module's recipe needs, and the modules of these names where there are any.
fn needs<'a>(catalog: &Catalog, entry: &'a ModuleEntry) -> Result<Vec<(&'a str, Option<ModuleName>)>, Failure> {
    let scope = entry.name.as_str().rsplit_once('/').map_or("", |(scope, _)| scope);
    let module = |name| match catalog.find_module(&format!("{scope}/{name}")) {
        Ok(module) => Ok((name, Some(module))),
        Err(CatalogError::NotFound { .. }) => Ok((name, None)),
        Err(error) => Err(error.into()),
    };
    Recipe::of(entry).map(Recipe::dependencies).unwrap_or_default().into_iter().map(module).collect()
}

fn module_lines(catalog: &Catalog, entry: &ModuleEntry) -> Result<Vec<String>, Failure> {
    let mut lines = vec![entry.name.to_string(), format!("  cid\t{}", entry.cid)];
    lines.extend(facts(&entry.metadata));
    for (name, module) in needs(catalog, entry)? {
        let module = module.map_or_else(|| "not in this catalog".to_owned(), String::from);
        lines.push(format!("  depends on\t{}\t{module}", shown(name)));
    }
    for release in newest_first(entry) {
        lines.push(format!("  release\t{}\t{} items\t{}", release.name(), release.release.items.len(), release.cid));
    }
    Ok(lines)
}

fn facts(metadata: &warecat::model::Metadata) -> impl Iterator<Item = String> {
    metadata.iter().map(|(key, value)| {
        // One line a fact; the whole text is in the JSON.
        let text = value.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("  {key}\t{text}")
    })
}

fn release_lines(entry: &ModuleEntry, release: &ReleaseEntry, only: Option<&str>) -> Vec<String> {
    let mut lines = vec![format!("{}:{}", entry.name, release.name()), format!("  cid\t{}", release.cid)];
    lines.extend(facts(&release.release.metadata));
    for (label, ware) in
        release.release.items.iter().filter(|(label, _)| only.is_none_or(|only| only == label.as_str()))
    {
        lines.push(format!("  item\t{label}\t{ware}"));
        lines.extend(entry.mirrors.addresses(&entry.name, ware).iter().map(|mirror| format!("    mirror\t{mirror}")));
    }
    if let (Some((_, plot)), None) = (entry.replay_of(release), only) {
        lines.extend(plot.catalog_refs().iter().map(|reference| format!("  requires\t{reference}")));
    }
    if only.is_none() {
        lines.extend(spack::install(entry, release).lines().iter().map(|line| format!("  install\t{line}")));
        lines.extend(entry.builds_of(release).map(|(cid, record)| format!("  build\t{cid}{}", status(record))));
    }
    lines
}

/// What a build's record says of how it ended.
fn status(record: &Record) -> String {
    let status = record.data.get("status").and_then(warecat::model::Value::as_text);
    status.map(|status| format!("\t{}", shown(status))).unwrap_or_default()
}

fn module_json(catalog: &Catalog, entry: &ModuleEntry) -> Result<Value, Failure> {
    let releases = newest_first(entry);
    let releases: Vec<Value> = releases.into_iter().map(|release| release_json(entry, release, None)).collect();
    let mut found = json!({"module": entry.name, "cid": entry.cid, "metadata": entry.metadata, "releases": releases});
    if let Some((_, record)) = entry.record() {
        found["record"] = json!(record);
    }
    if Recipe::of(entry).is_some() {
        let needs = needs(catalog, entry)?;
        found["dependencies"] =
            needs.into_iter().map(|(name, module)| json!({"name": name, "module": module})).collect();
    }
    Ok(found)
}

/// What a concrete spec needs, with the releases that its replay names.
fn spec_needs(entry: &ModuleEntry, release: &ReleaseEntry, spec: &Spec) -> Value {
    let refs = entry.replay_of(release).map(|(_, plot)| plot.catalog_refs()).unwrap_or_default();
    let by_hash = spack::by_hash(&refs);
    let needed = |dependency: spack::Dependency<'_>| {
        json!({
            "name": dependency.name, "hash": dependency.hash, "types": dependency.types,
            "virtuals": dependency.virtuals,
            "reference": dependency.hash.and_then(|hash| by_hash.get(hash)).map(|found| format!("{}:{}", found.module, found.release)),
        })
    };
    spec.dependencies().into_iter().map(needed).collect()
}

fn release_json(entry: &ModuleEntry, release: &ReleaseEntry, only: Option<&str>) -> Value {
    let items = release.release.items.iter().filter(|(label, _)| only.is_none_or(|only| only == label.as_str()));
    let items: Vec<Value> = items
        .map(
            |(label, ware)| json!({"item": label, "ware": ware, "mirrors": entry.mirrors.addresses(&entry.name, ware)}),
        )
        .collect();
    let mut found = json!({
        "reference": format!("{}:{}", entry.name, release.name()),
        "release": release.name(),
        "cid": release.cid,
        "metadata": release.release.metadata,
        "items": items,
        "replay": entry.replay_of(release).map(|(_, plot)| plot),
        "record": entry.record_of(release).map(|(_, record)| record),
    });
    let spec = entry.record_of(release).and_then(|(_, record)| Spec::of(record));
    if let Some(spec) = &spec {
        found["dependencies"] = spec_needs(entry, release, spec);
    }
    if spec.is_some() || Recipe::of(entry).is_some() {
        found["install"] = json!(spack::install(entry, release).lines());
    }
    let builds: Vec<Value> =
        entry.builds_of(release).map(|(cid, record)| json!({"cid": cid, "record": record})).collect();
    if !builds.is_empty() {
        found["builds"] = json!(builds);
    }
    found
}
