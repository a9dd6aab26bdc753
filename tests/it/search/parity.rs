//! The site's script finds what the program finds, in the same order.

use std::process::Command;

use serde::Deserialize;
use warecat::catalog::{ModuleEntry, ReleaseEntry};
use warecat::import::Import;
use warecat::model::{Mirrors, Module, ModuleCapsule, Release};
use warecat::search::{Index, Query, Sort};
use warecat::site::{TEMPLATES, search_files};

use super::{first, hostile, index, many};
use crate::shared;

#[rustfmt::skip]
const QUERIES: &[&str] = &[
    "", "a", "r", "R", "hdf5", "HDF5 r", "c++", "C++ ", "voro++", "voropp", "voroxx", "blast+", "netcdf", "gcc",
    "scikit-learn", "scikit_learn", "py-scikit-learn", "scikit learn", "machine learning",
    "\"machine learning\"", "archive::zip", "Archive Zip", "perl-archive-zip", "perl", "python", "py",
    "2025.06", "eessi.io/2023.06", "ext/r", "language statistics", "data format", "interface", "in", "an",
    "i/o", "parallel i/o", "extension:rcpp", "extension:cxx", "-extension:rcpp r", "ggplot2", "source:eessi",
    "source:spack.io -kind:virtual", "kind:r", "licence:mit", "-licence:unknown", "license:gpl-3.0-or-later",
    "target:zen4", "arch:aarch64 -target:grace", "accelerator:cc80", "target:grace gpu:nvidia-cc80", "target:x86_64-amd-zen4", "toolchain:foss",
    "toolchain:gompi/2023b hdf5", "category:\"build tools\"", "maintainer:bob", "replay:yes", "signed:no r",
    "gromcas", "scikit lern", "hfd5", "kind: x", "<script>", "a\u{1b}[31mred", "🦀", "🦀 crab", "İSTANBUL", "ΣΑΣ",
    "straße", "constructor", "__proto__:x toString:y", ".*+?^${}()|[]\\", "+", "++", "::", "\"", "\"\"", " \t",
    "a b c d e f g h i j k", "source:nonesuch", "kind:software source:eessi r", "-x", "0\t1:2",
];
const SORTS: &[(&str, Sort)] = &[("", Sort::Relevance), ("name", Sort::Name), ("releases", Sort::Releases)];

#[derive(Deserialize)]
struct Answers {
    names: Vec<(String, String, String, u32, String)>,
    early: Vec<Answer>,
    late: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    q: Asked,
    hits: Vec<usize>,
    counts: Vec<Vec<u32>>,
    near: Vec<String>,
    ms: f64,
}

#[derive(Deserialize)]
struct Asked {
    words: Vec<String>,
    filters: Vec<(String, String, bool)>,
}

/// What the script answers, run by node; `None` where there is no node, which is a failure
/// where CI runs.
fn answers(index: &Index, queries: &[(String, &str)]) -> Option<Answers> {
    if Command::new("node").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "node is absent");
        eprintln!("skipped: the site's script needs node");
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let script = TEMPLATES.iter().find(|(name, _)| *name == "search.js").unwrap().1;
    std::fs::write(at("search.js"), script).unwrap();
    std::fs::write(at("parity.js"), include_str!("parity.js")).unwrap();
    std::fs::write(at("queries.json"), serde_json::to_vec(queries).unwrap()).unwrap();
    for (path, bytes) in search_files(index) {
        std::fs::create_dir_all(at(&path).parent().unwrap()).unwrap();
        std::fs::write(at(&path), bytes).unwrap();
    }
    let mut node = Command::new("node");
    node.args(["parity.js", "search.js", "_data", "queries.json"]).current_dir(dir.path());
    let done = node.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // Filters come as objects; as texts they are compared whole.
    let mut found: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    for part in ["early", "late"] {
        for answer in found[part].as_array_mut().unwrap() {
            for filter in answer["q"]["filters"].as_array_mut().unwrap() {
                *filter = serde_json::json!([filter["field"], filter["value"], filter["not"]]);
            }
        }
    }
    Some(serde_json::from_value(found).unwrap())
}

