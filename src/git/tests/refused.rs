//! Commits that must not be made, and that nothing is lost then.

use std::fs;
use std::os::unix::fs::symlink;

use super::super::{GitError, Repo, State};
use super::{Fixture, bytes, commit, from_work_tree, removed, status};
use crate::code::Code;

/// How many objects the repository has on disk.
fn objects(fixture: &Fixture) -> usize {
    let mut count = 0;
    let odb = fixture.raw();
    odb.odb()
        .unwrap()
        .foreach(|_| {
            count += 1;
            true
        })
        .unwrap();
    count
}

#[test]
fn a_held_index_is_an_error_before_anything_is_written() {
    let fixture = Fixture::new();
    let first = fixture.commit_files(&[("a", "1")]);
    let lock = fixture.repo.git_dir().join("index.lock");
    fs::write(&lock, "").unwrap();
    let before = objects(&fixture);
    let error = commit(&fixture.repo, [bytes("a", "2")]).unwrap_err();
    assert_eq!(error.code(), Code::Locked);
    assert!(error.hint().unwrap().contains("index.lock"));
    assert_eq!(objects(&fixture), before);
    assert!(lock.exists(), "another's lock is not ours to remove");
    assert_eq!(fixture.repo.revision("HEAD").unwrap().commit(), first);
}

#[test]
fn a_held_branch_is_an_error_and_the_index_stays() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1")]);
    let index = fs::read(fixture.repo.git_dir().join("index")).unwrap();
    let branch = fixture.raw().head().unwrap().name().unwrap().to_owned();
    for name in [branch.as_str(), "HEAD"] {
        let lock = fixture.repo.git_dir().join(format!("{name}.lock"));
        fs::write(&lock, "").unwrap();
        let error = commit(&fixture.repo, [bytes("a", "2")]).unwrap_err();
        assert!(matches!(&error, GitError::Locked { path } if *path == lock), "{error}");
        fs::remove_file(lock).unwrap();
    }
    assert_eq!(fs::read(fixture.repo.git_dir().join("index")).unwrap(), index);
    commit(&fixture.repo, [bytes("a", "2")]).unwrap().unwrap();
}

#[test]
fn a_commit_made_meanwhile_is_kept() {
    for on_unborn in [true, false] {
        let fixture = Fixture::new();
        if !on_unborn {
            fixture.commit_files(&[("a", "1")]);
        }
        let changes = ["mine"].into_iter().map(|path| {
            fixture.commit_files(&[("theirs", "1")]);
            bytes(path, "1")
        });
        let error = commit(&fixture.repo, changes).unwrap_err();
        assert!(matches!(error, GitError::HeadMoved { .. }), "{error}");
        assert_eq!(fixture.read("HEAD", "theirs").unwrap(), "1");
        assert_eq!(fixture.read("HEAD", "mine"), None);
        assert!(!fixture.repo.git_dir().join("index.lock").exists());
        assert_eq!(status(&fixture.repo), []);
    }
}

#[test]
fn a_branch_switched_meanwhile_is_noticed() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1")]);
    let raw = fixture.raw();
    let head = raw.head().unwrap().peel_to_commit().unwrap();
    raw.branch("other", &head, false).unwrap();
    let changes = ["mine"].into_iter().map(|path| {
        raw.set_head("refs/heads/other").unwrap();
        bytes(path, "1")
    });
    let error = commit(&fixture.repo, changes).unwrap_err();
    assert!(error.to_string().contains("refs/heads/other"), "{error}");
    assert_eq!(fixture.repo.revision("other").unwrap().commit().to_string(), head.id().to_string());
}

#[test]
fn nobody_named_is_an_error_that_says_what_to_run() {
    let fixture = Fixture::new();
    fixture.config("user.email", "");
    let error = commit(&fixture.repo, [bytes("a", "1")]).unwrap_err();
    assert_eq!(error.code(), Code::GitIdentityMissing);
    assert!(error.hint().unwrap().contains("git config --global user.email"));
    assert!(fixture.repo.revision("HEAD").is_err());
}

