//! The commits that touched a catalog, and what differs between two.

use std::time::Instant;

use super::super::{Change, Changed, CommitOptions, Content, How, Identity, Look, When};
use super::{Fixture, bytes, commit, raw_tree, removed};
use crate::code::Code;

fn into(_: &str) -> Look {
    Look::Into
}

fn changed(path: &str, how: How) -> Changed {
    Changed { path: path.into(), how, is_folder: false }
}

#[test]
fn the_first_commit_is_compared_with_an_empty_catalog_and_others_with_their_first_parent() {
    let fixture = Fixture::new();
    let first = fixture.commit_files(&[("a/x", "1"), ("b/y", "1")]);
    let second = commit(&fixture.repo, [bytes("a/x", "2"), removed("b/y"), bytes("c/z", "1")]).unwrap().unwrap();
    let log = fixture.repo.log("HEAD", 9).unwrap();
    let ids: Vec<_> = log.entries.iter().map(|entry| (entry.id, entry.parent)).collect();
    assert_eq!(ids, [(second, Some(first)), (first, None)]);
    let (begin, when) = log.begins.unwrap();
    assert_eq!((begin, when.to_string().as_str()), (first, "2023-11-14T23:13:20+01:00"));
    assert!(!log.cut);
    let found = fixture.repo.difference(None, first, &into).unwrap();
    assert_eq!(found, [changed("a/x", How::Added), changed("b/y", How::Added)]);
    let found = fixture.repo.difference(Some(first), second, &into).unwrap();
    let expected = [changed("a/x", How::Modified), changed("b/y", How::Removed), changed("c/z", How::Added)];
    assert_eq!(found, expected);
    assert_eq!(fixture.repo.difference(Some(second), second, &into).unwrap(), []);
}

#[test]
fn only_commits_that_touch_the_catalogs_folder_are_listed() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("cat/a", "1"), ("other", "1")]);
    fixture.commit_files(&[("other", "2")]);
    let third = fixture.commit_files(&[("cat/b", "1"), ("other", "3")]);
    let repo = fixture.repo.with_prefix("cat").unwrap();
    let log = repo.log("HEAD", 9).unwrap();
    assert_eq!(log.entries.len(), 2);
    assert_eq!(log.entries[0].id, third);
    let found = repo.difference(Some(log.entries[1].id), third, &into).unwrap();
    assert_eq!(found, [changed("b", How::Added)]);
    let log = repo.log("HEAD", 1).unwrap();
    assert!(log.entries.len() == 1 && log.begins.is_some());
}

#[test]
fn a_merge_is_one_step_of_the_branch_that_it_was_made_on() {
    let fixture = Fixture::new();
    let base = fixture.commit_files(&[("a", "1")]);
    let raw = fixture.raw();
    let (base_commit, who) = (raw.find_commit(base.0).unwrap(), git2::Signature::now("A", "a@example.org").unwrap());
    let tree = |names: &[&str]| {
        let blob = raw.blob(b"1").unwrap();
        let entries: Vec<(&str, &[u8], git2::Oid)> =
            names.iter().map(|name| ("100644", name.as_bytes(), blob)).collect();
        raw.find_tree(raw_tree(&raw, &entries)).unwrap()
    };
    let side = raw.commit(None, &who, &who, "side", &tree(&["a", "s"]), &[&base_commit]).unwrap();
    let side = raw.find_commit(side).unwrap();
    let merge = raw.commit(None, &who, &who, "merge\n\nbody", &tree(&["a", "s"]), &[&base_commit, &side]).unwrap();
    let log = fixture.repo.log(&merge.to_string(), 9).unwrap();
    let subjects: Vec<_> = log.entries.iter().map(|entry| entry.subject.as_str()).collect();
    assert_eq!(subjects, ["merge", "a change"]);
}

#[test]
fn folders_are_named_whole_or_left_out_as_asked() {
    let fixture = Fixture::new();
    let first = fixture.commit_files(&[("m/doc", "1"), ("m/_r/1", "1"), (".p/x", "1")]);
    let second = fixture.commit_files(&[("m/_r/2", "1"), ("n/_r/1", "1"), (".p/y", "1")]);
    let look = |path: &str| match path.rsplit('/').next().unwrap() {
        "_r" => Look::Whole,
        ".p" => Look::Not,
        _ => Look::Into,
    };
    let found = fixture.repo.difference(Some(first), second, &look).unwrap();
    let whole = Changed { path: "n/_r".into(), how: How::Added, is_folder: true };
    assert_eq!(found, [changed("m/_r/2", How::Added), whole]);
}

