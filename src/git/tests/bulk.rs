//! Many files at once. The measurement is run by hand:
//! `cargo test --release --lib git::tests::bulk -- --ignored --nocapture`.

use std::fs;
use std::time::Instant;

use rayon::prelude::*;

use super::{Fixture, bytes, commit, expect_git, from_work_tree, status};

#[test]
fn many_files_go_into_one_pack() {
    let fixture = Fixture::new();
    let paths: Vec<_> = (0..600).map(|n| format!("m{}/f{n}.json", n % 50)).collect();
    for path in &paths {
        fixture.write(path, &format!("{{\"{path}\":1}}"));
    }
    let changes = paths.iter().map(|path| from_work_tree(path));
    commit(&fixture.repo, changes).unwrap().unwrap();
    let packs = fs::read_dir(fixture.repo.git_dir().join("objects/pack")).unwrap();
    assert_eq!(packs.count(), 2);
    let left = fixture.repo.git_dir().join("warecat-pack-config");
    assert!(!left.exists());
    let root = fixture.root();
    expect_git(&root, &["status", "--porcelain"], "");
    expect_git(&root, &["fsck", "--strict", "--full"], "");
    let count = fixture.git(&["count-objects"]);
    assert!(count.is_none_or(|text| text.starts_with("0 objects")));
    // A second, small commit on top of the pack.
    fixture.commit_files(&[("m1/f1.json", "2")]);
    expect_git(&root, &["fsck", "--strict", "--full"], "");
    assert_eq!(status(&fixture.repo), []);
}

#[test]
fn the_same_bytes_many_times_are_one_object() {
    let fixture = Fixture::new();
    let changes = (0..1000).map(|n| bytes(&format!("f{n}"), "same"));
    commit(&fixture.repo, changes).unwrap().unwrap();
    let revision = fixture.repo.revision("HEAD").unwrap();
    assert_eq!(revision.read("f999", 9).unwrap().unwrap(), b"same");
    expect_git(&fixture.root(), &["fsck", "--strict", "--full"], "");
}

fn text(path: &str, round: usize) -> String {
    let mut state = path.bytes().fold(round as u64 + 7, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut text = format!("{{\"path\":\"{path}\",\"ware\":\"");
    while text.len() < 498 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text.push_str(&format!("{:016x}", state ^ (state >> 33)));
    }
    text.truncate(498);
    text + "}\n"
}

#[test]
#[ignore = "a measurement, not a promise"]
fn measure() {
    for (count, per_module) in [(40_000, 8), (160_000, 8)] {
        let fixture = Fixture::new();
        let path = |n: usize| {
            let module = n / per_module;
            format!("org.example/{}/m{module}/_releases/v{}.json", module % 40, n % per_module)
        };
        let paths: Vec<_> = (0..count).map(path).collect();
        for path in &paths {
            fixture.write(path, &text(path, 0));
        }
        let timed = |what: &str, job: &mut dyn FnMut()| {
            let start = Instant::now();
            job();
            eprintln!("{count} files: {what} {:.3} s", start.elapsed().as_secs_f64());
        };
        timed("first commit", &mut || {
            commit(&fixture.repo, paths.iter().map(|p| from_work_tree(p))).unwrap().unwrap();
        });
        timed("status", &mut || assert_eq!(status(&fixture.repo), []));
        timed("nothing new", &mut || {
            assert!(commit(&fixture.repo, paths.iter().map(|p| from_work_tree(p))).unwrap().is_none());
        });
        let some: Vec<_> = paths.iter().step_by(count / 100).collect();
        for path in &some {
            fixture.write(path, &text(path, 1));
        }
        timed("100 changed", &mut || {
            commit(&fixture.repo, some.iter().map(|p| from_work_tree(p))).unwrap().unwrap();
        });
        timed("one file read", &mut || {
            fixture.repo.revision("HEAD").unwrap().read(&paths[7], 999).unwrap().unwrap();
        });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        timed("all read, 2 threads", &mut || {
            let revision = fixture.repo.revision("HEAD").unwrap();
            let read = |path: &String| revision.read(path, 999).unwrap().unwrap().len();
            let total: usize = pool.install(|| paths.par_iter().map(read).sum());
            assert_eq!(total, count * 500);
        });
        expect_git(&fixture.root(), &["status", "--porcelain"], "");
    }
}
