//! `completions`: for shells.

use clap::CommandFactory;
use clap_complete::Shell;
use warecat::code::Exit;

use super::ui::Ui;
use super::{Cli, Outcome};

/// Print the completions for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, ui: &Ui) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "warecat", &mut text);
    ui.raw(&text)?;
    Ok(Exit::Done)
}
