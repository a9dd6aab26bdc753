//! What counts as uncommitted.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::super::{State, Uncommitted};
use super::{Fixture, status};

fn found(path: &str, state: State, staged: bool) -> Uncommitted {
    Uncommitted { path: path.to_owned(), state, staged }
}

#[test]
fn every_kind_of_change_is_listed_in_order() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("b", "1"), ("c/d", "1"), ("e", "1"), ("same", "1"), ("t", "1")]);
    fixture.write("b", "longer");
    fs::remove_file(fixture.root().join("c/d")).unwrap();
    fs::remove_file(fixture.root().join("t")).unwrap();
    symlink("/etc/passwd", fixture.root().join("t")).unwrap();
    fixture.write("a/new", "1");
    fixture.write("z", "1");
    let raw = fixture.raw();
    let mut index = raw.index().unwrap();
    index.remove_path("e".as_ref()).unwrap();
    index.add_path("z".as_ref()).unwrap();
    index.write().unwrap();
    fs::remove_file(fixture.root().join("e")).unwrap();
    let expected = [
        found("a/new", State::New, false),
        found("b", State::Modified, false),
        found("c/d", State::Deleted, false),
        found("e", State::Deleted, true),
        found("t", State::Modified, false),
        found("z", State::New, true),
    ];
    assert_eq!(status(&fixture.repo), expected);
}

/// One change at a time, each told by both answers: [`status`] compares them.
#[test]
fn a_single_change_is_not_overlooked() {
    let fixture = Fixture::new();
    fixture.commit_files(&[(".gitignore", "*.tmp\n"), ("a/b/c", "1"), ("d", "22"), ("e/f", "1")]);
    let (path, other) = (fixture.root().join("d"), fixture.root().join("other"));
    let set_mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(status(&fixture.repo), []);
    fixture.write("d", "33");
    assert_eq!(status(&fixture.repo), [found("d", State::Modified, false)]);
    fixture.write("d", "22");
    assert_eq!(status(&fixture.repo), [], "the same bytes at another time");
    set_mode(0o755);
    assert_eq!(status(&fixture.repo), [found("d", State::Modified, false)]);
    set_mode(0o644);
    fs::rename(&path, &other).unwrap();
    assert_eq!(status(&fixture.repo), [found("d", State::Deleted, false), found("other", State::New, false)]);
    symlink("other", &path).unwrap();
    fixture.write("other", "22");
    assert_eq!(status(&fixture.repo).len(), 2, "a link to the same bytes");
    fs::remove_file(&path).unwrap();
    fs::rename(&other, &path).unwrap();
    fixture.write("a/b/x.tmp", "1");
    fs::create_dir_all(fixture.root().join("empty/folder")).unwrap();
    assert_eq!(status(&fixture.repo), []);
    fixture.write("e/g", "1");
    assert_eq!(status(&fixture.repo), [found("e/g", State::New, false)]);
    fs::remove_file(fixture.root().join("e/g")).unwrap();
    git2::Repository::init(fixture.root().join("e/inner")).unwrap();
    status(&fixture.repo);
    fixture.write("e/inner/file", "1");
    assert_eq!(status(&fixture.repo).len(), 1, "a repository within");
    fs::remove_dir_all(fixture.root().join("e/inner")).unwrap();
    for n in 0..100 {
        fixture.write(&format!("many/{n}"), "1");
    }
    assert_eq!(status(&fixture.repo).len(), 100);
}

#[test]
fn ignored_files_and_our_own_folder_are_left_out() {
    let fixture = Fixture::new();
    fixture.commit_files(&[(".gitignore", "*.tmp\n")]);
    fixture.write("a.tmp", "1");
    fixture.write(".warecat/tx/1", "1");
    fixture.write(".warecat/lock", "1");
    assert_eq!(status(&fixture.repo), []);
    let raw = fixture.raw();
    let mut index = raw.index().unwrap();
    index.add_path(".warecat/lock".as_ref()).unwrap();
    index.write().unwrap();
    assert_eq!(status(&fixture.repo), []);
}

#[test]
fn a_conflict_is_listed_and_a_commit_of_the_path_ends_it() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1"), ("b", "1")]);
    let raw = fixture.raw();
    let mut index = raw.index().unwrap();
    let ours = index.get_path("a".as_ref(), 0).unwrap();
    index.remove_path("a".as_ref()).unwrap();
    for stage in 1..=3_u16 {
        let flags = stage << 12;
        index.add(&git2::IndexEntry { flags, path: b"a".to_vec(), ..copy(&ours) }).unwrap();
    }
    index.write().unwrap();
    assert_eq!(status(&fixture.repo), [found("a", State::Conflicted, false)]);
    fixture.commit_files(&[("b", "2")]);
    assert_eq!(status(&fixture.repo), [found("a", State::Conflicted, false)]);
    fixture.commit_files(&[("a", "2")]);
    assert_eq!(status(&fixture.repo), []);
}

fn copy(entry: &git2::IndexEntry) -> git2::IndexEntry {
    git2::IndexEntry { path: entry.path.clone(), ..*entry }
}

#[test]
fn a_repository_without_a_commit_has_only_new_files() {
    let fixture = Fixture::new();
    assert_eq!(status(&fixture.repo), []);
    fixture.write("a", "1");
    assert_eq!(status(&fixture.repo), [found("a", State::New, false)]);
}
