//! Reading Spack's recipes: from what packages.spack.io publishes to what the catalog
//! imports.

use std::collections::BTreeSet;

use rayon::prelude::*;
use warecat::catalog::Catalog;
use warecat::code::Code;
use warecat::import::names::KnownNames;
use warecat::import::spack::recipe::{Importer, MAX_PACKAGE, Options};
use warecat::mirror::{FetchError, FetchOptions, Fetched, Fetcher, Location};
use warecat::model::{Diagnostic, ModuleName, metadata};

use super::failure::Failure;
use super::job::{Gathered, first_url, known_names, spellings};
use super::ui::Ui;

const REPOLOGY: &str = "repology.json";
const PACKAGES: &str = "packages";
/// The folder that packages.spack.io publishes both in.
const DATA: &str = "data";
/// The endings that a file may be packed with.
const ENDINGS: [&str; 3] = ["", ".zst", ".gz"];
/// So many files of packages are fetched before they are read: what bounds the memory.
const AT_ONCE: usize = 32;

/// One reading of the source.
pub(crate) struct Reading<'a> {
    /// Files, folders, archives or URLs.
    pub(crate) locations: &'a [Location],
    /// Where to import to.
    pub(crate) options: Options,
    /// How to fetch.
    pub(crate) fetch: FetchOptions,
}

impl Reading<'_> {
    /// Reads the source.
    pub(crate) fn gather(&self, catalog: &Catalog, ui: &Ui) -> Result<Gathered, Failure> {
        let prefix = self.options.prefix.clone();
        let spellings = spellings(catalog, &prefix)?;
        let known: KnownNames = known_names(&spellings);
        let bar = ui.progress("files read");
        let mut source = Source {
            fetcher: Fetcher::new(self.fetch.clone()),
            package_fetcher: Fetcher::new(package_options(&self.fetch)),
            importer: Importer::new(self.options.clone(), known),
            tick: &|count| bar.inc(count),
        };
        for location in self.locations {
            source.read(location)?;
        }
        bar.finish_and_clear();
        if !source.importer.has_repology() {
            let message = "the source has no `repology.json`, which says what packages there are";
            return Err(Failure::new(Code::SourceInvalid, message));
        }
        let import = source.importer.finish();
        let refused = refused(&import.diagnostics);
        let mut spellings = spellings;
        spellings.extend(import.modules.iter().filter_map(|module| {
            let spelling = module.metadata.get(metadata::NAME)?;
            Some((module.name.clone(), spelling.clone()))
        }));
        let covers = move |name: &ModuleName| {
            let spelling = spellings.get(name).map_or(name.last_segment(), String::as_str);
            is_directly_below(name, &prefix) && !refused.contains(spelling)
        };
        Ok(Gathered { import, covers: Box::new(covers), url: first_url(self.locations) })
    }
}

fn package_options(fetch: &FetchOptions) -> FetchOptions {
    let mut options = fetch.clone();
    options.limits.max_raw = MAX_PACKAGE as u64;
    options.limits.max_content = MAX_PACKAGE as u64;
    options
}

fn is_directly_below(name: &ModuleName, prefix: &ModuleName) -> bool {
    name.is_within(prefix) && name.segments().count() == prefix.segments().count() + 1
}

/// The packages of which something was refused: what is refused is not dropped.
fn refused(diagnostics: &[Diagnostic]) -> BTreeSet<String> {
    let refused = diagnostics.iter().filter(|diagnostic| diagnostic.code == Code::EntryRefused);
    refused.filter_map(|diagnostic| entry(&diagnostic.path).or_else(|| package(&diagnostic.file))).collect()
}

/// The entry that a diagnostic's path lies in: `packages["zlib"].version[3]`.
fn entry(path: &str) -> Option<String> {
    let quoted = path.strip_prefix("packages[")?;
    serde_json::Deserializer::from_str(quoted).into_iter::<String>().next()?.ok()
}

/// The package whose file has this name: `packages/zlib.json`.
fn package(file: &str) -> Option<String> {
    file.strip_prefix("packages/")?.strip_suffix(".json").map(str::to_owned)
}

