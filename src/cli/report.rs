//! What an import did, in words.

use std::collections::BTreeMap;
use std::fmt::Write;

use warecat::catalog::Tally;
use warecat::code::{Code, Exit};
use warecat::model::{Diagnostic, ModuleName};

use super::job::Done;
use super::ui::Ui;

/// So many kinds of fault are told; the JSON report has all.
const TOLD: usize = 20;
/// So many kinds of oddity are told.
const ODD_TOLD: usize = 5;

/// Tells what an import did: counts by kind, then what to look at.
pub(crate) fn tell(name: &str, done: &Done, ui: &Ui) {
    for (kind, tally) in &done.report.releases {
        ui.note(format!("{name}: {kind}: {}", words(tally)));
    }
    let odd = done.diagnostics.iter().filter(|d| d.code != Code::EntryRefused).count();
    let (refused, files) = (done.refused(), done.report.files);
    ui.note(format!("{name}: {refused} entries refused, {odd} odd; {files} files change"));
    tell_diagnostics(done, ui);
    for pin in done.broken_pins() {
        ui.warn(format!("a pin no longer holds: `{}` was {} and is {} upstream", pin.reference, pin.was, pin.now));
    }
    for release in &done.report.colliding {
        ui.warn(format!("`{release}` is not taken: its module has a release of that name where case is ignored"));
    }
    let kept = done.report.items_not_upstream.len();
    if kept > 0 {
        ui.note(format!("{name}: {kept} items that upstream does not have are kept; `--json` names them"));
    }
    let held: u64 = done.report.releases.values().map(|tally| tally.held_back).sum();
    if held > 0 {
        ui.note(format!(
            "{name}: {held} releases changed upstream and are as they were; `import --update-existing` and `sync` rewrite them"
        ));
    }
}

/// Tells what was refused, and the first of what is odd: each kind once, with the first
/// place where it is.
fn tell_diagnostics(done: &Done, ui: &Ui) {
    let is_refused = |diagnostic: &&Diagnostic| diagnostic.code == Code::EntryRefused;
    let (refused, odd): (Vec<_>, Vec<_>) = done.diagnostics.iter().partition(is_refused);
    let (faults, oddities) = (kinds(&refused), kinds(&odd));
    faults.iter().take(TOLD).for_each(|fault| ui.warn(fault));
    oddities.iter().take(ODD_TOLD).for_each(|oddity| ui.note(format!("odd: {oddity}")));
    for (what, left) in
        [("fault", faults.len().saturating_sub(TOLD)), ("oddity", oddities.len().saturating_sub(ODD_TOLD))]
    {
        if left > 0 {
            ui.note(format!("… and {left} more kinds of {what}; `--json` tells all"));
        }
    }
}

/// Each kind of diagnostic in words, with the first place where it is.
fn kinds(diagnostics: &[&Diagnostic]) -> Vec<String> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for diagnostic in diagnostics {
        kinds.entry((&diagnostic.file, &diagnostic.message)).or_default().push(&diagnostic.path);
    }
    let words = |((file, message), paths): (&(&str, &str), &Vec<&str>)| {
        let more = if paths.len() > 1 { format!(" and {} more like it", paths.len() - 1) } else { String::new() };
        // What is said of a whole file has no path in it.
        let at = if paths[0].is_empty() { String::new() } else { format!("{}{more}: ", paths[0]) };
        format!("{file}: {at}{message}")
    };
    kinds.iter().map(words).collect()
}

fn words(tally: &Tally) -> String {
    let all = [
        (tally.created, "created"),
        (tally.updated, "updated"),
        (tally.unchanged, "unchanged"),
        (tally.held_back, "changed upstream and left"),
        (tally.pruned, "removed"),
        (tally.kept, "dropped upstream and kept"),
    ];
    let said: Vec<String> = all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
}

/// A commit's message that says what an import changed.
pub(crate) fn message(name: &str, prefix: &ModuleName, done: &Done) -> String {
    let sum = |of: fn(&Tally) -> u64| done.report.releases.values().map(of).sum::<u64>();
    let (created, updated, pruned) = (sum(|t| t.created), sum(|t| t.updated), sum(|t| t.pruned));
    let mut text =
        format!("{prefix}: {created} releases new, {updated} changed, {pruned} removed\n\nFrom the source `{name}`");
    if let Some(version) = &done.version {
        let _ = write!(text, ", {version}");
    }
    text.push_str(".\n");
    for (kind, tally) in &done.report.releases {
        let _ = writeln!(text, "- {kind}: {}", words(tally));
    }
    text
}

/// How a command ends after these imports.
pub(crate) fn exit(all: &[&Done], dry_run: bool) -> Exit {
    if all.iter().any(|done| done.refused() > 0 || !done.broken_pins().is_empty() || !done.report.colliding.is_empty())
    {
        return Exit::Partial;
    }
    let would_change = dry_run && all.iter().any(|done| done.report.files > 0);
    if would_change { Exit::WouldChange } else { Exit::Done }
}
