//! Concrete specs: hashes verified, graphs walked, odd and hostile documents.

use std::collections::BTreeSet;
use std::path::Path;

use warecat::import::names::KnownNames;
use warecat::import::spack::spec::{Importer, Options, Proof};

use crate::shared;

fn importer() -> Importer {
    Importer::new(Options::new("specs.spack.io".parse().unwrap()), KnownNames::new())
}

fn add(importer: &mut Importer, path: &Path) -> usize {
    let name = path.file_name().unwrap().to_str().unwrap();
    importer.add_file(name, &std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn every_hash_of_the_real_specs_holds() {
    let Some(folder) = shared::data("spack") else { return };
    let mut all = importer();
    let mut nodes = 0;
    let mut paths: Vec<_> =
        std::fs::read_dir(folder.join("specs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.push(folder.join("index-real-specs.json"));
    paths.push(folder.join("env-spack.lock.json"));
    for path in &paths {
        nodes += add(&mut all, path);
    }
    assert!(all.graph().nodes().all(|node| node.proof == Proof::Whole));
    let distinct = all.graph().len();
    let import = all.finish();
    assert_eq!(import.diagnostics, Vec::new());
    eprintln!("{nodes} nodes, {distinct} distinct, {:?}", import.source.counts);
    let names: BTreeSet<&str> = import.modules.iter().map(|module| module.name.as_str()).collect();
    assert!(names.contains("specs.spack.io/gromacs"));
}
