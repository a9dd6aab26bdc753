//! The real data as proposals: compared with an independent reading of it, in any order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use warecat::code::Code;
use warecat::import::Import;
use warecat::model::order::newest_first;
use warecat::model::{BytesCid, ModuleProposal, RecordCapsule, ReleaseProposal, SourceVersion, metadata};

use super::{import, import_knowing, module, real, real_packages};

/// What the files say, read without the importer.
struct Said {
    entries: BTreeMap<String, Value>,
    packages: BTreeMap<String, Value>,
}

impl Said {
    fn read(repology: &[u8], files: &[(String, Vec<u8>)]) -> Self {
        let repology: Value = serde_json::from_slice(repology).unwrap();
        let entries = repology["packages"].as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone()));
        let package = |(name, bytes): &(String, Vec<u8>)| {
            (name.trim_end_matches(".json").to_owned(), serde_json::from_slice(bytes).unwrap())
        };
        Self { entries: entries.collect(), packages: files.iter().map(package).collect() }
    }

    /// The names of packages, virtuals left out.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.entries.iter().filter(|(key, entry)| entry["name"] == ***key).map(|(key, _)| key)
    }
}

fn texts<'v>(list: &'v Value, key: &str) -> Vec<&'v str> {
    list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap()).collect()
}

fn spelling(module: &ModuleProposal) -> &str {
    module.metadata.get(metadata::NAME).map_or(module.name.last_segment(), String::as_str)
}

fn ware(release: &ReleaseProposal) -> (&str, &str) {
    let (label, ware) = release.items.iter().next().unwrap();
    assert_eq!(release.items.len(), 1, "{}", release.name.as_str());
    (label.as_str(), ware.as_str())
}

#[test]
fn all_of_it_becomes_what_it_should_in_any_order() {
    let Some(repology) = real("repology.json.zst") else { return };
    let mut files = real_packages();
    let all = import(&repology, &files);
    let said = Said::read(&repology, &files);
    compare_releases(&all, &said);
    compare_orders(&said);
    compare_modules(&all, &said);
    compare_virtuals(&all, &said);
    check_diagnostics(&all);
    files.reverse();
    files.swap(7, 4000);
    let known = all.modules.iter().map(|module| (module.name.clone(), spelling(module).to_owned())).collect();
    assert!(import_knowing(&repology, &files, known) == all, "another order or a second import gives another one");
}

/// The packages, by upstream's spelling of their names.
fn by_spelling(all: &Import) -> BTreeMap<&str, &ModuleProposal> {
    all.modules.iter().filter(|module| module.kind == "package").map(|module| (spelling(module), module)).collect()
}

/// Each version is a release, with the content that its package's file tells.
fn compare_releases(all: &Import, said: &Said) {
    let modules = by_spelling(all);
    let (mut releases, mut archives, mut commits) = (0, 0, 0);
    for name in said.names() {
        let module = modules[name.as_str()];
        let versions = said.packages[name]["versions"].as_array().unwrap();
        let by_name: BTreeMap<&str, &ReleaseProposal> =
            module.releases.iter().map(|release| (release.name.as_str(), release)).collect();
        let listed: BTreeSet<&str> = texts(&said.packages[name]["versions"], "name").into_iter().collect();
        assert_eq!(by_name.keys().copied().collect::<BTreeSet<_>>(), listed, "{name}");
        assert_eq!(by_name.len(), module.releases.len(), "{name}");
        for version in versions {
            let spelling = version["name"].as_str().unwrap();
            let release = by_name[spelling];
            assert_eq!(release.metadata.get(metadata::SOURCE).map(String::as_str), Some("spack"));
            assert_eq!(release.stand_in.as_ref().map(|label| label.as_str()), Some("upstream"));
            let sha256 = ["sha256", "checksum"].iter().find_map(|key| version[*key].as_str());
            let commit = version["commit"].as_str().filter(|commit| commit.len() == 40);
            let expected = match (sha256, commit) {
                (Some(digits), _) => {
                    archives += 1;
                    ("src", format!("file:{}", cid(digits)))
                }
                (None, Some(commit)) => {
                    commits += 1;
                    ("src", format!("git:{commit}"))
                }
                (None, None) => ("upstream", SourceVersion::new(name, spelling).unwrap().ware().to_string()),
            };
            assert_eq!(ware(release), (expected.0, expected.1.as_str()), "{name}@{spelling}");
            releases += 1;
        }
    }
    // 30,265 checksums less those of the copies that stand for virtuals, and two of the
    // key `checksum`.
    assert_eq!((releases, archives, commits), (34_739, 29_975 + 2, 3_209));
    let counted = |key: &str| all.source.counts[key];
    assert_eq!((counted("packages"), counted("virtuals"), counted("versions")), (8_007, 45, 34_739));
    assert_eq!((counted("with_content"), counted("archives"), counted("commits")), (33_186, 29_977, 3_209));
}

