//! `init`: an empty catalog.

use std::path::{Path, PathBuf};

use warecat::catalog::Catalog;
use warecat::catalog::config::{About, Config};
use warecat::code::{Code, Exit};
use warecat::git::Repo;
use warecat::store::layout;

use super::commit::CommitArgs;
use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// Make an empty catalog: a folder with a `catalog.toml`.
///
/// What is in the folder already stays; a folder that has a `catalog.toml` is left alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder; it is made if need be.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Make the folder a git repository, unless it lies in one.
    #[arg(long)]
    git: bool,
    /// The catalog's name, for people; the folder's name otherwise.
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    commit: CommitArgs,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    context::refuse_revision(global)?;
    let dir = global.catalog.as_ref().map_or_else(|| args.dir.clone(), |base| base.join(&args.dir));
    if dir.join(layout::CONFIG).symlink_metadata().is_ok() {
        ui.note(format!("`{}` is a catalog already", dir.display()));
        return Ok(Exit::Done);
    }
    if args.commit.dry_run {
        ui.note(format!("would make `{}`", dir.join(layout::CONFIG).display()));
        return Ok(Exit::WouldChange);
    }
    make_folder(&dir)?;
    if args.git && Repo::discover(&dir)?.is_none() {
        Repo::init(&dir)?;
    }
    let name = args.name.clone().or_else(|| folder_name(&dir));
    let config = Config { catalog: About { name, description: None }, ..Config::default() };
    let catalog = Catalog::open_or_new(&dir)?;
    let text = config.to_text();
    context::change(&catalog, &args.commit, ui, "catalog: begin", |_| Ok(Catalog::plan_config(&text)))?;
    ui.note(format!("made an empty catalog in `{}`", dir.display()));
    Ok(Exit::Done)
}

pub(crate) fn make_folder(dir: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(dir)
        .map_err(|error| Failure::new(Code::Io, format!("cannot make the folder `{}`: {error}", dir.display())))
}

fn folder_name(dir: &Path) -> Option<String> {
    let whole = std::path::absolute(dir).ok()?;
    Some(whole.file_name()?.to_str()?.to_owned())
}
