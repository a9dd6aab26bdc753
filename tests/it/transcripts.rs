//! Transcripts of the command line: `tests/cli/*.trycmd`, `README.md` and `docs/*.md`.
//!
//! The format is trycmd's: in a fenced block marked `console`, `$ ` begins a command, `> `
//! goes on with it, `? ` gives its exit status where that is not 0, and what follows is
//! its output, standard error included (so a command that is piped must send its own
//! elsewhere: the two would come in any order); `[..]` stands for anything within a line, a line
//! `...` for any lines. The commands of a file run in one shell session, each in a shell
//! of its own that begins where the last one ended, in a new folder that is shown as
//! `/home/you` and is the home folder as well. Nothing of the caller's environment is
//! there, and an unknown program fails as it does in a shell.
//!
//! `TRANSCRIPTS=overwrite cargo test --test it transcripts` writes what really came out;
//! look at the difference before committing it.

use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use snapbox::IntoData;

const BIN: &str = env!("CARGO_BIN_EXE_warecat");
/// What the folder of a session is shown as.
const HOME: &str = "/home/you";

macro_rules! transcripts {
    ($($name:ident),+ $(,)?) => {
        const NAMES: &[&str] = &[$(stringify!($name)),+];
        $( #[test] fn $name() { run(&root().join(concat!("tests/cli/", stringify!($name), ".trycmd"))); } )+
    };
}

transcripts!(
    add,
    cache,
    check,
    color,
    commit,
    completions,
    fmt,
    import_apptainer,
    import_eessi,
    import_eessi_refused,
    import_oci,
    import_spack,
    import_spack_buildcache,
    import_spack_monitor,
    import_spack_spec,
    init,
    inspect,
    ls,
    quickstart,
    refs,
    resolve,
    rev,
    search,
    show,
    site,
    site_check,
    sync,
    usage,
);

#[test]
fn no_transcript_is_forgotten() {
    let entries = std::fs::read_dir(root().join("tests/cli")).unwrap();
    let mut found: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, NAMES.iter().map(|name| format!("{name}.trycmd")).collect::<Vec<_>>());
}

#[test]
fn the_readme_shows_what_really_happens() {
    run(&root().join("README.md"));
}

#[test]
fn the_documents_show_what_really_happens() {
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "md") {
            run(&path);
        }
    }
}

/// A shell that is told nothing of the caller's environment.
pub(crate) fn shell(home: &Path, script: &str) -> Command {
    let bin = Path::new(BIN).parent().unwrap().display();
    let example = root().join("catalog-example");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).env_clear().stdin(Stdio::null());
    command.env("PATH", format!("{bin}:/usr/local/bin:/usr/bin:/bin")).env("HOME", home).env("EXAMPLE", example);
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("SOURCE_DATE_EPOCH", "1767225600");
    command.env("GIT_AUTHOR_DATE", "@1767225600 +0000").env("GIT_COMMITTER_DATE", "@1767225600 +0000");
    command
}

/// The project's folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

struct Step {
    command: String,
    status: i32,
    /// The lines of the status and the output in the file.
    lines: Range<usize>,
    output: String,
}

/// The commands of a file.
fn steps(text: &str) -> Vec<Step> {
    let lines: Vec<&str> = text.lines().collect();
    let mut steps = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(fence) =
            lines[at].strip_suffix("console").filter(|f| f.starts_with("```") && f.trim_matches('`').is_empty())
        else {
            // A block of another kind may hold the text of a fence.
            if let Some(other) = lines[at].strip_prefix("```") {
                let fence = format!("```{}", "`".repeat(other.len() - other.trim_start_matches('`').len()));
                at += 1;
                while at < lines.len() && lines[at] != fence {
                    at += 1;
                }
            }
            at += 1;
            continue;
        };
        at += 1;
        while lines[at] != fence {
            let mut command =
                lines[at].strip_prefix("$ ").unwrap_or_else(|| panic!("line {}: no command", at + 1)).to_owned();
            at += 1;
            while let Some(more) = lines[at].strip_prefix('>') {
                command.push('\n');
                command.push_str(more.strip_prefix(' ').unwrap_or(more));
                at += 1;
            }
            let start = at;
            let status = lines[at].strip_prefix("? ").map(|status| status.parse().unwrap());
            at += usize::from(status.is_some());
            let mut output = String::new();
            while lines[at] != fence && !lines[at].starts_with("$ ") {
                output.push_str(lines[at]);
                output.push('\n');
                at += 1;
            }
            steps.push(Step { command, status: status.unwrap_or(0), lines: start..at, output });
        }
        at += 1;
    }
    steps
}