#[test]
fn links_and_odd_files_of_the_work_tree_are_not_read() {
    let fixture = Fixture::new();
    fixture.write("../outside/secret", "secret");
    symlink("../outside/secret", fixture.root().join("link")).unwrap();
    symlink("../outside", fixture.root().join("folder")).unwrap();
    fs::create_dir_all(fixture.root().join("real/below")).unwrap();
    symlink("../../outside", fixture.root().join("real/up")).unwrap();
    for path in ["link", "folder/secret", "real/up/secret", "real/below"] {
        let error = commit(&fixture.repo, [from_work_tree(path)]).unwrap_err();
        assert_eq!(error.code(), Code::FileUnsafe, "{path}: {error}");
    }
    let linked = fixture.repo.with_prefix("folder").unwrap();
    let error = commit(&linked, [from_work_tree("secret")]).unwrap_err();
    assert_eq!(error.code(), Code::FileUnsafe, "{error}");
    let error = commit(&fixture.repo, [from_work_tree("absent")]).unwrap_err();
    assert_eq!(error.code(), Code::Io);
}

#[test]
fn paths_outside_the_catalog_are_refused() {
    let fixture = Fixture::new();
    for path in ["../a", "/a", ".git/hooks/pre-commit", "a/.GIT/config", "", ".warecat/tx/a"] {
        let error = commit(&fixture.repo, [bytes(path, "1")]).unwrap_err();
        assert_eq!(error.code(), Code::NameInvalid, "{path}: {error}");
    }
    // Names by which some file systems know `.git` are libgit2's to refuse.
    for path in ["GIT~1/config", ".git./config", ".g\u{200c}it/config"] {
        assert!(commit(&fixture.repo, [bytes(path, "1")]).is_err(), "{path}");
    }
}

#[test]
fn a_path_cannot_be_file_and_folder() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("folder/a", "1")]);
    for changes in
        [vec![bytes("x", "1"), bytes("x/y", "1")], vec![bytes("x/y", "1"), bytes("x", "1")], vec![bytes("folder", "1")]]
    {
        let error = commit(&fixture.repo, changes).unwrap_err();
        assert!(matches!(error, GitError::PathConflict { .. }), "{error}");
    }
    assert_eq!(commit(&fixture.repo, [removed("folder")]).unwrap(), None);
}

#[test]
fn a_merge_under_way_is_not_ended() {
    let fixture = Fixture::new();
    let id = fixture.commit_files(&[("a", "1")]);
    fs::write(fixture.repo.git_dir().join("MERGE_HEAD"), format!("{id}\n")).unwrap();
    let error = commit(&fixture.repo, [bytes("a", "2")]).unwrap_err();
    assert!(matches!(error, GitError::Busy { operation: "merge" }), "{error}");
}

#[test]
fn a_folder_without_a_repository_has_none() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Repo::discover(dir.path()).unwrap().is_none());
    let error = Repo::open(dir.path()).unwrap_err();
    assert_eq!(error.code(), Code::GitMissing);
    assert_eq!(Repo::discover(&dir.path().join("no")).unwrap_err().code(), Code::Io);
    Repo::init(dir.path()).unwrap();
    assert_eq!(Repo::init(dir.path()).unwrap_err().code(), Code::AlreadyExists);
    let inside = Repo::discover(&dir.path().join(".git")).unwrap_err();
    assert!(matches!(inside, GitError::Outside { .. }), "{inside}");
}

#[test]
fn bytes_that_differ_from_the_work_tree_show_as_modified() {
    let fixture = Fixture::new();
    fixture.write("a", "1");
    commit(&fixture.repo, [bytes("a", "2")]).unwrap().unwrap();
    let status = status(&fixture.repo);
    assert_eq!(status[0].state, State::Modified);
}
