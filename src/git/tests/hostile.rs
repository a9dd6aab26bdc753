//! Repositories whose configuration wants to run programs (threats T-12 and T-13).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::super::Repo;
use super::{Fixture, bytes, commit, from_work_tree, status};

const HOOKS: [&str; 6] =
    ["pre-commit", "commit-msg", "post-commit", "post-index-change", "reference-transaction", "post-checkout"];

/// A repository in which everything that git can be told to run leaves a file behind.
struct Trap {
    fixture: Fixture,
    fired: PathBuf,
}

impl Trap {
    fn new() -> Trap {
        let fixture = Fixture::new();
        let fired = fixture.dir.path().join("fired");
        fs::create_dir(&fired).unwrap();
        let trap = Trap { fixture, fired };
        trap.fixture.commit_files(&[("a.json", "1"), ("b.json", "1")]);
        trap.set();
        trap
    }

    fn set(&self) {
        let hooks = self.fixture.dir.path().join("hooks");
        for hook in HOOKS {
            self.script(&hooks.join(hook), hook);
            self.script(&self.fixture.repo.git_dir().join("hooks").join(hook), hook);
        }
        let program = |name: &str| {
            let path = self.fixture.dir.path().join(format!("{name}.sh"));
            self.script(&path, name);
            path.to_str().unwrap().to_owned()
        };
        self.fixture.config("core.hooksPath", hooks.to_str().unwrap());
        self.fixture.config("commit.gpgsign", "true");
        for (key, name) in [
            ("core.fsmonitor", "fsmonitor"),
            ("filter.evil.clean", "clean"),
            ("filter.evil.smudge", "smudge"),
            ("gpg.program", "gpg"),
            ("diff.external", "diff"),
            ("core.sshCommand", "ssh"),
            ("core.editor", "editor"),
            ("credential.helper", "credential"),
        ] {
            self.fixture.config(key, &program(name));
        }
        self.fixture.config("url.ext::sh -c.insteadOf", "https://");
        self.fixture.write(".gitattributes", "*.json filter=evil diff=evil\n");
        self.fixture.write("../elsewhere/x", "1");
        let elsewhere = self.fixture.dir.path().join("elsewhere");
        let alternates = self.fixture.repo.git_dir().join("objects/info/alternates");
        super::write(&alternates, &format!("{}\n", elsewhere.display()));
    }

    /// Writes a program that notes its name and passes its input on.
    fn script(&self, path: &Path, name: &str) {
        let text = format!("#!/bin/sh\n: > '{}/{name}'\ncat\n", self.fired.display());
        super::write(path, &text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What fired since the last call, sorted.
    fn fired(&self) -> Vec<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.fired).unwrap() {
            let entry = entry.unwrap();
            names.push(entry.file_name().into_string().unwrap());
            fs::remove_file(entry.path()).unwrap();
        }
        names.sort();
        names
    }
}

#[test]
fn nothing_that_a_repository_configures_is_run() {
    let trap = Trap::new();
    let fixture = &trap.fixture;
    fixture.write("a.json", "2");
    if fixture.git(&["status", "--porcelain"]).is_some() {
        fixture.git(&["add", "a.json"]);
        fixture.git(&["diff", "HEAD"]);
        fixture.git(&["commit", "-m", "bait"]);
        fs::remove_file(fixture.root().join("b.json")).unwrap();
        fixture.git(&["checkout", "-f", "HEAD", "--", "b.json"]);
        let fired = trap.fired();
        for name in ["fsmonitor", "clean", "smudge", "pre-commit", "gpg", "diff"] {
            assert!(fired.iter().any(|f| f == name), "the trap `{name}` is not set: {fired:?}");
        }
    } else {
        eprintln!("no git program: that the traps work is not shown");
    }

    fixture.write("a.json", "3");
    fixture.write("sub/c.json", "new");
    let repo = Repo::discover(&fixture.root()).unwrap().unwrap();
    assert!(!status(&repo).is_empty());
    let changes = [from_work_tree("a.json"), from_work_tree("sub/c.json"), bytes("d.json", "4")];
    commit(&repo, changes).unwrap().unwrap();
    let revision = repo.revision("HEAD").unwrap();
    assert_eq!(revision.read("a.json", 9).unwrap().unwrap(), b"3");
    revision.entries("").unwrap().unwrap();
    status(&repo);
    assert_eq!(trap.fired(), Vec::<String>::new());
}

#[test]
fn a_submodule_is_neither_opened_nor_listed() {
    let trap = Trap::new();
    let fixture = &trap.fixture;
    let inner = fixture.root().join("sub");
    git2::Repository::init(&inner).unwrap();
    fixture.write("sub/file", "1");
    fixture.write(".gitmodules", "[submodule \"sub\"]\npath = sub\nurl = ext::sh -c true\nupdate = !touch x\n");
    let raw = fixture.raw();
    let head = raw.head().unwrap().peel_to_commit().unwrap();
    let forged = fixture.commit_tree(&[("160000", b"sub", head.id())]);
    raw.head().unwrap().set_target(git2::Oid::from_str(&forged).unwrap(), "forged").unwrap();
    assert!(commit(&fixture.repo, [bytes("sub/x", "1")]).is_err());
    commit(&fixture.repo, [bytes("y", "1")]).unwrap().unwrap();
    status(&fixture.repo);
    assert_eq!(trap.fired(), Vec::<String>::new());
}

#[test]
fn a_new_repository_takes_no_hooks_from_a_template() {
    let dir = tempfile::tempdir().unwrap();
    Repo::init(dir.path()).unwrap();
    // libgit2 brings one text of its own, whose name keeps git from running it.
    for hook in fs::read_dir(dir.path().join(".git/hooks")).unwrap() {
        let name = hook.unwrap().file_name().into_string().unwrap();
        assert_eq!(name, "README.sample");
    }
}

#[test]
fn a_repository_of_another_user_is_refused_with_a_hint() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1")]);
    let chowned = std::os::unix::fs::chown(fixture.repo.git_dir(), Some(12345), None)
        .and_then(|()| std::os::unix::fs::chown(fixture.root(), Some(12345), None));
    if chowned.is_err() {
        eprintln!("not root: the owner cannot be changed, nothing is shown");
        return;
    }
    let error = Repo::discover(&fixture.root()).unwrap_err();
    assert!(matches!(error, super::GitError::Owner { .. }), "{error}");
    assert!(error.hint().unwrap().contains("safe.directory"));
}

#[test]
fn a_work_tree_that_points_elsewhere_is_refused() {
    let fixture = Fixture::new();
    let elsewhere = fixture.dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fixture.config("core.worktree", elsewhere.to_str().unwrap());
    let error = Repo::discover(&fixture.root()).unwrap_err();
    assert!(matches!(error, super::GitError::Outside { .. }), "{error}");
}