/// Runs the commands of a file and compares what they print.
#[track_caller]
fn run(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let steps = steps(&text);
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().canonicalize().unwrap().join("home");
    std::fs::create_dir(&home).unwrap();
    let state = dir.path().join("cwd");
    let mut cwd = home.clone();
    let mut report = String::new();
    let mut overwritten: Vec<(Range<usize>, String)> = Vec::new();
    for step in steps {
        let script = format!("exec 2>&1\n{}\n__status=$?\npwd > '{}'\nexit $__status", step.command, state.display());
        let done = shell(&home, &script).current_dir(&cwd).output().unwrap();
        if let Ok(now) = std::fs::read_to_string(&state) {
            cwd = PathBuf::from(now.trim_end_matches('\n'));
        }
        let status = done.status.code().unwrap_or(-1);
        let mut output = String::from_utf8(done.stdout).unwrap().replace(home.to_str().unwrap(), HOME);
        if !output.is_empty() && !output.ends_with('\n') {
            output.push('\n');
        }
        let compared = snapbox::Assert::new().normalize_paths(false).action(snapbox::assert::Action::Verify).try_eq(
            None,
            output.as_str().into_data(),
            step.output.as_str().into_data(),
        );
        if status == step.status && compared.is_ok() {
            continue;
        }
        let _ = writeln!(report, "$ {}\nstatus {status}, expected {}", step.command, step.status);
        if let Err(difference) = compared {
            let _ = writeln!(report, "{difference}");
        }
        let head = if status == 0 { String::new() } else { format!("? {status}\n") };
        overwritten.push((step.lines, head + &output));
    }
    if report.is_empty() {
        return;
    }
    if std::env::var_os("TRANSCRIPTS").is_some_and(|how| how == "overwrite") {
        let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
        for (range, with) in overwritten.into_iter().rev() {
            lines.splice(range, [with]);
        }
        return std::fs::write(path, lines.concat()).unwrap();
    }
    panic!("{}:\n{report}", path.display());
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let made = shell(dir.path(), "warecat -q quickstart demo").current_dir(dir.path()).output().unwrap();
    assert!(made.status.success());
    // `show --json` writes more than a pipe holds, and its reader leaves at once.
    let script = "{ warecat -C demo show --json eessi.io/2023.06/gcccore; echo $? >status; } | head -c 1; cat status";
    for listing in [
        "ls",
        "ls eessi.io",
        "show eessi.io/2023.06/gcccore",
        "resolve eessi.io/2023.06/Salmon:1.10.3-GCC-12.3.0:x86_64-amd-zen4",
    ] {
        let script = format!("{{ warecat -C demo {listing}; echo $? >status; }} | true; cat status");
        let done = shell(dir.path(), &script).current_dir(dir.path()).output().unwrap();
        assert_eq!(String::from_utf8(done.stdout).unwrap(), "0\n", "{listing}");
        assert_eq!(String::from_utf8(done.stderr).unwrap(), "", "{listing}");
    }
    let done = shell(dir.path(), script).current_dir(dir.path()).output().unwrap();
    assert_eq!((String::from_utf8(done.stdout).unwrap(), done.stderr), ("{0\n".to_owned(), Vec::new()));
}
