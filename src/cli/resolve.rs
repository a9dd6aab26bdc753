//! `resolve`: from a reference to a ware.

use serde::Serialize;
use warecat::catalog::{Query, Resolved};
use warecat::code::Exit;

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Print the ware of each item, and where it can be had.
///
/// One line with the WareID, then one indented line for each mirror, the best first. The
/// module may be given in upstream's spelling.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The items: `module:release:item`.
    #[arg(value_name = "REF", required = true)]
    references: Vec<String>,
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
        }
    }
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let catalog = context::open(global)?;
    let mut answers = Vec::new();
    let mut failed: Option<Failure> = None;
    for text in &args.references {
        // A person may copy a reference out of a plot.
        let text = text.strip_prefix("catalog:").unwrap_or(text);
        match Query::parse(text).and_then(|query| catalog.resolve(&query)) {
            Ok(found) => answers.push(Answer::from(found)),
            Err(error) => {
                // All are told; the first decides how the command ends.
                match &failed {
                    None => failed = Some(error.into()),
                    Some(_) => ui.failure(&error.into()),
                }
            }
        }
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
