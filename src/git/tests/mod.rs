//! Tests of the layer as a whole, each on a repository of its own.

mod bulk;
mod commit;
mod difference;
mod hostile;
mod refused;
mod revision;
mod status;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Change, CommitId, CommitOptions, Content, GitError, Identity, Repo, Uncommitted, When};

/// What is not committed; the quick answer always agrees.
fn status(repo: &Repo) -> Vec<Uncommitted> {
    let found = repo.status().unwrap();
    assert_eq!(repo.is_clean().unwrap(), found.is_empty(), "{found:?}");
    found
}

/// A repository in a temporary folder, with a configured identity.
struct Fixture {
    dir: TempDir,
    repo: Repo,
}

impl Fixture {
    fn new() -> Fixture {
        let dir = tempfile::tempdir().unwrap();
        let repo = Repo::init(&dir.path().join("work")).unwrap();
        let fixture = Fixture { dir, repo };
        fixture.config("user.name", "A U Thor");
        fixture.config("user.email", "author@example.org");
        fixture
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    fn raw(&self) -> git2::Repository {
        git2::Repository::open(self.root()).unwrap()
    }

    fn config(&self, key: &str, value: &str) {
        let mut config = self.raw().config().unwrap();
        let mut local = config.open_level(git2::ConfigLevel::Local).unwrap();
        local.set_str(key, value).unwrap();
        drop(local);
        config.snapshot().unwrap();
    }

    fn write(&self, path: &str, bytes: &str) {
        write(&self.root().join(path), bytes);
    }

    /// Writes files to the work tree and commits them from there.
    fn commit_files(&self, files: &[(&str, &str)]) -> CommitId {
        for (path, bytes) in files {
            write(&self.root().join(self.repo.prefix()).join(path), bytes);
        }
        let changes = files.iter().map(|(path, _)| from_work_tree(path));
        commit(&self.repo, changes).unwrap().unwrap()
    }

    fn read(&self, rev: &str, path: &str) -> Option<String> {
        let bytes = self.repo.revision(rev).unwrap().read(path, 1 << 20).unwrap();
        bytes.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    /// Runs the real git where there is one, shielded from the machine's configuration.
    fn git(&self, args: &[&str]) -> Option<String> {
        git_in(&self.root(), args)
    }

    /// Makes a commit of a hand-made root tree, on no branch.
    fn commit_tree(&self, tree: &[(&str, &[u8], git2::Oid)]) -> String {
        let raw = self.raw();
        let tree = raw_tree(&raw, tree);
        let text = format!("tree {tree}\nauthor A <a@b> 0 +0000\ncommitter A <a@b> 1700000000 +0130\n\nforged\n");
        let odb = raw.odb().unwrap();
        odb.write(git2::ObjectType::Commit, text.as_bytes()).unwrap().to_string()
    }
}

/// Writes a tree object byte by byte, with names that libgit2 would refuse.
fn raw_tree(raw: &git2::Repository, entries: &[(&str, &[u8], git2::Oid)]) -> git2::Oid {
    let mut bytes = Vec::new();
    for (mode, name, id) in entries {
        bytes.extend_from_slice(mode.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    let odb = raw.odb().unwrap();
    odb.write(git2::ObjectType::Tree, &bytes).unwrap()
}

fn write(path: &Path, bytes: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn git_in(folder: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .env_remove("GIT_DIR")
        .env("HOME", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output();
    match output {
        Ok(output) if output.status.success() => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Some(format!("failed: {}", String::from_utf8_lossy(&output.stderr))),
        Err(_) => {
            eprintln!("no git program: the comparison with it is skipped");
            None
        }
    }
}

/// The real git, where there is one, says this and nothing else.
#[track_caller]
fn expect_git(folder: &Path, args: &[&str], expected: &str) {
    if let Some(output) = git_in(folder, args) {
        assert_eq!(output, expected, "git {args:?}");
    }
}

fn from_work_tree(path: &str) -> Change {
    Change { path: path.to_owned(), content: Content::WorkTree }
}

fn bytes(path: &str, bytes: &str) -> Change {
    Change { path: path.to_owned(), content: Content::Bytes(bytes.as_bytes().to_vec()) }
}

fn removed(path: &str) -> Change {
    Change { path: path.to_owned(), content: Content::Removed }
}

fn commit(repo: &Repo, changes: impl IntoIterator<Item = Change>) -> Result<Option<CommitId>, GitError> {
    commit_as(repo, changes, &Identity::default())
}

fn commit_as(
    repo: &Repo,
    changes: impl IntoIterator<Item = Change>,
    identity: &Identity,
) -> Result<Option<CommitId>, GitError> {
    let options =
        CommitOptions { message: "a change", identity, when: When { seconds: 1_700_000_000, offset_minutes: 60 } };
    repo.commit(changes, &options)
}

#[test]
fn the_layer_can_be_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Repo>();
    check::<super::Revision>();
    check::<GitError>();
}
