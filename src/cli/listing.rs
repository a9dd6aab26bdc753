//! Imports that print each release: whether it was created or was there.

use serde_json::json;
use warecat::catalog::Catalog;
use warecat::import::Import;
use warecat::model::{ModuleName, ReleaseRef};

use super::failure::Failure;
use super::import::{ImportArgs, set_jobs};
use super::job::{Gathered, Job};
use super::ui::Ui;
use super::{Global, Outcome, context, report};

/// The releases of an import, sorted.
#[derive(Debug, Default)]
struct Listing {
    /// All, and whether the catalog had each before.
    releases: Vec<(ReleaseRef, bool)>,
}

impl Listing {
    /// Compares what is imported with what is there.
    fn of(catalog: &Catalog, import: &Import) -> Result<Self, Failure> {
        let mut releases = Vec::new();
        for module in &import.modules {
            let known = catalog.module(&module.name)?;
            for release in &module.releases {
                let is_known = known.as_ref().is_some_and(|known| known.releases.contains_key(&release.name));
                releases.push((ReleaseRef { module: module.name.clone(), release: release.name.clone() }, is_known));
            }
        }
        releases.sort_by(|(a, _), (b, _)| (&a.module, &a.release).cmp(&(&b.module, &b.release)));
        Ok(Self { releases })
    }

    fn lines(&self, is_dry: bool) -> impl Iterator<Item = String> {
        let created = if is_dry { "would create" } else { "created" };
        self.releases
            .iter()
            .map(move |(release, is_known)| format!("{} {release}", if *is_known { "exists" } else { created }))
    }

    fn names(&self, is_known: bool) -> Vec<String> {
        let all = self.releases.iter();
        all.filter(|(_, known)| *known == is_known).map(|(release, _)| release.to_string()).collect()
    }
}

/// Imports what `gather` reads, tells it, and prints each release.
pub(crate) fn import(
    name: &str,
    prefix: &ModuleName,
    args: &ImportArgs,
    global: &Global,
    ui: &Ui,
    gather: impl FnOnce(&Catalog) -> Result<Gathered, Failure>,
) -> Outcome {
    set_jobs(args.jobs())?;
    let catalog = context::open_to_write(global)?;
    args.commit.check(&catalog)?;
    let gathered = gather(&catalog)?;
    let listing = Listing::of(&catalog, &gathered.import)?;
    let spliced = gathered.import.source.counts.get("spliced").copied().unwrap_or_default();
    let job = Job { name, prefix, policy: args.policy(), commit: &args.commit };
    let done = job.run(&catalog, gathered, ui)?;
    if ui.is_json() {
        let mut value = done.to_json();
        value["created"] = json!(listing.names(false));
        value["existing"] = json!(listing.names(true));
        ui.json(&value)?;
    } else {
        ui.lines(listing.lines(args.commit.dry_run))?;
    }
    report::tell(name, &done, ui);
    if spliced > 0 {
        ui.warn(format!(
            "{spliced} specs say that they are spliced; `--json` tells which, and whose hashes do not hold"
        ));
    }
    Ok(report::exit(&[&done], args.commit.dry_run))
}
