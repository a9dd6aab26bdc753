//! The importer of Spack's recipes: odd shapes on small entries of our own, hostile input,
//! and the real data where it is at hand, as proposals and in a catalog.

mod catalog;
mod full;
mod hostile;
mod traps;

use std::io::Read;

use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::import::spack::recipe::{Importer, Options};
use warecat::model::ModuleProposal;

use crate::shared;

/// Files of packages, each with its name.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Imports `repology.json` and files of packages.
pub(crate) fn import(repology: &[u8], packages: &[(String, Vec<u8>)]) -> Import {
    import_knowing(repology, packages, KnownNames::new())
}

fn import_knowing(repology: &[u8], packages: &[(String, Vec<u8>)], known: KnownNames) -> Import {
    let mut importer = Importer::new(Options::default(), known);
    importer.add_repology("repology.json", repology).unwrap();
    for (name, bytes) in packages {
        importer.add_package(name, bytes).unwrap();
    }
    importer.finish()
}

fn module<'i>(import: &'i Import, name: &str) -> &'i ModuleProposal {
    let name = format!("spack.io/{name}");
    import.modules.iter().find(|module| module.name.as_str() == name).unwrap_or_else(|| panic!("no {name}"))
}

/// A packed file of the real data.
pub(crate) fn real(name: &str) -> Option<Vec<u8>> {
    let path = shared::data("spack")?.join(name);
    Some(zstd::decode_all(&std::fs::read(path).unwrap()[..]).unwrap())
}

/// The files of the real data's packages.
pub(crate) fn real_packages() -> Files {
    let tar = real("packages-spack-io-data.tar.zst").unwrap();
    let mut found = Vec::new();
    for entry in tar::Archive::new(&tar[..]).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        if let Some(name) = path.strip_prefix("packages/").filter(|name| name.ends_with(".json")) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.push((name.to_owned(), bytes));
        }
    }
    found
}
