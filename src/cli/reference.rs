//! The reference of all commands, as `docs/cli.md` holds it; a test compares the two.

use std::fmt::Write;

use clap::{Arg, CommandFactory};
use warecat::code::Exit;

use super::ui::Ui;
use super::{Cli, Outcome};

/// Print the reference of all commands as Markdown.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, ui: &Ui) -> Outcome {
    let mut command = Cli::command();
    command.build();
    let mut text = String::from(
        "# Commands\n\nMade by `warecat cli-reference`; a test holds it to the program.\n\n## Options of every command\n\n",
    );
    options(&mut text, command.get_arguments().filter(|arg| arg.is_global_set()));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        section(&mut text, inner, "warecat");
    }
    text.push_str(EXITS);
    ui.raw(text.as_bytes())?;
    Ok(Exit::Done)
}

fn section(text: &mut String, command: &clap::Command, above: &str) {
    let name = format!("{above} {}", command.get_name());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let stop = if about.ends_with('.') { "" } else { "." };
    let inner: Vec<_> = command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help").collect();
    if inner.is_empty() {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ").trim();
        let _ = write!(text, "\n## `{name}`\n\n{about}{stop}\n\n```\n{usage}\n```\n\n");
        options(text, command.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_id() != "help"));
    }
    inner.into_iter().for_each(|command| section(text, command, &name));
}

fn options<'a>(text: &mut String, args: impl Iterator<Item = &'a Arg>) {
    for arg in args.filter(|arg| !arg.is_hide_set()) {
        let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
        let default: Vec<_> =
            arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        let default = if default.is_empty() || !arg.get_action().takes_values() {
            String::new()
        } else {
            format!(" Default: `{}`.", default.join(" "))
        };
        let short = match (arg.get_short(), arg.get_long()) {
            (Some(short), Some(_)) => format!("-{short}, "),
            _ => String::new(),
        };
        let stop = if help.ends_with('.') { "" } else { "." };
        let _ = writeln!(text, "- `{short}{arg}`: {help}{stop}{default}");
    }
}

const EXITS: &str = "
## Exit status

| status | meaning |
| --- | --- |
| 0 | done |
| 1 | failed; nothing was changed |
| 2 | the command line cannot be understood |
| 3 | not found |
| 4 | something does not match its hash or its place |
| 5 | `--dry-run` or `--check`: something would change |
| 6 | the network failed |
| 7 | partly done: some of the input was refused |
| 8 | another process holds the catalog's lock |

Errors carry a stable code, `error[code]: …`; [codes.md](codes.md) explains each.
";
