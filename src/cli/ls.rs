//! `ls`: names, one a line.

use serde_json::json;
use warecat::catalog::{Catalog, CatalogError, Query};
use warecat::code::{Code, Exit};
use warecat::model::{ModuleName, ReleaseName, order};

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// List modules, a module's releases (the newest first), or a release's items.
///
/// Without an argument, all modules; with the beginning of a name, the modules below it.
/// A release's items are listed as WareID, tab, label.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A module, the beginning of module names, or `module:release`.
    #[arg(value_name = "MODULE[:RELEASE]")]
    what: Option<String>,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let catalog = context::open(global)?;
    if let Some(what) = args.what.as_deref().filter(|what| Query::parse(what).is_ok_and(|query| query.item.is_some())) {
        let message = format!("`{what}` is an item, which has nothing to list");
        return Err(Failure::new(Code::UsageInvalid, message).with_hint("`warecat resolve` gives its ware"));
    }
    let names = match &args.what {
        None => texts(catalog.module_names()?),
        Some(what) => listed(&catalog, &Query::parse(what.trim_end_matches('/'))?)?,
    };
    // Only items have a tab, which no name can hold.
    let items: Option<Vec<_>> = names.iter().map(|line| line.split_once('\t')).collect();
    match items.filter(|items| !items.is_empty()) {
        Some(items) if ui.is_json() => {
            ui.json(&items.iter().map(|(ware, item)| json!({"item": item, "ware": ware})).collect::<Vec<_>>())?;
        }
        _ if ui.is_json() => ui.json(&names)?,
        _ => ui.lines(&names)?,
    }
    Ok(Exit::Done)
}

fn texts(names: Vec<ModuleName>) -> Vec<String> {
    names.into_iter().map(String::from).collect()
}

fn listed(catalog: &Catalog, query: &Query) -> Result<Vec<String>, Failure> {
    if query.release.is_none()
        && let Ok(prefix) = query.module.parse::<ModuleName>()
        && catalog.module(&prefix)?.is_none()
    {
        let below = catalog.module_names_within(&prefix)?;
        if !below.is_empty() {
            return Ok(texts(below));
        }
    }
    let name = catalog.find_module(&query.module)?;
    match &query.release {
        None => releases(catalog, &name),
        Some(release) => items(catalog, &name, release),
    }
}

fn releases(catalog: &Catalog, name: &ModuleName) -> Result<Vec<String>, Failure> {
    let module = catalog.module(name)?;
    let mut names: Vec<String> =
        module.iter().flat_map(|module| module.releases.keys()).map(|n| n.to_string()).collect();
    names.sort_by(|a, b| order::newest_first(a, b));
    Ok(names)
}

fn items(catalog: &Catalog, name: &ModuleName, release: &ReleaseName) -> Result<Vec<String>, Failure> {
    match catalog.release(name, release)? {
        Some(entry) => Ok(entry.release.items.iter().map(|(label, ware)| format!("{ware}\t{label}")).collect()),
        None => {
            let near = releases(catalog, name)?.into_iter().take(5).collect();
            let within = Some(name.to_string());
            Err(CatalogError::NotFound { what: "release", asked: release.to_string(), within, near }.into())
        }
    }
}
