//! The importer of Spack's recipes: `repology.json` of packages.spack.io, alone or with
//! the files `packages/NAME.json` beside it, to proposals.
//!
//! | Spack | catalog |
//! | --- | --- |
//! | package | module `<prefix>/<package>` |
//! | version | release; item `src` where a checksum or commit is known, else `upstream` |
//! | virtual package | module with metadata `kind` = `virtual` and its providers, no releases |
//! | download and git URLs | mirrors |
//!
//! An entry of `repology.json` whose key is not its `name` is a virtual: upstream puts a
//! copy of one provider's entry there. The record `spack.recipe` of a module holds the
//! entry whole and the package's file, but for what upstream repeats there; that of a
//! virtual, `spack.virtual`, who provides it. Facts about the formats are those of
//! spack/packages.spack.io, `generate_packages.py`.
//!
//! Invariants: the same files in any order give an equal [`Import`]; a file that says more
//! adds items and changes none; one bad member costs that member.

mod address;
mod alias;
mod archive;
mod describe;
mod facts;
mod license;
mod members;
mod modules;
mod names;
mod notes;
mod package;
mod read;
mod record;
mod release;
mod version;

use std::collections::BTreeMap;

use self::modules::Entries;
use self::package::Package;
use self::read::Repology;
use crate::import::SourceError;
use crate::import::names::{KnownNames, assign};
use crate::import::report::{Diagnostics, Import};
use crate::model::ModuleName;

/// Largest `repology.json` that is read, in bytes; the largest real one has 18 MB.
pub const MAX_REPOLOGY: usize = 256 * 1024 * 1024;
/// Largest file of a package that is read, in bytes; the largest real one has 0.7 MB.
pub const MAX_PACKAGE: usize = 16 * 1024 * 1024;
/// Most files of packages; there are 8,052.
pub const MAX_PACKAGES: usize = 200_000;

/// Where recipes are imported to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name above all modules, `spack.io`.
    pub prefix: ModuleName,
}

impl Default for Options {
    fn default() -> Self {
        Self { prefix: "spack.io".parse().expect("it obeys the rules of names") }
    }
}

/// Takes `repology.json` and files of packages, in any order, and makes proposals of them.
#[derive(Debug)]
pub struct Importer {
    options: Options,
    known: KnownNames,
    repology: Option<Repology>,
    packages: BTreeMap<String, Package>,
    diagnostics: Diagnostics,
}

impl Importer {
    /// An importer that has read nothing; `known` are the modules that the catalog has.
    #[must_use]
    pub fn new(options: Options, known: KnownNames) -> Self {
        let (repology, packages, diagnostics) = Default::default();
        Self { options, known, repology, packages, diagnostics }
    }

    /// Reads `repology.json`; the bytes can be dropped afterwards. The name stands in
    /// diagnostics and in the source document.
    ///
    /// # Errors
    /// `source-invalid` when it is not JSON of that shape, or one was given before;
    /// `limit-exceeded`.
    pub fn add_repology(&mut self, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
        check_size(name, bytes, MAX_REPOLOGY)?;
        if self.repology.is_some() {
            return Err(SourceError::Repeated { file: name.to_owned() });
        }
        self.repology = Some(read::repology(name, bytes, &mut self.diagnostics)?);
        Ok(())
    }

    /// Reads the file of a package, `zlib.json`; what is not one is refused as a whole and
    /// told. The bytes can be dropped afterwards.
    ///
    /// # Errors
    /// `source-invalid` when a file of this name was given before; `limit-exceeded` when
    /// it is too large or there are too many.
    pub fn add_package(&mut self, name: &str, bytes: &[u8]) -> Result<(), SourceError> {
        check_size(name, bytes, MAX_PACKAGE)?;
        let Some(package) = name.strip_suffix(".json") else {
            self.diagnostics.refused(&package::file_name(name), "", "it is not named `NAME.json`");
            return Ok(());
        };
        if self.packages.contains_key(package) {
            return Err(SourceError::Repeated { file: name.to_owned() });
        }
        if self.packages.len() >= MAX_PACKAGES {
            let file = name.to_owned();
            return Err(SourceError::TooLarge { file, size: self.packages.len() + 1, limit: MAX_PACKAGES });
        }
        let read = package::read(name, bytes, &mut self.diagnostics);
        self.packages.insert(package.to_owned(), read);
        Ok(())
    }

    /// Reads what packages.spack.io publishes as one file: `repology.json`, or a tar
    /// archive with it or with `packages/NAME.json`; the bytes tell which. Says how many
    /// files were taken. The bytes can be dropped afterwards.
    ///
    /// # Errors
    /// As [`Importer::add_repology`] and [`Importer::add_package`]; `source-invalid` when
    /// an archive is damaged or holds nothing of this.
    pub fn add_file(&mut self, name: &str, bytes: &[u8]) -> Result<usize, SourceError> {
        if !archive::is_archive(bytes) {
            return self.add_repology(name, bytes).map(|()| 1);
        }
        match archive::read(name, bytes, self)? {
            0 => {
                let reason = "it holds neither `repology.json` nor `packages/NAME.json`";
                Err(SourceError::KindUnknown { file: name.to_owned(), reason })
            }
            taken => Ok(taken),
        }
    }

    /// Tells that the file of a package was looked for and is not there.
    pub fn add_missing(&mut self, package: &str) {
        let file = package::file_name(&format!("{package}.json"));
        self.diagnostics.odd(&file, "", "it is not there, so only `repology.json` speaks of the package");
    }

    /// Whether `repology.json` was read.
    #[must_use]
    pub fn has_repology(&self) -> bool {
        self.repology.is_some()
    }

    /// The packages and virtuals that `repology.json` names: each has a file of its own.
    pub fn package_names(&self) -> impl Iterator<Item = &str> {
        self.repology.iter().flat_map(|repology| repology.entries.keys().map(String::as_str))
    }

    /// Makes proposals of all that was read; without a `repology.json` there are none.
    #[must_use]
    pub fn finish(self) -> Import {
        let Self { options, known, repology, packages, mut diagnostics } = self;
        let repology = repology.unwrap_or_default();
        let files = facts::files(&repology, &packages);
        let entries = Entries::of(repology, packages, &mut diagnostics);
        let names = assign(&options.prefix, &entries.spellings(), &known).unwrap_or_default();
        let mut modules = entries.into_modules(&names);
        modules.sort_by(|a, b| a.name.cmp(&b.name));
        let source = facts::of_source(files, &modules);
        Import { modules, diagnostics: diagnostics.into_sorted(), source }
    }
}

fn check_size(name: &str, bytes: &[u8], limit: usize) -> Result<(), SourceError> {
    match bytes.len() {
        size if size > limit => Err(SourceError::TooLarge { file: name.to_owned(), size, limit }),
        _ => Ok(()),
    }
}
