//! A shell script, read as words and never run.
//!
//! Lexical: quotes, continued lines, comments and here-documents are understood as the
//! shell does; a variable that is set in the script itself, from what is known, has that
//! value. Conditions are not evaluated: both branches are read, and a variable that they
//! set differently is unknown afterwards. Functions, `source`, `eval` and what stands in
//! a here-document are not followed.

mod apptainer;
mod command;
mod expand;
mod lex;
mod variables;
mod word;

use self::command::Command;
use self::lex::Lexer;
use self::variables::Variables;
use super::MAX_DEMANDS;
use crate::model::Demand;

/// The variable in which a template's script finds the template's image.
pub(super) const IMAGE_VARIABLE: &str = "APPTAINER_IMAGE";

/// How deep commands in `$(…)` and backticks are looked into.
const MAX_DEPTH: usize = 8;

/// Which lines of the file the lines of a text are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lines {
    /// The lines from this one on.
    From(usize),
    /// All are in this line.
    All(usize),
}

impl Lines {
    /// The line of the file for a line of the text, from 1.
    fn of(self, line: usize) -> usize {
        match self {
            Self::From(first) => first + line - 1,
            Self::All(only) => only,
        }
    }
}

/// Reads one text after the other; what one sets, the next one knows.
#[derive(Debug, Default)]
pub(super) struct Script {
    variables: Variables,
    demands: Vec<Demand>,
}

impl Script {
    /// Sets a variable before reading.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.set(name, Some(value.to_owned()));
    }

    /// Reads a text.
    pub(super) fn read(&mut self, text: &str, lines: Lines) {
        self.read_at(text, lines, 0);
    }

    /// What was found, in the order of the text.
    pub(super) fn into_demands(self) -> Vec<Demand> {
        self.demands
    }

    fn read_at(&mut self, text: &str, lines: Lines, depth: usize) {
        let mut lexer = Lexer::new(text);
        while let Some(words) = lexer.next_command() {
            if self.demands.len() > MAX_DEMANDS {
                return;
            }
            for inner in words.iter().flat_map(|word| &word.inner).filter(|_| depth < MAX_DEPTH) {
                let first = match lines {
                    Lines::From(_) => Lines::From(lines.of(inner.line)),
                    Lines::All(_) => lines,
                };
                self.read_at(&inner.text, first, depth + 1);
            }
            let mut command = Command::new(&words, &mut self.variables);
            for (line, found) in command.found() {
                self.demands.push(Demand { line: lines.of(line), ..found });
            }
        }
    }
}
