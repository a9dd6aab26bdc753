//! One command: what it sets, and what it asks for.

use super::super::path::{self, UNKNOWN};
use super::apptainer;
use super::variables::Variables;
use super::word::{Word, is_name};
use crate::model::{Demand, Wanted, WantedImage, WantedKind};

/// Programs that run the command that follows them.
const LAUNCHERS: &[&str] = &[
    "aprun",
    "command",
    "env",
    "exec",
    "ibrun",
    "ionice",
    "jsrun",
    "mpiexec",
    "mpiexec.hydra",
    "mpirun",
    "nice",
    "nohup",
    "numactl",
    "orterun",
    "prun",
    "setsid",
    "srun",
    "stdbuf",
    "sudo",
    "taskset",
    "time",
    "timeout",
    "xargs",
    "xvfb-run",
];

/// Words before a command, or around it.
const KEYWORDS: &[&str] = &["!", "do", "elif", "else", "then", "time"];
/// Keywords that begin a block, and such that end one.
const BEGINNINGS: &[&str] = &["if", "while", "until", "case", "for", "select", "{"];
const ENDS: &[&str] = &["fi", "done", "esac", "}"];

/// A word as the program would get it.
struct Argument {
    value: String,
    shown: String,
    line: usize,
}

/// A command, after its variables are set.
pub(super) struct Command {
    /// The variables that are set before it, or by it alone: `NAME=value`.
    assigned: Vec<Argument>,
    args: Vec<Argument>,
}

impl Command {
    /// Reads a command, and notes in `variables` what it sets.
    pub(super) fn new(words: &[Word], variables: &mut Variables) -> Self {
        let words = without_keywords(words, variables);
        let after = words.iter().position(|word| word.assigns().is_none()).unwrap_or(words.len());
        let assigned = arguments(&words[..after], variables);
        if after == words.len() {
            words.iter().for_each(|word| assign(word, variables));
        }
        let words = &words[after..];
        let args = arguments(words, variables);
        match args.first().map(|arg| arg.value.as_str()) {
            Some("export" | "readonly" | "local" | "declare" | "typeset") => {
                words.iter().skip(1).for_each(|word| assign(word, variables));
            }
            Some("read" | "unset" | "mapfile" | "readarray") => {
                let names = args.iter().skip(1).map(|arg| arg.value.as_str()).filter(|name| is_name(name));
                names.for_each(|name| variables.forget(name));
            }
            _ => {}
        }
        Self { assigned, args }
    }

    /// What the command asks for; the lines are those of the text.
    pub(super) fn found(&mut self) -> Vec<(usize, Demand)> {
        let mut found = Vec::new();
        let name = self.args.first().map_or("", |arg| base(&arg.value));
        match name {
            "module" => self.modules(1, &mut found),
            "ml" => self.ml(&mut found),
            _ => self.image(&mut found),
        }
        self.items(&mut found);
        found
    }

    /// The image that is run, by the program itself or through a launcher.
    fn image(&self, found: &mut Vec<(usize, Demand)>) {
        let is_runtime = |arg: &Argument| matches!(base(&arg.value), "apptainer" | "singularity");
        let Some(first) = self.args.first() else { return };
        let at = match is_runtime(first) {
            true => Some(0),
            false if LAUNCHERS.contains(&base(&first.value)) => self.args.iter().position(is_runtime),
            false => None,
        };
        let Some(at) = at else { return };
        let args = &self.args[at + 1..];
        let values: Vec<String> = args.iter().map(|arg| arg.value.clone()).collect();
        let Some(run) = apptainer::run(&values) else { return };
        let app = run.app.map(|(word, from)| &values[word][from..]);
        let app = app.filter(|app| !app.contains(UNKNOWN)).map(str::to_owned);
        let image = &args[run.image];
        let wanted = path::wanted(&image.value, WantedImage { app, ..WantedImage::default() });
        // An item is found among all words.
        if let Some(wanted) = wanted.filter(|wanted| wanted.kind() != WantedKind::Item) {
            found.push(image.demand(wanted));
        }
    }

