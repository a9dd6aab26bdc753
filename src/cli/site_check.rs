//! `site check`: links, HTML, accessibility and weight of a built site.

use std::path::PathBuf;

use serde_json::json;
use warecat::catalog::check::Severity;
use warecat::code::Exit;
use warecat::site::check::{self, SiteCheck, SiteReport};

use super::Outcome;
use super::failure::Failure;
use super::ui::Ui;

/// Check a built site: links, HTML, accessibility, policy and weight.
///
/// Every link must lead to a file and an id of the site, nothing may be fetched from another
/// host, pages must be valid HTML and usable by keyboard and screen reader as far as that can
/// be told without a browser. Contrast, the size of what is pressed and what scripts change
/// can not. Exits with 4 when there are errors; warnings alone leave 0, unless `--strict`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder that `site build` wrote.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The URL at which the site is published; what its pages say otherwise.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Take warnings for errors.
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: &Args, ui: &Ui) -> Outcome {
    let bar = ui.progress("files checked");
    let progress = || bar.inc(1);
    let options = SiteCheck { base_url: args.base_url.as_deref(), progress: Some(&progress) };
    let report = check::check(&args.folder, &options);
    bar.finish_and_clear();
    let report = report?;
    let (errors, warnings) = report.totals();
    if ui.is_json() {
        ui.json(&json!({
            "errors": errors, "warnings": warnings, "counts": report.counts,
            "totals": totals(&report), "findings": report.findings,
        }))?;
    } else {
        print(&report, ui)?;
    }
    for (code, number) in report.more() {
        ui.note(format!("{number} more of {code}"));
    }
    let counts = report.counts;
    ui.note(format!(
        "{} files, {} pages, {} links; the median page has {} bytes as gzip sends it: {errors} errors, {warnings} warnings",
        counts.files, counts.pages, counts.links, counts.median_page
    ));
    let is_bad = errors > 0 || (args.strict && warnings > 0);
    Ok(if is_bad { Exit::Unverified } else { Exit::Done })
}

fn totals(report: &SiteReport) -> serde_json::Map<String, serde_json::Value> {
    report.totals.iter().map(|(code, number)| (code.as_str().to_owned(), json!(number))).collect()
}

fn print(report: &SiteReport, ui: &Ui) -> Result<(), Failure> {
    ui.lines(report.findings.iter().map(|finding| {
        let head = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let line = if finding.line == 0 { String::new() } else { format!(":{}", finding.line) };
        format!("{head}[{}]\t{}{line}\t{}", finding.code, finding.path, finding.message)
    }))
}