/// What reads one location after the other.
struct Source<'a> {
    fetcher: Fetcher,
    /// What fetches the files of packages: many at once, so small ones only.
    package_fetcher: Fetcher,
    importer: Importer,
    tick: &'a dyn Fn(u64),
}

impl Source<'_> {
    fn read(&mut self, location: &Location) -> Result<(), Failure> {
        if !location.is_folder() {
            let fetched = self.fetcher.fetch(location)?;
            let name = plain_name(&location.file_name().unwrap_or_default()).to_owned();
            return self.add_file(&name, &fetched);
        }
        if !self.read_folder(location)? {
            self.read_folder(&location.join(DATA)?)?;
        }
        Ok(())
    }

    /// Reads a folder with `repology.json`, `packages/` or both; says whether it has any.
    fn read_folder(&mut self, folder: &Location) -> Result<bool, Failure> {
        let has_repology = self.read_repology(folder)?;
        let packages = folder.join(PACKAGES)?;
        match packages.as_path() {
            Some(path) if path.is_dir() => self.read_listed(&packages)?,
            None if has_repology => self.read_named(folder)?,
            _ => return Ok(has_repology),
        }
        Ok(true)
    }

    /// Reads `repology.json` of a folder, the first of its packings; says whether there
    /// is one.
    fn read_repology(&mut self, folder: &Location) -> Result<bool, Failure> {
        for ending in ENDINGS {
            if let Some(fetched) = self.fetcher.fetch_optional(&folder.join(&format!("{REPOLOGY}{ending}"))?)? {
                self.add_file(REPOLOGY, &fetched)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn add_file(&mut self, name: &str, fetched: &Fetched) -> Result<(), Failure> {
        if fetched.looks_like_html() {
            let message =
                format!("{} is a web page, not what Spack publishes: `{}`", fetched.location, fetched.first_line());
            return Err(Failure::new(Code::SourceInvalid, message));
        }
        let taken = self.importer.add_file(name, &fetched.bytes)?;
        (self.tick)(taken as u64);
        Ok(())
    }

    /// Reads all files of packages in a local folder.
    fn read_listed(&mut self, packages: &Location) -> Result<(), Failure> {
        let listing = warecat::mirror::list(packages)?.unwrap_or_default();
        let files = listing.files.iter().filter(|name| plain_name(name).ends_with(".json"));
        let mut files: Vec<(String, Location)> = files
            .map(|name| Ok((plain_name(name).to_owned(), packages.join(name)?)))
            .collect::<Result<_, Failure>>()?;
        // Of a file that is there plain and packed, the first is read.
        files.dedup_by(|later, kept| later.0 == kept.0);
        self.read_packages(&files)
    }

    /// Asks a server for the file of each package that `repology.json` names.
    fn read_named(&mut self, folder: &Location) -> Result<(), Failure> {
        let names: Vec<String> = self.importer.package_names().map(|name| format!("{name}.json")).collect();
        let files: Vec<(String, Location)> = names
            .into_iter()
            .map(|name| {
                let at = folder.join(&format!("{PACKAGES}/{name}"))?;
                Ok((name, at))
            })
            .collect::<Result<_, Failure>>()?;
        self.read_packages(&files)
    }

    /// Fetches files in parallel and reads them in their order.
    fn read_packages(&mut self, files: &[(String, Location)]) -> Result<(), Failure> {
        for part in files.chunks(AT_ONCE) {
            let fetched: Vec<Result<Option<Fetched>, FetchError>> =
                part.par_iter().map(|(_, at)| self.package_fetcher.fetch_optional(at)).collect();
            for ((name, _), fetched) in part.iter().zip(fetched) {
                match fetched? {
                    Some(fetched) => self.importer.add_package(name, &fetched.bytes)?,
                    None => self.importer.add_missing(name.trim_end_matches(".json")),
                }
            }
            (self.tick)(part.len() as u64);
        }
        Ok(())
    }
}

/// A file's name without the ending of a compression.
fn plain_name(name: &str) -> &str {
    name.strip_suffix(".zst").or_else(|| name.strip_suffix(".gz")).unwrap_or(name)
}
