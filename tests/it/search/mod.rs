//! Search: what is found and what first, the same by the program and by the site's script,
//! and what hostile names and queries can do.

mod parity;

use std::time::Instant;

use warecat::catalog::ModuleEntry;
use warecat::search::{Document, FIELDS, Field, Index, Query, is_meant};

use crate::site::fixture::{Draft, eessi_release, small};
use crate::site::{built, check_site, text};
use crate::support::TestCatalog;
use crate::transcripts::shell;

/// A module of one title, below some scope.
fn titled(name: &str, title: &str, description: &str) -> ModuleEntry {
    let draft = Draft::new(name).meta("name", title).meta("description", description);
    draft.release("1.0", |_, _| {}).release("1.1", |_, _| {}).done()
}

/// Modules with names that are spelled in many ways.
fn many() -> Vec<ModuleEntry> {
    let mut entries = small();
    let spack = |title: &str, description: &str| titled(&format!("spack.io/{title}"), title, description);
    entries.extend([
        spack("hdf5", "A model and a format for data.\nParallel I/O is supported."),
        spack("r", "A language and an environment for statistics."),
        spack("r-hdf5r", "Interface to the HDF5 library."),
        spack("py-h5py", "HDF5 files from Python."),
        spack("py-scikit-learn", "Machine learning in Python."),
        spack("voropp", "Voronoi cells in three dimensions."),
        spack("blast-plus", "Finds regions of similarity."),
        spack("netcdf-cxx4", "The C++ interface of netCDF."),
        spack("perl-archive-zip", "Zip archives."),
        spack("libxml2", "XML for C."),
        spack("perl", "A language, as C++ is one."),
    ]);
    let cxx = Draft::new("spack.io/cxx").meta("kind", "virtual").meta("providers", "gcc, libxml2@2:");
    entries.push(cxx.done());
    let gcc = Draft::new("spack.io/gcc").meta("license", "GPL-3.0-or-later WITH GCC-exception-3.1");
    entries.push(gcc.meta("maintainers", "alice, Bob").meta("categories", "build tools, Compilers").done());
    for version in ["2023.06", "2025.06"] {
        let module = |name: &str, title: &str| Draft::new(&format!("eessi.io/{version}/{name}")).meta("name", title);
        entries.push(eessi_release(module("hdf5", "HDF5"), "HDF5", "1.14.3-gompi-2023b", &[], &[]).done());
        entries.push(module("voro-plus-plus", "Voro++").meta("license", "BSD-3-Clause OR MIT").done());
        entries.push(module("netcdf-c-plus-plus4", "netCDF-C++4").done());
        entries.push(module("ext/python/scikit-learn", "scikit-learn").done());
        entries.push(module("ext/perl/archive-zip", "Archive::Zip").done());
        entries.push(module("blast-plus", "BLAST+").done());
    }
    entries
}

/// Modules whose texts attack whatever shows them.
fn hostile() -> Vec<ModuleEntry> {
    let titles = [
        "<script>alert(1)</script>",
        "\"); alert(1); (\"",
        "</script><img src=x onerror=alert(1)>",
        "a\u{1b}[31mred\u{202e}evil",
        "\u{2028}line\u{2029}",
        "__proto__",
        "constructor",
        "🦀crab",
        "🦁crab",
        "🦀cab",
        "İstanbul ΣΑΣ straße",
        "0\t1:2\n3",
        "C++ ++ +",
        ".*+?^${}()|[]\\",
        "=cmd|' /C calc'!A0",
    ];
    let make = |(at, title): (usize, &&str)| {
        let entry = Draft::new(&format!("hostile.example/m{at}")).meta("name", title).meta("description", title);
        let entry = entry.meta("license", title).meta("categories", title).meta("maintainers", title);
        entry.release("1", |_, release| {
            release.metadata.insert("toolchain".into(), (*title).into());
            release.metadata.insert("description".into(), format!("{title} {title}"));
            release.metadata.insert("parent".into(), "hostile.example/m0:1".into());
        })
    };
    let mut entries: Vec<ModuleEntry> = titles.iter().enumerate().map(make).map(Draft::done).collect();
    entries.push(titled("index.html/404.html", "index.html", "Lies beside our files."));
    entries
}

fn index(entries: &[ModuleEntry]) -> Index {
    Index::new(entries.iter().map(Document::of).collect())
}

/// The first modules that answer a query.
fn first<'i>(index: &'i Index, query: &str, most: usize) -> Vec<&'i str> {
    let hits = index.run(&Query::parse(query)).hits;
    hits.into_iter().take(most).map(|hit| index.entries()[hit.entry].document.name.as_str()).collect()
}