/// CIDv1, raw, sha2-256, of 64 hexadecimal digits.
fn cid(digits: &str) -> BytesCid {
    let bytes: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    BytesCid::of_digest(&bytes.try_into().unwrap())
}

/// Our order of versions is the one that Spack gave each package's file.
fn compare_orders(said: &Said) {
    let mut agreed = 0;
    for name in said.names() {
        let expected = texts(&said.packages[name]["versions"], "name");
        let mut sorted = expected.clone();
        sorted.reverse();
        sorted.sort_by(|a, b| newest_first(a, b));
        assert_eq!(sorted, expected, "{name}");
        agreed += 1;
    }
    assert_eq!(agreed, 8_007);
}

/// What a package's entry says is in its metadata and mirrors, and whole in its record.
fn compare_modules(all: &Import, said: &Said) {
    let modules = by_spelling(all);
    let mut addresses = 0;
    for name in said.names() {
        let module = modules[name.as_str()];
        let entry = &said.entries[name];
        let fact = |key: &str| module.metadata.get(key).map_or("", String::as_str);
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(fact("description")), squeezed(entry["summary"].as_str().unwrap()), "{name}");
        let list: Vec<&str> = entry["maintainers"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
        assert_eq!(fact("maintainers"), list.join(", "), "{name}");
        // Upstream repeats a tag, up to 12 times.
        let mut tags: Vec<&str> = Vec::new();
        for tag in entry["categories"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        assert_eq!(fact("categories"), tags.join(", "), "{name}");
        let Some(RecordCapsule::V1(record)) = &module.record else { panic!("{name} has no record") };
        let record_data = serde_json::to_value(&record.data).unwrap();
        if !["bcl2fastq2", "qgraf"].contains(&name.as_str()) {
            assert_eq!(&record_data["repology"], entry, "{name}");
        }
        compare_record(&record_data["package"], &said.packages[name], entry, name);
        addresses += module.mirrors.iter().map(|(_, list)| list.len()).sum::<usize>();
        assert!(
            module.mirrors.iter().flat_map(|(_, list)| list).all(|a| a.scheme() != "file" && !a.scheme().is_empty())
        );
    }
    assert!(addresses > 34_000, "{addresses}");
    let zlib = module(all, "zlib");
    let of = |ware: &str| zlib.mirrors.iter().find(|(w, _)| w.as_str() == ware).unwrap().1[0].as_str();
    assert_eq!(
        of("file:bafkreie2sozlpx62y56oxjnflcsybz2gm7ow73pelbnzd3x3mdydw4w7em"),
        "http://zlib.net/fossils/zlib-1.3.1.tar.gz"
    );
    assert_eq!(module(all, "cmake").metadata["categories"], "build-tools, windows, detectable");
}

/// The record holds each field of the package's file, unless the entry says the same or
/// it is another package's.
fn compare_record(record: &Value, package: &Value, entry: &Value, name: &str) {
    for (key, value) in package.as_object().unwrap() {
        match key.as_str() {
            "dependent_to" => assert!(record.get(key).is_none()),
            "dependencies" => assert_eq!(
                &texts(value, "name"),
                &entry[key].as_array().unwrap().iter().map(|d| d.as_str().unwrap()).collect::<Vec<_>>()
            ),
            "name" => assert_eq!(value, name),
            "description" => assert_eq!(value, &entry["summary"], "{name}"),
            "homepage" => assert_eq!(value, &entry["homepages"][0], "{name}"),
            "maintainers" => assert_eq!(value, &entry[key], "{name}"),
            "aliases" => assert_eq!(value, &entry["alias"], "{name}"),
            _ if ["bcl2fastq2", "qgraf"].contains(&name) => {}
            _ => assert_eq!(record.get(key), Some(value), "{name}: {key}"),
        }
    }
}

/// An entry whose key is not its name is a virtual, and all that provide it are named.
fn compare_virtuals(all: &Import, said: &Said) {
    let mut providers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in said.names() {
        for alias in said.entries[name]["alias"].as_array().unwrap() {
            providers.entry(alias["name"].as_str().unwrap()).or_default().insert(alias["alias_for"].as_str().unwrap());
        }
    }
    let virtuals: Vec<&ModuleProposal> = all.modules.iter().filter(|module| module.kind == "virtual").collect();
    assert_eq!(virtuals.len(), 45);
    for module in virtuals {
        assert!(module.releases.is_empty() && module.mirrors.is_empty());
        assert_eq!(module.metadata["kind"], "virtual");
        assert!(!module.metadata.contains_key("description"), "{}", module.name);
        let found: BTreeSet<&str> = module.metadata["providers"].split(", ").collect();
        assert_eq!(found, providers[spelling(module)], "{}", module.name);
    }
    assert!(module(all, "mpi").metadata["providers"].contains("openmpi"));
    assert_eq!(spelling(module(all, "d")), "D");
}

fn check_diagnostics(all: &Import) {
    assert!(all.diagnostics.iter().all(|diagnostic| diagnostic.code == Code::EntryOdd));
    let with = |text: &str| all.diagnostics.iter().filter(|d| d.message.contains(text)).count();
    assert_eq!(with("is not an address of the web"), 10);
    assert_eq!(with("is not a whole commit id"), 2);
    assert_eq!(with("`UNKNOWN` is not an SPDX expression"), 3);
    assert_eq!(with("is not in"), 0, "both files list the same versions");
    assert!(all.diagnostics.len() < 250, "{}", all.diagnostics.len());
}

#[test]
fn alone_it_says_the_same_but_for_checksums() {
    let Some(repology) = real("repology.json.zst") else { return };
    let all = import(&repology, &[]);
    let counted = |key: &str| all.source.counts[key];
    assert_eq!((counted("packages"), counted("virtuals"), counted("versions")), (8_007, 45, 34_739));
    assert_eq!((counted("archives"), counted("commits")), (0, 3_198));
    assert_eq!(all.source.version.as_deref(), Some("2026-11-21"));
    assert_eq!(all.source.files[0].sha256, "97f639219510e617e949c7c097f109b1427e5ec3be957380de6222caeb0efb42");
}

#[test]
fn the_older_shape_is_read_too() {
    let Some(repology) = real("repology-oldstyle.json.zst") else { return };
    let all = import(&repology, &[]);
    let said = Said::read(&repology, &[]);
    let versions: usize = said.names().map(|name| said.entries[name]["version"].as_array().unwrap().len()).sum();
    let counted = |key: &str| all.source.counts[key];
    assert_eq!((counted("packages"), counted("virtuals")), (8_007, 45));
    // It lists deprecated versions too, and no commits.
    assert_eq!((counted("versions"), counted("with_content")), (versions as u64, 0));
    let gromacs = module(&all, "gromacs");
    let main = gromacs.releases.iter().find(|release| release.name.as_str() == "main").unwrap();
    let mirrors = &gromacs.mirrors.iter().find(|(ware, _)| main.items.values().any(|own| own == ware)).unwrap().1;
    assert_eq!(mirrors.iter().map(|m| m.as_str()).collect::<Vec<_>>(), ["https://gitlab.com/gromacs/gromacs.git"]);
    // With today's files of the packages, commits are known to the shape that has none.
    let rich = import(&repology, &real_packages());
    assert!(rich.source.counts["commits"] >= 3_209 && rich.source.counts["versions"] == versions as u64);
}
