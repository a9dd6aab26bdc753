//! The kept corpus of every fuzz target, replayed on every test run.
//!
//! `docs/fuzzing.md` says how it was found and how to add to it.

use std::path::PathBuf;

use crate::fuzz_targets;

/// The most that the corpus may hold, so that the repository stays small.
const MAX_FILES: usize = 350;
const MAX_BYTES: usize = 1024 * 1024;

type Target = (&'static str, fn(&[u8]));

const TARGETS: &[Target] = &[
    ("config", fuzz_targets::config),
    ("dag_cbor", fuzz_targets::dag_cbor),
    ("json_document", fuzz_targets::json_document),
    ("names", fuzz_targets::names),
    ("references", fuzz_targets::references),
    ("sif", fuzz_targets::sif),
    ("spack_recipes", fuzz_targets::spack_recipes),
    ("spack_spec", fuzz_targets::spack_spec),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A target's inputs, in the order of their names.
fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = root().join("tests/fuzz-corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn t06_every_kept_input_keeps_every_invariant() {
    for (name, target) in TARGETS {
        for (path, data) in corpus(name) {
            let outcome = std::panic::catch_unwind(|| target(&data));
            assert!(outcome.is_ok(), "{} breaks an invariant", path.display());
        }
    }
}

#[test]
fn the_corpus_is_there_and_small() {
    let mut bytes = 0;
    for (name, _) in TARGETS {
        let inputs = corpus(name);
        assert!((10..=MAX_FILES).contains(&inputs.len()), "`{name}` has {} inputs", inputs.len());
        bytes += inputs.iter().map(|(_, data)| data.len()).sum::<usize>();
    }
    assert!(bytes < MAX_BYTES, "the corpus has {bytes} bytes");
}

#[test]
fn every_target_of_the_fuzzer_is_replayed() {
    let mut folders: Vec<_> = std::fs::read_dir(root().join("tests/fuzz-corpus"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
