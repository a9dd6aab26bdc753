//! The only printer: data to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use warecat::text::{is_hidden, json_escaped, shown};

use super::Global;
use super::failure::Failure;

/// When to colour what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How this run prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    json: bool,
    quiet: bool,
    color: bool,
}

impl Ui {
    pub(crate) fn new(global: &Global) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stderr().is_terminal() && !no_color,
        };
        Self { json: global.json, quiet: global.quiet, color }
    }

    /// Whether data is to be JSON.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Prints lines of data. Text from outside is escaped, line by line.
    pub(crate) fn lines<I>(self, lines: I) -> Result<(), Failure>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        for line in lines {
            let line = line.as_ref();
            // A tab separates columns; anything else that is hidden is shown.
            let columns: Vec<String> = line.split('\t').map(|column| shown(column).to_string()).collect();
            writeln!(out, "{}", columns.join("\t")).map_err(|error| Failure::output(&error))?;
        }
        out.flush().map_err(|error| Failure::output(&error))
    }

    /// Prints bytes as they are: a document, a script.
    pub(crate) fn raw(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| Failure::output(&error))
    }

    /// Prints one value as JSON.
    pub(crate) fn json<T: Serialize>(self, value: &T) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).expect("a report has text keys and finite numbers");
        self.raw(format!("{}\n", harmless(&text)).as_bytes())
    }

    /// Tells what was done; not with `--quiet`.
    pub(crate) fn note(self, text: impl AsRef<str>) {
        if !self.quiet {
            self.stderr(&shown(text.as_ref()).to_string());
        }
    }

    /// Tells what someone should look at.
    pub(crate) fn warn(self, text: impl AsRef<str>) {
        let head = self.paint("33;1", "warning");
        self.stderr(&format!("{head}: {}", shown(text.as_ref())));
    }

    /// Tells why the command failed.
    pub(crate) fn failure(self, failure: &Failure) {
        if self.json {
            let value = serde_json::json!({"error": {
                "code": failure.code.as_str(), "message": failure.message, "hint": failure.hint,
            }});
            return self.stderr(&harmless(&value.to_string()));
        }
        let head = self.paint("31;1", &format!("error[{}]", failure.code));
        let mut lines = failure.message.lines();
        self.stderr(&format!("{head}: {}", shown(lines.next().unwrap_or_default())));
        lines.for_each(|line| self.stderr(&format!("  {}", shown(line))));
        if let Some(hint) = &failure.hint {
            self.stderr(&format!("{}: {}", self.paint("36", "hint"), shown(hint)));
        }
    }

    fn stderr(self, line: &str) {
        // A closed standard error leaves no one to tell.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    pub(crate) fn paint(self, style: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A progress bar for long work, or one that is not shown.
    pub(crate) fn progress(self, what: &'static str) -> ProgressBar {
        self.bar(None, "{spinner} {msg}: {human_pos} in {elapsed}").with_message(what)
    }

    /// A progress bar over so many bytes, or one that is not shown.
    pub(crate) fn bytes(self, total: u64) -> ProgressBar {
        self.bar(Some(total), "{spinner} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")
    }

    fn bar(self, total: Option<u64>, template: &str) -> ProgressBar {
        let is_shown = !self.quiet && !self.json && std::io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(total, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if is_shown {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        bar
    }
}

/// Prints what clap says of a command line: help and versions to standard output, errors
/// to standard error. It repeats values, so passwords of addresses are taken out first.
pub(crate) fn usage(error: &clap::Error) {
    if !error.use_stderr() {
        // Clap knows whether there is a terminal with colours.
        let _ = error.print();
        return;
    }
    let text = without_passwords(&error.render().to_string());
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Takes what stands before an `@` out of every address.
fn without_passwords(text: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at + 3);
        clean.push_str(before);
        let end = address.find(|c: char| c.is_whitespace() || matches!(c, '/' | '\'' | '`')).unwrap_or(address.len());
        rest = match address[..end].rfind('@') {
            Some(user) => {
                clean.push_str("***");
                &address[user..]
            }
            None => address,
        };
    }
    clean + rest
}

/// The same JSON, with what would do something in a terminal escaped.
fn harmless(json: &str) -> String {
    json_escaped(json, |c| is_hidden(c) && c != '\n')
}

#[cfg(test)]
mod tests {
    use super::without_passwords;

    #[test]
    fn t33_a_password_in_a_value_that_is_refused_is_not_repeated() {
        let said = "invalid value 'oci://me:s3cr3t@a.org/b' for '--from <X>': see https://a.org/x@y";
        assert_eq!(
            without_passwords(said),
            "invalid value 'oci://***@a.org/b' for '--from <X>': see https://a.org/x@y"
        );
    }
}