    /// `module load A B`.
    fn modules(&self, verb: usize, found: &mut Vec<(usize, Demand)>) {
        let words = || self.args.iter().skip(verb).filter(|arg| !arg.value.starts_with('-'));
        let skipped = match words().next().map(|arg| arg.value.as_str()) {
            Some("load" | "add" | "try-load" | "switch-load") => 1,
            // The first is what is taken away.
            Some("swap" | "switch") if words().count() > 2 => 2,
            _ => return,
        };
        found.extend(words().skip(skipped).map(Argument::module));
    }

    /// Lmod's short form: `ml A B`, `ml load A`, and `ml -A` to unload.
    fn ml(&self, found: &mut Vec<(usize, Demand)>) {
        const VERBS: &[&str] = &[
            "av",
            "avail",
            "del",
            "describe",
            "disable",
            "help",
            "is-avail",
            "is-loaded",
            "keyword",
            "list",
            "ls",
            "purge",
            "reset",
            "restore",
            "rm",
            "save",
            "savelist",
            "show",
            "spider",
            "unload",
            "unuse",
            "update",
            "use",
            "whatis",
        ];
        let first = self.args.get(1).map_or("", |arg| arg.value.as_str());
        if matches!(first, "load" | "add" | "try-load" | "swap" | "switch") {
            return self.modules(1, found);
        }
        if !VERBS.contains(&first) {
            let loaded = self.args.iter().skip(1).filter(|arg| !arg.value.starts_with('-'));
            found.extend(loaded.map(Argument::module));
        }
    }

    /// `catalog:` references among the words.
    fn items(&self, found: &mut Vec<(usize, Demand)>) {
        for arg in self.assigned.iter().chain(&self.args) {
            let at = match arg.value.find("catalog:") {
                Some(0) => 0,
                Some(at) if arg.value[..at].ends_with('=') => at,
                _ => continue,
            };
            found.extend(path::wanted(&arg.value[at..], WantedImage::default()).map(|wanted| arg.demand(wanted)));
        }
    }
}

impl Argument {
    fn demand(&self, wanted: Wanted) -> (usize, Demand) {
        let is_known = !self.value.contains(UNKNOWN);
        let text = if is_known { self.value.clone() } else { self.shown.clone() };
        (self.line, Demand { line: self.line, text, wanted })
    }

    fn module(&self) -> (usize, Demand) {
        let reason = "its name is known to the job only";
        self.demand(match self.value.contains(UNKNOWN) {
            true => Wanted::Unknown { kind: WantedKind::Module, reason },
            false => Wanted::Module(self.value.clone()),
        })
    }
}

/// Words as the program would get them.
fn arguments(words: &[Word], variables: &Variables) -> Vec<Argument> {
    let mut args = Vec::new();
    for word in words {
        let expanded = word.expanded(variables);
        args.extend(expanded.into_iter().map(|value| Argument { value, shown: word.shown(), line: word.line }));
    }
    args
}

/// The words after the keywords that a command may begin with.
fn without_keywords<'w>(mut words: &'w [Word], variables: &mut Variables) -> &'w [Word] {
    while let Some(word) = words.first().and_then(Word::bare) {
        if BEGINNINGS.contains(&word) {
            variables.enter();
        } else if ENDS.contains(&word) {
            variables.leave();
        } else if !KEYWORDS.contains(&word) {
            break;
        }
        if matches!(word, "for" | "select") {
            if let Some(name) = words.get(1).and_then(Word::bare) {
                variables.forget(name);
            }
            return &[];
        }
        if word == "case" {
            return &[];
        }
        words = &words[1..];
    }
    words
}

fn assign(word: &Word, variables: &mut Variables) {
    let Some(name) = word.assigns() else { return };
    let whole = word.value(variables);
    // What is appended to is not followed.
    let value = whole.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
    variables.set(name, value.map(str::to_owned));
}

/// A program's name without its folder.
fn base(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}
