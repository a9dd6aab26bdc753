//! Which image an `apptainer` or `singularity` command runs.
//!
//! Options from the usage texts of Apptainer 1.4 and SingularityCE 4: what is listed here
//! takes the next word as its value; every other option stands alone.

use super::super::path::UNKNOWN;

/// Options with a value, by their long names.
const WITH_VALUE: &[&str] = &[
    "add-caps",
    "app",
    "apply-cgroups",
    "arch",
    "arch-variant",
    "authfile",
    "bind",
    "blkio-weight",
    "blkio-weight-device",
    "cdi-dirs",
    "config",
    "containlibs",
    "cpu-shares",
    "cpus",
    "cpuset-cpus",
    "cpuset-mems",
    "cwd",
    "data",
    "device",
    "dmtcp-launch",
    "dmtcp-restart",
    "dns",
    "docker-host",
    "docker-password",
    "docker-username",
    "drop-caps",
    "env",
    "env-file",
    "fusemount",
    "home",
    "hostname",
    "memory",
    "memory-reservation",
    "memory-swap",
    "mount",
    "netns-path",
    "network",
    "network-args",
    "no-mount",
    "overlay",
    "pem-path",
    "pid-file",
    "pids-limit",
    "platform",
    "pwd",
    "runscript-timeout",
    "scratch",
    "secrets",
    "security",
    "shell",
    "tmp-sandbox-size",
    "tmpdir",
    "vm-cpu",
    "vm-ip",
    "vm-ram",
    "workdir",
];

/// Options with a value, by their letters: bind, home, overlay, scratch, shell, workdir.
const LETTERS_WITH_VALUE: &str = "BHoSsW";

/// The words of a command that say what is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Where the image stands among the arguments.
    pub(super) image: usize,
    /// Where the app's name stands, and from which byte on.
    pub(super) app: Option<(usize, usize)>,
}

/// What a command runs, from the words after its name; `None` when it runs no image.
pub(super) fn run(args: &[String]) -> Option<Run> {
    let mut at = skip_global(args);
    let verb = args.get(at)?.as_str();
    at += 1;
    if verb == "instance" {
        at += 1 + args[at..].iter().position(|word| !word.starts_with('-'))?;
        if !matches!(args[at - 1].as_str(), "start" | "run") {
            return None;
        }
    } else if !matches!(verb, "run" | "exec" | "shell" | "test") {
        return None;
    }
    let mut app = None;
    while let Some(word) = args.get(at) {
        if word == "--" {
            at += 1;
            break;
        }
        let Some(long) = word.strip_prefix("--") else {
            match word.strip_prefix('-') {
                Some(letters) => at += 1 + usize::from(takes_next(letters)),
                // An option that is in a variable is followed by the image.
                None if is_unknown(word) && args.get(at + 1).is_some_and(|next| is_image(next)) => at += 1,
                None => break,
            }
            continue;
        };
        if let Some(value) = long.strip_prefix("app=") {
            app = Some((at, word.len() - value.len()));
        } else if long == "app" {
            app = Some((at + 1, 0));
        }
        at += 1 + usize::from(WITH_VALUE.contains(&long));
    }
    (at < args.len()).then_some(Run { image: at, app: app.filter(|(word, _)| *word < args.len()) })
}

/// The options before the verb; `--config` and `-c` have a value there.
fn skip_global(args: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = args.get(at).filter(|word| word.starts_with('-') || is_unknown(word)) {
        at += 1 + usize::from(matches!(word.as_str(), "--config" | "-c"));
    }
    at
}

/// Whether a cluster of letters ends with an option whose value is the next word.
fn takes_next(letters: &str) -> bool {
    letters.find(|letter| LETTERS_WITH_VALUE.contains(letter)).is_some_and(|at| at + 1 == letters.len())
}

fn is_unknown(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|character| character == UNKNOWN)
}

fn is_image(word: &str) -> bool {
    [".sif", ".simg", ".img"].iter().any(|end| word.ends_with(end)) || word.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(command: &str) -> Option<(String, Option<String>)> {
        let args: Vec<String> = command.replace('?', "\0").split(' ').map(str::to_owned).collect();
        let run = run(&args)?;
        Some((args[run.image].clone(), run.app.map(|(word, from)| args[word][from..].to_owned())))
    }

    #[test]
    fn the_image_is_the_first_word_that_is_no_option_and_no_value() {
        for command in [
            "run x.sif a b",
            "-d exec --nv x.sif python",
            "--config f -q exec -B /a:/b --env A=1 -ce x.sif",
            "exec --bind=/a -W /w -cB /c x.sif y.sif",
            "instance start --net x.sif name",
            "instance run x.sif name",
            "shell -s /bin/sh -- x.sif",
            "exec --no-mount home,tmp --oom-kill-disable x.sif y.sif",
            "run ? x.sif",
            "? test --pwd / x.sif",
        ] {
            assert_eq!(found(command), Some(("x.sif".into(), None)), "{command}");
        }
        assert_eq!(found("run --app gmx x.sif").unwrap().1.unwrap(), "gmx");
        assert_eq!(found("run --app=gmx x.sif").unwrap().1.unwrap(), "gmx");
        assert_eq!(found("run ? mdrun").unwrap().0, "\0");
    }

    #[test]
    fn what_runs_no_image_names_none() {
        for command in ["pull docker://x", "instance stop x", "inspect x.sif", "run", "run --app", "exec -B", "--nv"] {
            assert_eq!(found(command), None, "{command}");
        }
    }
}
