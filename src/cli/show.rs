//! `show`: all that the catalog says about a module, a release or an item.

use serde_json::{Value, json};
use warecat::catalog::{Catalog, CatalogError, ModuleEntry, Query, ReleaseEntry};
use warecat::code::Exit;
use warecat::model::{ReleaseName, order};

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
        None if ui.is_json() => ui.json(&module_json(&entry))?,
        None => ui.lines(module_lines(&entry))?,
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

fn module_lines(entry: &ModuleEntry) -> Vec<String> {
    let mut lines = vec![entry.name.to_string(), format!("  cid\t{}", entry.cid)];
    lines.extend(facts(&entry.metadata));
    for release in newest_first(entry) {
        lines.push(format!("  release\t{}\t{} items\t{}", release.name(), release.release.items.len(), release.cid));
    }
    lines
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
    lines
}

fn module_json(entry: &ModuleEntry) -> Value {
    let releases = newest_first(entry);
    let releases: Vec<Value> = releases.into_iter().map(|release| release_json(entry, release, None)).collect();
    json!({"module": entry.name, "cid": entry.cid, "metadata": entry.metadata, "releases": releases})
}

fn release_json(entry: &ModuleEntry, release: &ReleaseEntry, only: Option<&str>) -> Value {
    let items = release.release.items.iter().filter(|(label, _)| only.is_none_or(|only| only == label.as_str()));
    let items: Vec<Value> = items
        .map(
            |(label, ware)| json!({"item": label, "ware": ware, "mirrors": entry.mirrors.addresses(&entry.name, ware)}),
        )
        .collect();
    json!({
        "reference": format!("{}:{}", entry.name, release.name()),
        "release": release.name(),
        "cid": release.cid,
        "metadata": release.release.metadata,
        "items": items,
        "replay": entry.replay_of(release).map(|(_, plot)| plot),
        "record": entry.record_of(release).map(|(_, record)| record),
    })
}
