//! The real data: what there is of it, in any order, compared with an independent reading.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;
use warecat::import::Import;
use warecat::model::order::newest_first;
use warecat::model::{Digest, ModuleProposal};

use super::import;
use crate::shared;

pub(crate) fn data(name: &str) -> Option<Vec<u8>> {
    let path: PathBuf = shared::data("spack")?.join(name);
    Some(zstd::decode_all(&std::fs::read(path).unwrap()[..]).unwrap())
}

/// The files of the packages.
pub(crate) fn packages() -> Vec<(String, Vec<u8>)> {
    let tar = data("packages-spack-io-data.tar.zst").unwrap();
    let mut found = Vec::new();
    for entry in tar::Archive::new(&tar[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        if let Some(name) = path.strip_prefix("packages/").filter(|name| name.ends_with(".json")) {
            let name = name.to_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.push((name, bytes));
        }
    }
    found
}

#[test]
fn quick() {
    let Some(repology) = data("repology.json.zst") else { return };
    let files = packages();
    let t = std::time::Instant::now();
    let all = import(&repology, &files);
    eprintln!("{:?} {:?}", t.elapsed(), all.source);
    eprintln!("{}", all.diagnostics.len());
    for d in &all.diagnostics {
        eprintln!("{} {} {} {}", d.code, d.file, d.path, d.message);
    }
    let one = all.modules.iter().find(|m| m.name.as_str() == "spack.io/zlib").unwrap();
    eprintln!("{one:#?}");
    let one = all.modules.iter().find(|m| m.name.as_str() == "spack.io/mpi").unwrap();
    eprintln!("{one:#?}");
}
