//! `check`: every document and link.

use serde_json::json;
use warecat::catalog::check::{CheckOptions, CheckReport, Severity};
use warecat::code::Exit;
use warecat::git::Repo;

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Check every document and link of the catalog, and tell all that is wrong.
///
/// Exits with 4 when there are errors; warnings alone leave 0, unless `--strict`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Look also whether this machine holds what mirrors say it holds.
    #[arg(long)]
    local: bool,
    /// Take warnings for errors.
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let catalog = context::open(global)?;
    let bar = ui.progress("modules checked");
    let report = catalog.check(CheckOptions { local: args.local }, &|| bar.inc(1));
    bar.finish_and_clear();
    let uncommitted = if global.rev.is_none() { uncommitted(global, ui) } else { None };
    let (errors, warnings) = report.totals();
    if ui.is_json() {
        ui.json(&json!({
            "errors": errors, "warnings": warnings, "counts": report.counts,
            "uncommitted": uncommitted, "findings": report.findings,
        }))?;
    } else {
        print(&report, ui)?;
    }
    let counts = report.counts;
    ui.note(format!(
        "{} modules, {} releases, {} items, {} replays, {} records: {errors} errors, {warnings} warnings",
        counts.modules, counts.releases, counts.items, counts.replays, counts.records
    ));
    if let Some(paths) = uncommitted.filter(|paths| !paths.is_empty()) {
        ui.note(format!("{} files are not committed to git", paths.len()));
    }
    let is_bad = errors > 0 || (args.strict && warnings > 0);
    Ok(if is_bad { Exit::Unverified } else { Exit::Done })
}

fn print(report: &CheckReport, ui: &Ui) -> Result<(), Failure> {
    let line = |finding: &warecat::catalog::check::Finding| {
        let head = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        format!("{head}[{}]\t{}\t{}", finding.code, finding.path, finding.message)
    };
    ui.lines(report.findings.iter().map(line))
}

/// What is not committed; `None` outside a repository. The check itself needs no git, so
/// that git fails is only told.
fn uncommitted(global: &Global, ui: &Ui) -> Option<Vec<String>> {
    let folder = context::folder(global).ok()?;
    match Repo::discover(&folder).and_then(|repo| repo.map(|repo| repo.status()).transpose()) {
        Ok(found) => found.map(|found| found.into_iter().map(|entry| entry.path).collect()),
        Err(error) => {
            ui.warn(format!("git cannot tell what is committed: {error}"));
            None
        }
    }
}
