//! `fmt`: canonical text.

use warecat::catalog::{Catalog, CatalogError, Edit};
use warecat::code::{Code, Exit};

use super::commit::CommitArgs;
use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Bring the text of every document into its canonical form; no CID changes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// List the documents whose text is not canonical, and exit with 5 if there are any.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    commit: CommitArgs,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let catalog = if args.check { context::open(global)? } else { context::open_to_write(global)? };
    let is_dry = args.check || args.commit.dry_run;
    let (mut paths, mut unreadable) = (Vec::new(), Vec::new());
    // Planned once, under the lock where it is to be made.
    let mut plan = |catalog: &Catalog| -> Result<Edit, CatalogError> {
        let (edit, findings) = catalog.plan_canonical()?;
        paths = edit.paths().into_iter().map(|(path, _)| path).collect();
        unreadable = findings;
        Ok(edit)
    };
    if is_dry {
        plan(&catalog)?;
    } else {
        context::change(&catalog, &args.commit, ui, "catalog: bring documents into canonical form", plan)?;
    }
    for finding in &unreadable {
        ui.failure(&Failure::new(finding.code, format!("`{}`: {}", finding.path, finding.message)));
    }
    if ui.is_json() {
        ui.json(&paths)?;
    } else {
        ui.lines(&paths)?;
    }
    if !unreadable.is_empty() {
        return Ok(Code::DocumentUnreadable.exit());
    }
    Ok(if is_dry && !paths.is_empty() { Exit::WouldChange } else { Exit::Done })
}
