//! Where a job runs: `#SBATCH` lines of a script, and the values that they hold.
//!
//! Facts from Slurm's manual of `sbatch`: the lines stand before the first command;
//! several partitions are separated by commas; a constraint is names of features joined
//! by `&` (or `,`), alternatives by `|`.

use crate::model::{Architecture, JobPlace};

/// The place that a script's `#SBATCH` lines name.
pub(super) fn place(text: &str) -> JobPlace {
    let mut place = JobPlace::default();
    for line in text.lines() {
        let line = line.trim();
        if !line.is_empty() && !line.starts_with('#') {
            break;
        }
        let Some(options) = line.strip_prefix("#SBATCH").filter(|rest| rest.starts_with([' ', '\t'])) else {
            continue;
        };
        let words: Vec<&str> = options.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
        for (at, word) in words.iter().enumerate() {
            let next = words.get(at + 1).copied();
            // The last line wins, as it does in Slurm.
            if let Some(names) = value(word, next, "--partition", "-p") {
                place.partitions = partitions(names);
            }
            if let Some(features) = value(word, next, "--constraint", "-C") {
                place.architecture = architecture(features);
            }
        }
    }
    place
}

/// The value of an option in one of its spellings: `--name=V`, `--name V`, `-n V`, `-nV`.
fn value<'t>(word: &'t str, next: Option<&'t str>, long: &str, short: &str) -> Option<&'t str> {
    let value = match word.strip_prefix(long) {
        Some("") => next,
        Some(rest) => rest.strip_prefix('='),
        None => match word.strip_prefix(short) {
            Some("") => next,
            rest => rest,
        },
    };
    value.map(|value| value.trim_matches(['"', '\'']))
}

/// The partitions of a list.
pub(super) fn partitions(names: &str) -> Vec<String> {
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The architecture that a constraint asks for; none where it leaves a choice.
pub(super) fn architecture(features: &str) -> Option<Architecture> {
    if features.contains('|') {
        return None;
    }
    features.split(['&', ',']).find_map(|feature| Architecture::parse(feature.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_the_last_line_wins() {
        for options in ["--partition=viz", "--partition viz", "-p viz", "-pviz", "-N 2 -p 'viz' # as told"] {
            assert_eq!(place(&format!("#!/bin/sh\n#SBATCH {options}\n")).partitions, ["viz"], "{options}");
        }
        let found = place("#SBATCH -p a\n\n# about\n#SBATCH --partition=b,c -C aarch64&ib\nrun\n#SBATCH -p late\n");
        assert_eq!((found.partitions, found.architecture.unwrap().as_str()), (vec!["b".into(), "c".into()], "arm64"));
    }

    #[test]
    fn what_is_not_an_option_line_says_nothing() {
        assert_eq!(place("#SBATCHED -p a\n##SBATCH -p b\n#SBATCH -C x86_64|aarch64\n"), JobPlace::default());
    }
}