#[test]
fn a_name_is_found_in_any_spelling() {
    let index = index(&many());
    let check = |query: &str, expected: &[&str]| assert_eq!(first(&index, query, expected.len()), expected, "{query}");
    check("hdf5", &["eessi.io/2025.06/hdf5", "eessi.io/2023.06/hdf5", "spack.io/hdf5"]);
    check("R", &["eessi.io/2023.06/r", "spack.io/r"]);
    check("c++", &["spack.io/cxx", "eessi.io/2025.06/netcdf-c-plus-plus4"]);
    for query in ["scikit-learn", "SCIKIT-learn", "scikit_learn"] {
        let found = first(&index, query, 3);
        assert!(
            found.contains(&"spack.io/py-scikit-learn") && found.contains(&"eessi.io/2025.06/ext/python/scikit-learn")
        );
    }
    check("py-scikit-learn", &["spack.io/py-scikit-learn", "eessi.io/2025.06/ext/python/scikit-learn"]);
    for query in ["voro++", "voropp", "Voro-plus-plus", "voroxx"] {
        let found = first(&index, query, 3);
        assert!(found.contains(&"eessi.io/2025.06/voro-plus-plus"), "{query}: {found:?}");
    }
    assert!(first(&index, "voro++", 3).contains(&"spack.io/voropp"));
    assert!(first(&index, "blast+", 3).contains(&"spack.io/blast-plus"));
    assert!(first(&index, "netcdf-c++4", 3).contains(&"spack.io/netcdf-cxx4"));
    assert!(first(&index, "Archive::Zip", 3).contains(&"spack.io/perl-archive-zip"));
    assert!(first(&index, "perl-archive-zip", 3).contains(&"eessi.io/2025.06/ext/perl/archive-zip"));
    check("eessi.io/2023.06/r", &["eessi.io/2023.06/r"]);
}

#[test]
fn the_better_the_place_the_earlier() {
    let index = index(&[
        titled("a/1", "xyz", "-"),
        titled("a/2", "py-xyz", "-"),
        titled("a/3", "xyzzy", "-"),
        titled("a/4", "a-xyz", "-"),
        titled("a/9", "axyz", "-"),
        titled("a/5", "w.xyz_w", "-"),
        titled("a/6", "b", "An xyz of some kind."),
        titled("a/7", "c", "First.\nThen an xyz."),
        titled("a/8", "d", "No axyz at a word's beginning."),
    ]);
    assert_eq!(first(&index, "XYZ", 9), ["a/1", "a/2", "a/3", "a/4", "a/5", "a/9", "a/6", "a/7"]);
    assert_eq!(first(&index, "w-xyz-w", 9), ["a/5"]);
    assert_eq!(first(&index, "xyz kind", 9), ["a/6"]);
    assert_eq!(first(&index, "\"xyz of some\"", 9), ["a/6"]);
}

#[test]
fn what_holds_an_extension_is_found() {
    let index = index(&many());
    assert_eq!(first(&index, "extension:rcpp", 9), ["eessi.io/2023.06/r"]);
    assert_eq!(first(&index, "extension:r-rcpp", 9), ["eessi.io/2023.06/r"]);
    assert_eq!(first(&index, "ggplot2", 9), ["eessi.io/2023.06/ext/r/ggplot2", "eessi.io/2023.06/r"]);
    assert!(first(&index, "extension:cxx", 9).contains(&"spack.io/libxml2"), "a virtual package's providers hold it");
    let query = Query::parse("extension:rcpp");
    let r = index.entries().iter().find(|entry| entry.document.name.as_str() == "eessi.io/2023.06/r").unwrap();
    assert_eq!(index.holding(&query, r), ["4.4.1-gfbf-2023b", "4.3.2-gfbf-2023a"]);
    assert_eq!(first(&index, "-extension:rcpp r", 1), ["spack.io/r"]);
}

#[test]
fn facets_narrow_and_count() {
    let index = index(&many());
    let all = |query: &str| first(&index, query, 999);
    assert_eq!(all("source:spack kind:virtual"), ["spack.io/cxx"]);
    assert_eq!(all("licence:MIT"), all("license:mit"));
    assert_eq!(all("licence:bsd-3-clause").len(), 2);
    assert!(all("-licence:unknown").len() < 8 && !all("-licence:unknown").is_empty());
    assert_eq!(all("target:zen4 gromacs"), ["eessi.io/2023.06/gromacs"]);
    assert_eq!(all("target:x86_64-amd-zen4"), all("target:zen4"));
    assert_eq!(all("target:grace gromacs"), all("target:neoverse_v2 gromacs"));
    assert_eq!(all("target:grace gromacs"), ["eessi.io/2023.06/gromacs"]);
    for value in ["cc80", "nvidia/cc80", "nvidia-cc80", "nvidia"] {
        assert_eq!(all(&format!("accelerator:{value}")), ["eessi.io/2023.06/gromacs"]);
    }
    assert_eq!(all("replay:yes source:warpsys.org"), ["warpsys.org/bash"]);
    assert_eq!(all("maintainer:BOB"), ["spack.io/gcc"]);
    assert_eq!(all("category:\"build tools\""), ["spack.io/gcc"]);
    assert_eq!(all("licence:nonesuch"), Vec::<&str>::new());
    let together = [all("source:spack"), all("source:warpsys.org")].concat().len();
    assert_eq!(all("source:spack source:warpsys.org").len(), together);

    // What a facet counts is what choosing that value would give.
    for query in ["", "r", "source:spack", "source:spack -kind:virtual r", "arch:x86_64 licence:unknown"] {
        let query = Query::parse(query);
        let found = index.run(&query);
        for (at, facet) in index.facets().iter().enumerate() {
            for (value, count) in facet.values.iter().zip(&found.counts[at]) {
                let mut narrowed = query.clone();
                narrowed.filters.retain(|filter| filter.field != Some(facet.field));
                narrowed.add(warecat::search::Filter::new(Some(facet.field), value));
                assert_eq!(index.run(&narrowed).hits.len(), *count as usize, "{narrowed}");
            }
        }
    }
}

