//! What a commit holds, and what it leaves alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::{Identity, Repo, State};
use super::{Fixture, bytes, commit, commit_as, expect_git, from_work_tree, removed, status};

#[test]
fn first_commit_on_an_unborn_branch_is_what_git_expects() {
    let fixture = Fixture::new();
    let id = fixture.commit_files(&[("m/_module.json", "{}\n"), ("m/_releases/v1.json", "1")]);
    let revision = fixture.repo.revision("HEAD").unwrap();
    assert_eq!(revision.commit(), id);
    assert_eq!(revision.date(), "2023-11-14T23:13:20+01:00");
    assert_eq!(revision.message(), "a change\n");
    assert_eq!(status(&fixture.repo), []);
    let root = fixture.root();
    expect_git(&root, &["status", "--porcelain"], "");
    expect_git(&root, &["diff-files"], "");
    expect_git(&root, &["fsck", "--strict", "--no-dangling"], "");
    let log = ["log", "-1", "--format=%an %ae %cn %ai|%gs", "-g"];
    let line = "A U Thor author@example.org A U Thor 2023-11-14 23:13:20 +0100|commit (initial): a change\n";
    expect_git(&root, &log, line);
}

#[test]
fn other_staged_and_modified_files_stay_out_of_the_commit() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]);
    for path in ["b", "c", "new", "untracked"] {
        fixture.write(path, "mine");
    }
    let raw = fixture.raw();
    let mut index = raw.index().unwrap();
    index.add_path("b".as_ref()).unwrap();
    index.add_path("new".as_ref()).unwrap();
    index.remove_path("d".as_ref()).unwrap();
    index.write().unwrap();

    fixture.commit_files(&[("a", "2")]);
    assert_eq!(fixture.read("HEAD", "a").unwrap(), "2");
    assert_eq!(fixture.read("HEAD", "b").unwrap(), "1");
    assert_eq!(fixture.read("HEAD", "d").unwrap(), "1");
    assert_eq!(fixture.read("HEAD", "new"), None);
    let status = status(&fixture.repo);
    let shown: Vec<_> = status.iter().map(|found| (found.path.as_str(), found.state, found.staged)).collect();
    let expected = [
        ("b", State::Modified, true),
        ("c", State::Modified, false),
        ("d", State::Modified, true),
        ("new", State::New, true),
        ("untracked", State::New, false),
    ];
    assert_eq!(shown, expected);
    let porcelain = "M  b\n M c\nD  d\nA  new\n?? d\n?? untracked\n";
    expect_git(&fixture.root(), &["status", "--porcelain"], porcelain);
}

#[test]
fn a_change_in_the_same_instant_as_the_index_is_still_seen() {
    let fixture = Fixture::new();
    for round in 0..60 {
        fixture.commit_files(&[("other", &format!("a{round:02}"))]);
        fixture.write("other", &format!("b{round:02}"));
        fixture.commit_files(&[("x", &round.to_string())]);
        let status = status(&fixture.repo);
        assert_eq!(status.len(), 1, "round {round}: {status:?}");
        expect_git(&fixture.root(), &["status", "--porcelain"], " M other\n");
    }
}

#[test]
fn what_is_in_head_already_makes_no_commit() {
    let fixture = Fixture::new();
    assert_eq!(commit(&fixture.repo, [removed("a")]).unwrap(), None);
    let first = fixture.commit_files(&[("a", "1")]);
    let same = [bytes("a", "1"), removed("nothing/there"), removed("gone")];
    assert_eq!(commit(&fixture.repo, same).unwrap(), None);
    assert_eq!(fixture.repo.revision("HEAD").unwrap().commit(), first);
}

#[test]
fn removed_files_take_their_empty_folders_along() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("m/_releases/v1.json", "1"), ("n", "1")]);
    fs::remove_dir_all(fixture.root().join("m")).unwrap();
    commit(&fixture.repo, [removed("m/_releases/v1.json")]).unwrap();
    let revision = fixture.repo.revision("HEAD").unwrap();
    assert_eq!(revision.entries("m").unwrap(), None);
    assert_eq!(revision.entries("").unwrap().unwrap().len(), 1);
    expect_git(&fixture.root(), &["status", "--porcelain"], "");
    fs::remove_file(fixture.root().join("n")).unwrap();
    commit(&fixture.repo, [removed("n")]).unwrap().unwrap();
    expect_git(&fixture.root(), &["status", "--porcelain"], "");
}

#[test]
fn a_file_makes_way_for_a_folder() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("a", "1"), ("a.b", "1")]);
    fs::remove_file(fixture.root().join("a")).unwrap();
    fixture.write("a/b", "2");
    let changes = [removed("a"), from_work_tree("a/b")];
    commit(&fixture.repo, changes).unwrap().unwrap();
    assert_eq!(fixture.read("HEAD", "a/b").unwrap(), "2");
    expect_git(&fixture.root(), &["status", "--porcelain"], "");
}

