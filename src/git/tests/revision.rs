//! Reading commits, also forged ones.

use rayon::prelude::*;

use super::super::{Entry, EntryKind, GitError};
use super::{Fixture, commit, raw_tree, removed};
use crate::code::Code;

fn entry(name: &str, kind: EntryKind) -> Entry {
    Entry {
        name: name.to_owned(),
        kind,
    }
}

#[test]
fn every_way_to_name_a_commit_works() {
    let fixture = Fixture::new();
    let first = fixture.commit_files(&[("a", "1")]);
    let second = fixture.commit_files(&[("a", "2")]);
    let raw = fixture.raw();
    let target = raw.revparse_single("HEAD~1").unwrap();
    let tagger = git2::Signature::now("T", "t@example.org").unwrap();
    raw.tag("v1.0", &target, &tagger, "annotated", false)
        .unwrap();
    raw.branch("topic/one", &target.peel_to_commit().unwrap(), false)
        .unwrap();
    let hash = first.to_string();
    for rev in [
        "HEAD~1",
        "HEAD^",
        "v1.0",
        "refs/tags/v1.0",
        "topic/one",
        &hash,
        &hash[..10],
    ] {
        assert_eq!(fixture.repo.revision(rev).unwrap().commit(), first, "{rev}");
    }
    assert_eq!(fixture.repo.revision("HEAD").unwrap().commit(), second);
    assert_eq!(fixture.read("v1.0", "a").unwrap(), "1");
}

#[test]
fn an_unknown_revision_is_answered_with_names_near_it() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1")]);
    let raw = fixture.raw();
    let head = raw.head().unwrap().peel_to_commit().unwrap();
    raw.branch("release-2024", &head, false).unwrap();
    let error = fixture.repo.revision("relaese-2024~1").unwrap_err();
    assert_eq!(error.code(), Code::RevisionNotFound);
    assert_eq!(error.hint().unwrap(), "near it: `release-2024`");
    let error = fixture.repo.revision("zzz").unwrap_err();
    assert_eq!(error.hint(), None);
}

#[test]
fn what_is_no_revision_is_refused() {
    let fixture = Fixture::new();
    let unborn = fixture.repo.revision("HEAD").unwrap_err();
    assert_eq!(unborn.code(), Code::RevisionNotFound);
    fixture.commit_files(&[("a", "1")]);
    for rev in [
        "",
        "-",
        "--upload-pack=touch x",
        "-HEAD",
        "a\u{1b}[31m",
        "HEAD:a",
        "HEAD^{tree}",
    ] {
        let error = fixture.repo.revision(rev).unwrap_err();
        assert_eq!(error.code(), Code::UsageInvalid, "{rev}: {error}");
        assert!(!error.to_string().contains('\u{1b}'));
    }
    for rev in [
        "HEAD..HEAD",
        "HEAD^{",
        "@{",
        "HEAD~99999999999",
        "^^^",
        "~",
        ":/((((",
    ] {
        assert!(fixture.repo.revision(rev).is_err(), "{rev}");
    }
}

