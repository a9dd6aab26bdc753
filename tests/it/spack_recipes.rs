//! The importer of Spack's recipes: odd shapes on small entries of our own, hostile input,
//! and the real data where it is at hand.

mod full;

use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::import::spack::recipe::{Importer, Options};

/// Imports `repology.json` and files of packages, each with its name.
fn import(repology: &[u8], packages: &[(String, Vec<u8>)]) -> Import {
    let mut importer = Importer::new(Options::default(), KnownNames::new());
    importer.add_repology("repology.json", repology).unwrap();
    for (name, bytes) in packages {
        importer.add_package(name, bytes).unwrap();
    }
    importer.finish()
}