fn compare(index: &Index) -> Option<f64> {
    let mut queries: Vec<(String, &str)> = QUERIES.iter().map(|query| ((*query).to_owned(), "")).collect();
    queries.extend(
        QUERIES.iter().step_by(4).flat_map(|query| [((*query).to_owned(), "name"), ((*query).to_owned(), "releases")]),
    );
    queries.push(("x".repeat(1000), ""));
    let found = answers(index, &queries)?;
    for (entry, (name, title, _, releases, newest)) in index.entries().iter().zip(&found.names) {
        let document = &entry.document;
        assert_eq!((document.name.as_str(), &document.title, document.releases), (name.as_str(), title, *releases));
        assert_eq!(document.newest.as_deref().unwrap_or_default(), newest);
    }
    assert_eq!(index.entries().len(), found.names.len());
    let mut slowest: f64 = 0.0;
    for (((text, sort), early), late) in queries.iter().zip(&found.early).zip(&found.late) {
        let mut query = Query::parse(text);
        query.sort = SORTS.iter().find(|(name, _)| name == sort).unwrap().1;
        assert_eq!(late.q.words, query.words, "{text:?}");
        let filters = query
            .filters
            .iter()
            .map(|f| (f.field.map_or("extension", |f| f.as_str()).to_owned(), f.value.clone(), f.is_not));
        assert_eq!(late.q.filters, filters.collect::<Vec<_>>(), "{text:?}");
        let expected = index.run(&query);
        let hits: Vec<usize> = expected.hits.iter().map(|hit| hit.entry).collect();
        assert_eq!(late.hits, hits, "{text:?} {sort:?}");
        assert_eq!(late.counts, expected.counts, "{text:?}");
        if hits.is_empty() {
            assert_eq!(late.near, index.near(&query), "{text:?}");
        }
        // With names alone: what is found by name, in the same order.
        if query.filters.is_empty() && query.words.len() == 1 && sort.is_empty() {
            let named: Vec<usize> = expected.hits.iter().filter(|hit| hit.rank < 6).map(|hit| hit.entry).collect();
            assert_eq!(early.hits, named, "{text:?}");
        }
        slowest = slowest.max(late.ms).max(early.ms);
    }
    Some(slowest)
}

#[test]
fn the_site_s_script_finds_what_the_program_finds() {
    compare(&index(&many()));
    compare(&index(&many().into_iter().chain(hostile()).collect::<Vec<_>>()));
    compare(&index(&[]));
}

/// Modules as an import proposes them, without a catalog.
fn entries(import: Import) -> impl Iterator<Item = ModuleEntry> {
    import.modules.into_iter().map(|module| {
        let release = |proposed: warecat::model::ReleaseProposal| {
            let mut release = Release::new(proposed.name);
            release.items = proposed.items;
            release.metadata = proposed.metadata;
            if proposed.replay.is_some() {
                release.metadata.insert("replay".into(), "one".into());
            }
            ReleaseEntry { cid: Release::new(release.release_name.clone()).cid(), release }
        };
        ModuleEntry {
            cid: ModuleCapsule::V1(Module::new(module.name.clone())).cid(),
            name: module.name,
            metadata: module.metadata,
            releases: module.releases.into_iter().map(release).collect(),
            mirrors: Mirrors::default(),
            replays: Default::default(),
            records: Default::default(),
        }
    })
}

#[test]
fn all_of_eessi_and_spack_is_searched_alike_and_fits_its_budget() {
    let Some(eessi) = shared::data("eessi") else { return };
    let Some(repology) = crate::spack_recipes::real("repology.json.zst") else { return };
    let mut all: Vec<ModuleEntry> = entries(crate::eessi_catalog::proposals(&eessi)).collect();
    all.extend(entries(crate::spack_recipes::import(&repology, &crate::spack_recipes::real_packages())));
    let index = index(&all);
    drop(all);

    // P-01: each finds its module at or near the top.
    let check = |query: &str, expected: &str, within: usize| {
        let found = first(&index, query, within);
        assert!(found.contains(&expected), "{query}: {found:?}");
    };
    check("R", "eessi.io/2025.06/r", 2);
    check("r", "spack.io/r", 3);
    check("hdf5", "spack.io/hdf5", 3);
    check("HDF5", "eessi.io/2025.06/hdf5", 1);
    check("c++", "eessi.io/2025.06/xerces-c-plus-plus", 1);
    check("C++", "eessi.io/2023.06/netcdf-c-plus-plus4", 4);
    check("netcdf c++", "spack.io/netcdf-cxx4", 4);
    check("py-scikit-learn", "spack.io/py-scikit-learn", 1);
    check("scikit-learn", "spack.io/py-scikit-learn", 6);
    check("scikit-learn", "eessi.io/2025.06/ext/python/scikit-learn", 3);
    check("voro++", "spack.io/voropp", 3);
    check("gromacs", "eessi.io/2025.06/gromacs", 1);

    // P-02: what is transferred before the first result, uncompressed and as gzip has it.
    let files = search_files(&index);
    let packed = |name: &str| {
        let (_, bytes) = files.iter().find(|(path, _)| path == name).unwrap();
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
        std::io::Write::write_all(&mut packed, bytes).unwrap();
        (bytes.len(), packed.finish().unwrap().len())
    };
    let sizes = files.iter().map(|(path, _)| (path.clone(), packed(path)));
    eprintln!("{} modules: {:?}", index.entries().len(), sizes.collect::<Vec<_>>());
    assert!(packed("_data/search-names.js").1 < 110_000);

    if let Some(slowest) = compare(&index) {
        eprintln!("the slowest query: {slowest:.1} ms");
    }
}