#[test]
fn values_that_differ_in_case_only_are_one_and_counted_once() {
    let module = |name: &str, categories: &str| Draft::new(name).meta("categories", categories).done();
    let index = index(&[module("a.org/b", "chemistry, Chemistry"), module("a.org/c", "CHEMISTRY, Bio")]);
    let facet = index.facets().iter().find(|facet| facet.field == Field::Category).unwrap();
    assert_eq!(
        (facet.values.as_slice(), facet.totals.as_slice()),
        (&["Bio".into(), "CHEMISTRY".into()][..], &[1, 2][..])
    );
    assert_eq!([facet.values_of(0), facet.values_of(1)], [&[1][..], &[0, 1][..]]);
}

#[test]
fn every_field_is_read_back_from_its_word() {
    for field in FIELDS {
        assert_eq!(Field::parse(field.as_str()), Some(*field));
    }
    assert!(is_meant("zen4", "x86_64-amd-zen4"));
}

#[test]
fn a_near_name_is_suggested() {
    let index = index(&many());
    let near = |query: &str| index.near(&Query::parse(query)).into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(near("gromcas")[0], "GROMACS");
    assert_eq!(near("scikit lern")[0], "scikit-learn");
    assert!(near("").is_empty() && near(&"x".repeat(500)).is_empty() && near("zzzzzzzzzzzz").is_empty());
}

#[test]
fn t29_a_hostile_query_costs_little() {
    let name = |at: usize| titled(&format!("a/m{at}"), &"ab".repeat(60), &"ab a".repeat(200));
    let index = index(&(0..2000).map(name).collect::<Vec<_>>());
    let queries = [
        "ab".repeat(1_000_000),
        "a ".repeat(100),
        "(a+)+$ ".repeat(20),
        "extension:a ".repeat(100),
        "-kind:a-".repeat(9),
    ];
    let start = Instant::now();
    for query in queries {
        let query = Query::parse(&query);
        assert!(index.run(&query).hits.len() <= 2000 && index.near(&query).len() <= 5);
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn t26_results_control_no_terminal() {
    let name = "hostile.example/x";
    let test = TestCatalog::new().item(&format!("{name}:1:src"), crate::support::TAR);
    let path = format!("{name}/_module.json");
    let changed = test.read(&path).replace(
        "\"metadata\": {}",
        "\"metadata\": {\"name\": \"\\u001b[31mx\\u202e\", \"description\": \"d \\u001b]0;t\\u0007\"}",
    );
    test.write(&path, changed);
    let run = |args: &str| {
        let done = shell(test.path(), &format!("warecat search {args}")).current_dir(test.path()).output().unwrap();
        [done.stdout, done.stderr].concat()
    };
    let shown = String::from_utf8(run("hostile.example/x")).unwrap();
    assert!(shown.contains("\\u{1b}[31mx") && shown.contains("d \\u{1b}]0;t"), "{shown}");
    for output in [shown, String::from_utf8(run("$(printf 'zz\\033[31mzz')")).unwrap()] {
        assert!(!output.contains(|c: char| c.is_control() && c != '\n') && !output.contains('\u{202e}'), "{output:?}");
    }
}

#[test]
fn t24_search_and_its_lists_show_hostile_texts_as_texts() {
    let entries: Vec<ModuleEntry> = many().into_iter().chain(hostile()).collect();
    let site = built(&entries);
    check_site(&site);
    assert!(site.keys().filter(|path| path.starts_with("_browse/")).count() > 40);
    let list = text(&site, "_browse/licence/index.html");
    assert!(list.contains("BSD-3-Clause") && list.contains("unknown"));
    assert!(text(&site, "_browse/target/-x86_64-zen4.html").contains("GROMACS"));
    let script = text(&site, "_assets/site.js");
    for way in ["innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "RegExp("] {
        assert!(!script.contains(way), "{way}");
    }
}

#[test]
fn lists_have_at_most_500_rows() {
    let entries: Vec<_> = (0..1100).map(|at| titled(&format!("a/m{at}"), &format!("m{at}"), "x")).collect();
    let site = built(&entries);
    check_site(&site);
    let rows = |path: &str| text(&site, path).matches("<tr>").count() - 1;
    let pages = ["", "~p2", "~p3"].map(|page| rows(&format!("_browse/licence/-unknown{page}.html")));
    assert_eq!(pages, [500, 500, 100]);
}
