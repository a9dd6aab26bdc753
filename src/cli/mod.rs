//! The command line: one file for each command, [`ui`] the only printer.
//!
//! Only this module looks at the environment, the clock and the standard streams. Data
//! goes to standard output, everything else to standard error; the exit status is that
//! of the error's code (`code.rs`).

mod add;
mod apptainer;
mod bases;
mod buildcache;
mod cache;
mod check;
mod commit;
mod completions;
mod context;
mod credentials;
mod eessi;
mod example;
mod failure;
mod fmt;
mod import;
mod init;
mod inspect;
mod job;
mod listing;
mod ls;
mod machine;
mod oci;
mod quickstart;
mod reference;
mod refs;
mod registry;
mod report;
mod resolve;
mod search;
mod show;
mod site;
mod site_check;
mod site_serve;
mod spack;
mod spack_monitor;
mod spack_spec;
mod sync;
mod ui;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use warecat::code::Exit;

use self::failure::Failure;
use self::ui::{Color, Ui};

/// Keeps catalogs of software: hashed documents in git, filled from EESSI, shown as a site.
#[derive(Debug, Parser)]
#[command(name = "warecat", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, clap::Args)]
struct Global {
    /// Work on the catalog in DIR; otherwise in the nearest folder above with a `catalog.toml`.
    #[arg(short = 'C', value_name = "DIR", global = true)]
    catalog: Option<PathBuf>,
    /// Read the catalog as the git revision REV has it, without a checkout.
    #[arg(long, value_name = "REV", global = true)]
    rev: Option<String>,
    /// Print data, and errors, as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Print no progress and no summaries.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// When to colour what people read.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    Quickstart(quickstart::Args),
    Init(init::Args),
    Add(add::Args),
    Ls(ls::Args),
    Search(search::Args),
    Show(show::Args),
    Resolve(resolve::Args),
    Check(check::Args),
    Fmt(fmt::Args),
    Import(import::Args),
    Inspect(inspect::Args),
    Refs(refs::Args),
    Sync(sync::Args),
    Site(site::Args),
    Cache(cache::Args),
    Completions(completions::Args),
    #[command(hide = true, name = "cli-reference")]
    Reference(reference::Args),
}

/// How a command ended, when it did not fail.
type Outcome = Result<Exit, Failure>;

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            ui::usage(&error);
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
        }
    };
    let ui = Ui::new(&cli.global);
    let outcome = run(&cli, &ui);
    let exit = match outcome {
        Ok(exit) => exit,
        Err(failure) if failure.is_closed_pipe() => Exit::Done,
        Err(failure) => {
            ui.failure(&failure);
            failure.code.exit()
        }
    };
    ExitCode::from(exit as u8)
}

fn run(cli: &Cli, ui: &Ui) -> Outcome {
    let global = &cli.global;
    match &cli.command {
        Command::Quickstart(args) => quickstart::run(args, global, ui),
        Command::Init(args) => init::run(args, global, ui),
        Command::Add(args) => add::run(args, global, ui),
        Command::Ls(args) => ls::run(args, global, ui),
        Command::Search(args) => search::run(args, global, ui),
        Command::Show(args) => show::run(args, global, ui),
        Command::Resolve(args) => resolve::run(args, global, ui),
        Command::Check(args) => check::run(args, global, ui),
        Command::Fmt(args) => fmt::run(args, global, ui),
        Command::Import(args) => import::run(args, global, ui),
        Command::Inspect(args) => inspect::run(args, ui),
        Command::Refs(args) => refs::run(args, global, ui),
        Command::Sync(args) => sync::run(args, global, ui),
        Command::Site(args) => site::run(args, global, ui),
        Command::Cache(args) => cache::run(args, global, ui),
        Command::Completions(args) => completions::run(args, ui),
        Command::Reference(args) => reference::run(args, ui),
    }
}
