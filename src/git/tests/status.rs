//! What counts as uncommitted.

use std::fs;
use std::os::unix::fs::symlink;

use super::super::{State, Uncommitted};
use super::Fixture;

fn found(path: &str, state: State, staged: bool) -> Uncommitted {
    Uncommitted {
        path: path.to_owned(),
        state,
        staged,
    }
}

#[test]
fn every_kind_of_change_is_listed_in_order() {
    let fixture = Fixture::new();
    fixture.commit_files(&[
        ("b", "1"),
        ("c/d", "1"),
        ("e", "1"),
        ("same", "1"),
        ("t", "1"),
    ]);
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
    assert_eq!(fixture.repo.status().unwrap(), expected);
}

#[test]
fn ignored_files_and_our_own_folder_are_left_out() {
    let fixture = Fixture::new();
    fixture.commit_files(&[(".gitignore", "*.tmp\n")]);
    fixture.write("a.tmp", "1");
    fixture.write(".warecat/tx/1", "1");
    fixture.write(".warecat/lock", "1");
    assert_eq!(fixture.repo.status().unwrap(), []);
    let raw = fixture.raw();
    let mut index = raw.index().unwrap();
    index.add_path(".warecat/lock".as_ref()).unwrap();
    index.write().unwrap();
    assert_eq!(fixture.repo.status().unwrap(), []);
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
        index
            .add(&git2::IndexEntry {
                flags,
                path: b"a".to_vec(),
                ..copy(&ours)
            })
            .unwrap();
    }
    index.write().unwrap();
    assert_eq!(
        fixture.repo.status().unwrap(),
        [found("a", State::Conflicted, false)]
    );
    fixture.commit_files(&[("b", "2")]);
    assert_eq!(
        fixture.repo.status().unwrap(),
        [found("a", State::Conflicted, false)]
    );
    fixture.commit_files(&[("a", "2")]);
    assert_eq!(fixture.repo.status().unwrap(), []);
}

fn copy(entry: &git2::IndexEntry) -> git2::IndexEntry {
    git2::IndexEntry {
        path: entry.path.clone(),
        ..*entry
    }
}

#[test]
fn a_repository_without_a_commit_has_only_new_files() {
    let fixture = Fixture::new();
    assert_eq!(fixture.repo.status().unwrap(), []);
    fixture.write("a", "1");
    assert_eq!(
        fixture.repo.status().unwrap(),
        [found("a", State::New, false)]
    );
}
