//! `add`: an item, by hand.

use warecat::catalog::Addition;
use warecat::code::Exit;
use warecat::model::{CatalogRef, WareId, WarehouseAddr, metadata};

use super::commit::CommitArgs;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Add an item to a release, making the release and the module if need be.
///
/// Adding what is there already changes nothing. Another ware under the same name needs
/// `--force`, since whoever pinned the name would get another ware.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The item: `module:release:item`.
    #[arg(value_name = "REF")]
    reference: CatalogRef,
    /// Its ware: `packtype:hash`.
    #[arg(value_name = "WAREID")]
    ware: WareId,
    /// Where the ware can be had; may be given several times, the best place first.
    #[arg(long = "mirror", value_name = "URL")]
    mirrors: Vec<WarehouseAddr>,
    /// A fact about the release; may be given several times.
    #[arg(long = "meta", value_name = "K=V", value_parser = fact)]
    facts: Vec<(String, String)>,
    /// Replace the item if it is there with another ware.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    commit: CommitArgs,
}

fn fact(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((metadata::RECORD | metadata::REPLAY | metadata::BUILDS, _)) => {
            Err("`record`, `replay` and `builds` name documents of the catalog, which this command does not make"
                .to_owned())
        }
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write `key=value`; what is unknown is left out".to_owned()),
    }
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let catalog = context::open_to_write(global)?;
    let addition = Addition {
        reference: args.reference.clone(),
        ware: args.ware.clone(),
        mirrors: args.mirrors.clone(),
        facts: args.facts.clone(),
        force: args.force,
    };
    let message = format!("{}: add {}:{}", args.reference.module, args.reference.release, args.reference.item);
    let has_changed = context::change(&catalog, &args.commit, ui, &message, |catalog| catalog.plan_add(&addition))?;
    if !has_changed {
        ui.note(format!("`{}` is there already; nothing changes", args.reference));
        return Ok(Exit::Done);
    }
    if args.commit.dry_run {
        return Ok(Exit::WouldChange);
    }
    ui.note(format!("added `{}`", args.reference));
    Ok(Exit::Done)
}
