//! What differs between a cache's index and the specs that lie in it.

use warecat::import::spack::buildcache::Reading;

use super::support::{Copy, GREET, GREET_HASH, HELLO_HASH, Read, items, only, told};

#[test]
fn a_spec_that_the_index_names_and_is_not_there_is_told() {
    let cache = Copy::new();
    std::fs::remove_file(cache.spec(GREET)).unwrap();
    for reading in [Reading::Both, Reading::Index] {
        let import = Read::of(reading).import(&cache.place());
        let line = only(&import);
        assert!(line.starts_with("entry-odd build_cache/index.json database.installs["), "{line}");
        assert!(line.contains("no spec of it was found there"), "{line}");
        assert_eq!(items(&import, GREET_HASH), ["spec"]);
    }
}

#[test]
fn a_spec_that_is_there_and_the_index_does_not_name_is_imported_and_told() {
    let cache = Copy::new();
    let flagged = "\"in_buildcache\":true";
    cache.change_index(|text| text.replacen(flagged, "\"in_buildcache\":false", 1));
    let import = Read::default().import(&cache.place());
    let line = only(&import);
    assert!(line.starts_with("entry-odd build_cache/linux-"), "{line}");
    assert!(line.ends_with("the index is older than the cache"), "{line}");
    assert_eq!(import.source.counts["tarballs"], 2);
}

#[test]
fn the_order_of_the_index_says_nothing() {
    let cache = Copy::new();
    let expected = Read::default().import(&cache.place());
    cache.change_index(|text| {
        let mut index: serde_json::Value = serde_json::from_str(&text).unwrap();
        let installs = index["database"]["installs"].as_object_mut().unwrap();
        let reversed: Vec<_> = std::mem::take(installs).into_iter().rev().collect();
        installs.extend(reversed);
        serde_json::to_string_pretty(&index).unwrap()
    });
    let import = Read::default().import(&cache.place());
    assert_eq!((import.modules, import.diagnostics), (expected.modules, expected.diagnostics));
}

#[test]
fn a_node_of_the_index_whose_hash_does_not_hold_is_refused_and_the_spec_taken() {
    let cache = Copy::new();
    cache.change_index(|text| text.replace("git.main=3.0", "git.main=9.9"));
    let import = Read::default().import(&cache.place());
    let told = told(&import);
    assert!(told.iter().any(|line| line.starts_with("entry-refused build_cache/index.json")), "{told:#?}");
    assert_eq!(items(&import, HELLO_HASH), ["linux-exampleos1-x86_64_v3"]);
}

#[test]
fn without_an_index_the_specs_are_imported() {
    let cache = Copy::new();
    std::fs::remove_file(cache.path().join("build_cache/index.json")).unwrap();
    let import = Read::default().import(&cache.place());
    assert!(only(&import).contains("there is no index"));
    assert_eq!(import.modules, Read::of(Reading::Specs).import(&cache.place()).modules);
    assert!(Read::of(Reading::Index).try_import(&cache.place()).is_err());
}