#[test]
fn a_file_that_becomes_a_folder_is_both() {
    let fixture = Fixture::new();
    let first = fixture.commit_files(&[("a", "1")]);
    let second = commit(&fixture.repo, [bytes("a/b", "1")]).unwrap().unwrap();
    let found = fixture.repo.difference(Some(first), second, &into).unwrap();
    assert_eq!(found, [changed("a", How::Removed), changed("a/b", How::Added)]);
}

#[test]
fn a_shallow_clone_does_not_take_its_oldest_commit_for_the_first() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1")]);
    let second = fixture.commit_files(&[("a", "2")]);
    let third = fixture.commit_files(&[("a", "3")]);
    let clone = fixture.dir.path().join("clone");
    let (from, to) = (format!("file://{}", fixture.root().display()), clone.display().to_string());
    let Some(output) = fixture.git(&["clone", "--depth", "2", "--quiet", &from, &to]) else { return };
    assert_eq!(output, "");
    let repo = super::Repo::open(&clone).unwrap();
    let log = repo.log("HEAD", 9).unwrap();
    assert_eq!(log.entries.iter().map(|entry| entry.id).collect::<Vec<_>>(), [third]);
    assert!(log.cut && log.begins.is_none());
    assert_eq!(log.entries[0].parent, Some(second));
}

#[test]
fn trees_without_end_are_refused_here_too() {
    let fixture = Fixture::new();
    let raw = fixture.raw();
    let mut tree = raw_tree(&raw, &[("100644", b"x", raw.blob(b"").unwrap())]);
    for _ in 0..70 {
        tree = raw_tree(&raw, &[("40000", b"a", tree), ("40000", b"b", tree)]);
    }
    let forged = fixture.commit_tree(&[("40000", b"a", tree)]);
    let id = fixture.repo.revision(&forged).unwrap().commit();
    let error = fixture.repo.difference_within(None, id, &into, 200).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded, "{error}");
    // One branch of it, however wide the rest, is too deep.
    let narrow = |path: &str| if path.ends_with('b') { Look::Not } else { Look::Into };
    let error = fixture.repo.difference(None, id, &narrow).unwrap_err();
    assert_eq!(error.code(), Code::LimitExceeded, "{error}");
}

#[test]
fn a_hostile_message_is_one_line_of_bounded_length() {
    let fixture = Fixture::new();
    let message = format!("\n<b>\u{1b}[31m{}\nsecond", "x".repeat(100_000));
    let options = CommitOptions {
        message: &message,
        identity: &Identity::default(),
        when: When { seconds: 0, offset_minutes: 0 },
    };
    let change = Change { path: "a".into(), content: Content::Bytes(b"1".to_vec()) };
    fixture.repo.commit([change], &options).unwrap().unwrap();
    let log = fixture.repo.log("HEAD", 9).unwrap();
    let subject = &log.entries[0].subject;
    assert!(subject.starts_with("<b>\u{1b}[31mxx") && subject.chars().count() == 400, "{subject}");
}

#[test]
#[ignore = "a measurement: run in release mode, alone"]
fn measure() {
    let fixture = Fixture::new();
    let paths: Vec<_> = (0..40_000).map(|n| format!("p{}/m{n}/_releases/1.json", n % 7)).collect();
    let changes =
        paths.iter().flat_map(|path| [bytes(path, path), bytes(&path.replace("_releases/1", "_module"), "x")]);
    let id = commit(&fixture.repo, changes).unwrap().unwrap();
    let start = Instant::now();
    let all = fixture.repo.difference(None, id, &into).unwrap().len();
    eprintln!("{all} files: {:?}", start.elapsed());
    let whole = |path: &str| if path.ends_with("_releases") { Look::Whole } else { Look::Into };
    let start = Instant::now();
    let all = fixture.repo.difference(None, id, &whole).unwrap().len();
    eprintln!("{all} paths, folders whole: {:?}", start.elapsed());
}