#[test]
fn a_catalog_in_a_subfolder_sees_only_itself() {
    let fixture = Fixture::new();
    fixture.commit_files(&[("readme", "top")]);
    let folder = fixture.root().join("deep/catalog [1]");
    fs::create_dir_all(&folder).unwrap();
    let repo = Repo::discover(&folder).unwrap().unwrap();
    assert_eq!(repo.prefix(), "deep/catalog [1]");
    assert_eq!(repo.revision("HEAD").unwrap().entries("").unwrap(), None);
    fs::write(folder.join("a.json"), "{}").unwrap();
    fixture.write("readme", "changed");
    assert_eq!(status(&repo).len(), 1);
    commit(&repo, [from_work_tree("a.json")]).unwrap().unwrap();
    assert_eq!(status(&repo), []);
    let revision = repo.revision("HEAD").unwrap();
    assert_eq!(revision.read("a.json", 10).unwrap().unwrap(), b"{}");
    assert_eq!(revision.read("readme", 10).unwrap(), None);
    assert_eq!(fixture.read("HEAD", "readme").unwrap(), "top");
}

#[test]
fn a_detached_head_moves_alone() {
    let fixture = Fixture::new();
    let first = fixture.commit_files(&[("a", "1")]);
    let raw = fixture.raw();
    let branch = raw.head().unwrap().name().unwrap().to_owned();
    raw.set_head_detached(git2::Oid::from_str(&first.to_string()).unwrap()).unwrap();
    let second = fixture.commit_files(&[("a", "2")]);
    assert_eq!(fixture.repo.revision("HEAD").unwrap().commit(), second);
    assert_eq!(fixture.repo.revision(&branch).unwrap().commit(), first);
    expect_git(&fixture.root(), &["status", "--porcelain"], "");
}

#[test]
fn a_linked_work_tree_has_its_own_head_and_index() {
    let fixture = Fixture::new();
    let first = fixture.commit_files(&[("a", "1")]);
    let linked = fixture.dir.path().join("linked");
    fixture.raw().worktree("linked", &linked, None).unwrap();
    let repo = Repo::discover(&linked).unwrap().unwrap();
    fs::write(linked.join("a"), "2").unwrap();
    let second = commit(&repo, [from_work_tree("a")]).unwrap().unwrap();
    assert_eq!(repo.revision("HEAD").unwrap().commit(), second);
    assert_eq!(status(&repo), []);
    assert_eq!(fixture.repo.revision("HEAD").unwrap().commit(), first);
    assert_eq!(status(&fixture.repo), []);
    expect_git(&linked, &["status", "--porcelain"], "");
}

#[test]
fn a_bare_repository_takes_bytes() {
    let dir = tempfile::tempdir().unwrap();
    git2::Repository::init_bare(dir.path()).unwrap();
    let repo = Repo::discover(dir.path()).unwrap().unwrap();
    let repo = repo.with_prefix("cat").unwrap();
    let name = Some("N".to_owned());
    let email = Some("n@example.org".to_owned());
    let identity = Identity {
        author_name: name.clone(),
        author_email: email.clone(),
        committer_name: name,
        committer_email: email,
    };
    commit_as(&repo, [bytes("a", "1")], &identity).unwrap().unwrap();
    let revision = repo.revision("HEAD").unwrap();
    assert_eq!(revision.read("a", 1).unwrap().unwrap(), b"1");
    assert_eq!(status(&repo), []);
    assert!(commit_as(&repo, [from_work_tree("a")], &identity).is_err());
}

#[test]
fn bytes_go_in_raw_and_files_are_plain() {
    let fixture = Fixture::new();
    fixture.config("core.autocrlf", "true");
    fixture.write(".gitattributes", "* text eol=crlf ident\n");
    fixture.write("a", "x\r\n$Id$\r\n");
    let script = fixture.root().join("a");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    commit(&fixture.repo, [from_work_tree("a")]).unwrap();
    assert_eq!(fixture.read("HEAD", "a").unwrap(), "x\r\n$Id$\r\n");
    let raw = fixture.raw();
    let tree = raw.head().unwrap().peel_to_tree().unwrap();
    assert_eq!(tree.get_name("a").unwrap().filemode(), 0o100_644);
}

#[test]
fn the_last_change_of_a_path_counts() {
    let fixture = Fixture::new();
    let changes = [bytes("a", "1"), bytes("b", "1"), bytes("a", "2"), removed("b")];
    commit(&fixture.repo, changes).unwrap().unwrap();
    assert_eq!(fixture.read("HEAD", "a").unwrap(), "2");
    assert_eq!(fixture.read("HEAD", "b"), None);
}

#[test]
fn given_names_go_before_the_configuration() {
    let fixture = Fixture::new();
    fixture.config("committer.name", "Configured");
    let identity = Identity { author_name: Some("Given".to_owned()), ..Identity::default() };
    commit_as(&fixture.repo, [bytes("a", "1")], &identity).unwrap();
    let raw = fixture.raw();
    let head = raw.head().unwrap().peel_to_commit().unwrap();
    assert_eq!(head.author().name().unwrap(), "Given");
    assert_eq!(head.author().email().unwrap(), "author@example.org");
    assert_eq!(head.committer().name().unwrap(), "Configured");
}
