//! `resolve`: from a reference to a ware.

use serde::Serialize;
use warecat::catalog::{Catalog, Query, Resolved};
use warecat::code::{Code, Exit};
use warecat::model::target::{Accelerator, Choice, Wanted, Why};

use super::failure::Failure;
use super::machine::Machine;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Print the ware of each item, and where it can be had.
///
/// One line with the WareID, then one indented line for each mirror, the best first. The
/// module may be given in upstream's spelling. With `--target`, the item that fits a
/// machine best is chosen, and why is told on standard error.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The items: `module:release:item`, or `module:release` with `--target`.
    #[arg(value_name = "REF", required = true)]
    references: Vec<String>,
    /// Choose the item for this processor: `host` for this machine's, a name of archspec's
    /// (`zen4`, `neoverse_v1`), a family (`aarch64`), or a whole target (`x86_64/amd/zen4`).
    #[arg(long, value_name = "CPU")]
    target: Option<Machine>,
    /// The accelerator that the machine has: `nvidia/cc80`, `gfx90a`. Items that need one
    /// are chosen only with this.
    #[arg(long, value_name = "ACCELERATOR", requires = "target")]
    accelerator: Option<Accelerator>,
}

#[derive(Serialize)]
struct Answer {
    reference: String,
    ware: String,
    mirrors: Vec<String>,
    release_cid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mirrors_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    yanked: Option<String>,
    /// Why this item, when it was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<Choice>,
}

impl From<Resolved> for Answer {
    fn from(found: Resolved) -> Self {
        Self {
            reference: found.reference.to_string(),
            ware: found.ware.to_string(),
            mirrors: found.mirrors.into_iter().map(String::from).collect(),
            release_cid: found.release.to_string(),
            mirrors_of: found.parent.map(String::from),
            yanked: found.yanked,
            choice: None,
        }
    }
}

/// The item of a reference, or the one that fits a machine.
fn look_up(catalog: &Catalog, text: &str, wanted: Option<&Wanted>) -> Result<Answer, Failure> {
    // A person may copy a reference out of a plot.
    let query = Query::parse(text.strip_prefix("catalog:").unwrap_or(text))?;
    let Some(wanted) = wanted else { return Ok(catalog.resolve(&query)?.into()) };
    if query.item.is_some() {
        let said = format!("`{text}` names an item already, and `--target` chooses one");
        return Err(Failure::new(Code::UsageInvalid, said).with_hint("leave out the item, or `--target`"));
    }
    let (query, choice) = catalog.choose(&query, wanted)?;
    if query.item.is_none() {
        let release = query.release.as_ref().map(ToString::to_string).unwrap_or_default();
        let head = format!("no item of `{}:{release}` fits {}", query.module, wanted.cpu);
        let said = std::iter::once(head).chain(choice.explanation).collect::<Vec<_>>().join("\n");
        let hint = if choice.others.iter().any(|other| other.why == Why::Needs) {
            "say which accelerator the machine has with `--accelerator`"
        } else {
            "name an item to have it all the same"
        };
        return Err(Failure::new(Code::NotFound, said).with_hint(hint));
    }
    Ok(Answer { choice: Some(choice), ..catalog.resolve(&query)?.into() })
}

/// Tells which items were chosen, and why.
fn explain(answers: &[Answer], ui: &Ui) {
    for (answer, choice) in answers.iter().filter_map(|answer| Some((answer, answer.choice.as_ref()?))) {
        ui.note(format!("chosen for {}: {}", choice.wanted.cpu, answer.reference));
        choice.explanation.iter().for_each(|line| ui.note(format!("  {line}")));
    }
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let catalog = context::open(global)?;
    let wanted = args.target.as_ref().map(Machine::wanted).transpose()?;
    let wanted = wanted.map(|wanted| wanted.with(args.accelerator.clone()));
    let mut answers: Vec<Answer> = Vec::new();
    let mut failed: Option<Failure> = None;
    for text in &args.references {
        match look_up(&catalog, text, wanted.as_ref()) {
            Ok(found) => answers.push(found),
            Err(error) => {
                // All are told; the first decides how the command ends.
                match &failed {
                    None => failed = Some(error),
                    Some(_) => ui.failure(&error),
                }
            }
        }
    }
    if !ui.is_json() {
        explain(&answers, ui);
    }
    for answer in &answers {
        if let Some(reason) = &answer.yanked {
            ui.warn(format!("`{}` should not be used any more: {reason}", answer.reference));
        }
    }
    if ui.is_json() {
        ui.json(&answers)?;
    } else {
        let lines = |answer: &Answer| {
            std::iter::once(answer.ware.clone())
                .chain(answer.mirrors.iter().map(|m| format!("  {m}")))
                .collect::<Vec<_>>()
        };
        ui.lines(answers.iter().flat_map(lines))?;
    }
    match failed {
        Some(failure) => Err(failure),
        None => Ok(Exit::Done),
    }
}