#[test]
fn files_and_folders_are_read_as_committed() {
    let fixture = Fixture::new();
    fixture.commit_files(&[
        ("m/x.json", "12345"),
        ("m-n", "1"),
        ("m.n", "2"),
        ("m/r/y", "1"),
    ]);
    fixture.write("m/x.json", "changed since");
    let revision = fixture.repo.revision("HEAD").unwrap();
    let expected = [
        entry("m", EntryKind::Folder),
        entry("m-n", EntryKind::File),
        entry("m.n", EntryKind::File),
    ];
    assert_eq!(revision.entries("").unwrap().unwrap(), expected);
    let below = [
        entry("r", EntryKind::Folder),
        entry("x.json", EntryKind::File),
    ];
    assert_eq!(revision.entries("m").unwrap().unwrap(), below);
    assert_eq!(revision.read("m/x.json", 5).unwrap().unwrap(), b"12345");
    for absent in ["m", "no", "m/no", "m-n/x", "no/no/no"] {
        assert_eq!(revision.read(absent, 5).unwrap(), None, "{absent}");
    }
    for absent in ["no", "m-n", "m/x.json/y"] {
        assert_eq!(revision.entries(absent).unwrap(), None, "{absent}");
    }
    for refused in ["../a", "/m", "m/../m-n", "m//r", ".git/config"] {
        assert_eq!(
            revision.read(refused, 5).unwrap_err().code(),
            Code::NameInvalid
        );
        assert_eq!(
            revision.entries(refused).unwrap_err().code(),
            Code::NameInvalid
        );
    }
    let error = revision.read("m/x.json", 4).unwrap_err();
    assert!(
        matches!(
            error,
            GitError::TooLarge {
                size: 5,
                limit: 4,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_revision_stays_as_it_was_while_the_branch_moves() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1")]);
    let revision = fixture.repo.revision("HEAD").unwrap();
    commit(&fixture.repo, [removed("a")]).unwrap().unwrap();
    assert_eq!(revision.read("a", 1).unwrap().unwrap(), b"1");
}

#[test]
fn several_threads_read_the_same_revision() {
    let fixture = Fixture::new();
    let files: Vec<_> = (0..600)
        .map(|n| (format!("m{}/f{n}", n % 20), n.to_string()))
        .collect();
    let borrowed: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    fixture.commit_files(&borrowed);
    let revision = fixture.repo.revision("HEAD").unwrap();
    files.par_iter().for_each(|(path, text)| {
        assert_eq!(revision.read(path, 10).unwrap().unwrap(), text.as_bytes());
    });
}

#[test]
fn links_submodules_and_odd_names_are_shown_and_never_followed() {
    let fixture = Fixture::new();
    fixture.write("secret", "secret");
    let raw = fixture.raw();
    let blob = raw.blob(b"secret").unwrap();
    let target = raw.blob(b"secret").unwrap();
    let inner = raw_tree(&raw, &[("100644", b"x", blob)]);
    let forged = fixture.commit_tree(&[
        ("40000", b"..", inner),
        ("40000", b".", inner),
        ("40000", b".git", inner),
        ("100644", b"a/b", blob),
        ("100644", b"caf\xe9", blob),
        ("120000", b"link", target),
        (
            "160000",
            b"module",
            git2::Oid::from_str(&"1".repeat(40)).unwrap(),
        ),
        ("100755", b"script", blob),
        ("100644", b"twin", blob),
        ("40000", b"twin", inner),
        ("40000", b"wrong", blob),
        ("100644", b"wrong2", inner),
    ]);
    let revision = fixture.repo.revision(&forged).unwrap();
    let entries = revision.entries("").unwrap().unwrap();
    let other = |name: &str| entry(name, EntryKind::Other);
    let expected = [
        other("."),
        other(".."),
        other(".git"),
        other("a/b"),
        other("caf\u{fffd}"),
        entry("link", EntryKind::Link),
        other("module"),
        entry("script", EntryKind::File),
        other("twin"),
        other("twin"),
        entry("wrong", EntryKind::Folder),
        entry("wrong2", EntryKind::File),
    ];
    assert_eq!(entries, expected);
    for path in [
        "link",
        "link/x",
        "module",
        "module/x",
        "twin",
        "twin/x",
        "caf\u{fffd}",
    ] {
        assert_eq!(
            revision.read(path, 99).unwrap_err().code(),
            Code::FileUnsafe,
            "{path}"
        );
    }
    for path in ["link", "module", "twin"] {
        assert_eq!(
            revision.entries(path).unwrap_err().code(),
            Code::FileUnsafe,
            "{path}"
        );
    }
    for path in ["../x", "./x", ".git/x", "a/b"] {
        assert!(revision.read(path, 99).is_err() || path == "a/b", "{path}");
    }
    assert_eq!(revision.read("a/b", 99).unwrap(), None);
    assert!(revision.entries("wrong").is_err());
    assert!(revision.read("wrong2", 99).is_err());
    assert_eq!(revision.date(), "2023-11-14T23:43:20+01:30");
}

#[test]
fn a_prefix_that_is_a_link_is_not_followed() {
    let fixture = Fixture::new();
    let raw = fixture.raw();
    let target = raw.blob(b"elsewhere").unwrap();
    let forged = fixture.commit_tree(&[("120000", b"catalog", target)]);
    let repo = fixture.repo.with_prefix("catalog/below").unwrap();
    assert_eq!(repo.revision(&forged).unwrap_err().code(), Code::FileUnsafe);
}

#[test]
fn trees_without_end_are_refused() {
    let fixture = Fixture::new();
    let raw = fixture.raw();
    let mut tree = raw_tree(&raw, &[]);
    for _ in 0..70 {
        tree = raw_tree(&raw, &[("40000", b"a", tree), ("40000", b"b", tree)]);
    }
    let forged = fixture.commit_tree(&[("40000", b"a", tree)]);
    let mut revision = fixture.repo.revision(&forged).unwrap();
    let deep = vec!["a"; 64].join("/");
    assert_eq!(revision.entries(&deep).unwrap().unwrap().len(), 2);
    let error = revision.entries(&format!("{deep}/a")).unwrap_err();
    assert_eq!(error.code(), Code::NameInvalid);

    revision.max_entries = 200;
    let mut todo = vec!["a".to_owned()];
    let error = loop {
        let folder = todo.remove(0);
        match revision.entries(&folder) {
            Ok(found) => todo.extend(
                found
                    .unwrap()
                    .iter()
                    .map(|e| format!("{folder}/{}", e.name)),
            ),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), Code::LimitExceeded, "{error}");
}
