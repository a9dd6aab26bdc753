//! Reading an EESSI source: from its files to what the catalog imports.

use std::collections::{BTreeMap, BTreeSet};

use warecat::catalog::Catalog;
use warecat::code::Code;
use warecat::import::eessi::{Checked, FileKind, Hashes, Importer, Options};
use warecat::import::{Import, SourceFacts};
use warecat::mirror::{FetchOptions, Fetcher, Location};
use warecat::model::{ModuleName, Value};

use super::failure::Failure;
use super::job::{Gathered, first_url, known_names, spellings};
use super::ui::Ui;

/// The names of EESSI's API files, without their endings.
const KINDS: [&str; 7] = ["software", "ext-python", "ext-r", "ext-perl", "ext-ruby", "ext-octave", "ext-component"];
const HASHES: &str = "hashes.json";

/// One reading of the source.
pub(crate) struct Reading<'a> {
    /// Files, folders or URLs.
    pub(crate) locations: &'a [Location],
    /// What to import, and where to.
    pub(crate) options: Options,
    /// How to fetch.
    pub(crate) fetch: FetchOptions,
}

impl Reading<'_> {
    /// Reads the source.
    pub(crate) fn gather(&self, catalog: &Catalog, ui: &Ui) -> Result<Gathered, Failure> {
        let spellings = spellings(catalog, &self.options.prefix)?;
        let mut importer = Importer::new(self.options.clone(), known_names(&spellings));
        let mut scope = Scope::new(&self.options, spellings);
        let fetcher = Fetcher::new(self.fetch.clone());
        let bar = ui.progress("files read");
        for location in self.locations {
            self.read(location, &fetcher, &mut importer, &mut scope, &mut || bar.inc(1))?;
        }
        bar.finish_and_clear();
        if !scope.has_software {
            let message = "the source has no `eessi_api_metadata_software.json`, which every other file builds on";
            return Err(Failure::new(Code::SourceInvalid, message));
        }
        let import = importer.finish();
        let Import { modules, diagnostics, source } = &import;
        if let (Some(version), true) = (&self.options.eessi_version, modules.is_empty() && diagnostics.is_empty()) {
            return Err(no_such_version(version, source));
        }
        for name in &scope.unhashed {
            ui.warn(format!("`{name}` has no published hash in `{HASHES}`"));
        }
        scope.versions.extend(modules.iter().filter_map(|module| version_of(&self.options.prefix, &module.name)));
        scope.refused =
            diagnostics.iter().filter(|d| d.code == Code::EntryRefused).filter_map(|d| entry(&d.path)).collect();
        Ok(Gathered { import, covers: Box::new(move |name| scope.covers(name)), url: first_url(self.locations) })
    }

    /// Reads the files of one location, each checked against its published hash.
    fn read(
        &self,
        location: &Location,
        fetcher: &Fetcher,
        importer: &mut Importer,
        scope: &mut Scope,
        tick: &mut dyn FnMut(),
    ) -> Result<(), Failure> {
        let (hashes, files) = files_of(location, fetcher, self.options.extensions)?;
        for (name, at, is_needed) in files {
            let fetched = if is_needed { Some(fetcher.fetch(&at)?) } else { fetcher.fetch_optional(&at)? };
            let Some(fetched) = fetched else { continue };
            if fetched.looks_like_html() {
                let message = format!("{at} is a web page, not the API's JSON: `{}`", fetched.first_line());
                return Err(Failure::new(Code::SourceInvalid, message));
            }
            let report = importer.add_file(&name, &fetched.bytes)?;
            if let Some(hashes) = &hashes
                && hashes.check(&name, &report.sha256)? == Checked::NotListed
            {
                scope.unhashed.push(name.clone());
            }
            scope.add(&report.kind, report.is_skipped);
            tick();
        }
        Ok(())
    }
}

/// A version that a person asked for and that no entry is of: more likely misspelt than
/// empty.
fn no_such_version(version: &str, source: &SourceFacts) -> Failure {
    let failure = Failure::new(Code::NotFound, format!("the source has nothing of the EESSI version `{version}`"));
    let headers = source.files.iter().filter_map(|file| file.header.as_ref()?.get("architectures_map"));
    let keys = headers.filter_map(|value| match value {
        Value::Map(map) => Some(map.keys()),
        _ => None,
    });
    let known: BTreeSet<String> = keys.flatten().map(|key| format!("`{key}`")).collect();
    if known.is_empty() {
        return failure;
    }
    failure.with_hint(format!("there is {}", known.into_iter().collect::<Vec<_>>().join(", ")))
}

type Files = Vec<(String, Location, bool)>;

/// The files of a location with their names, and whether each must be there; and the
/// published hashes beside them.
fn files_of(location: &Location, fetcher: &Fetcher, extensions: bool) -> Result<(Option<Hashes>, Files), Failure> {
    if !location.is_folder() {
        let name = plain_name(&location.file_name().unwrap_or_default()).to_owned();
        let hashes = match location.as_path().map(|path| path.with_file_name(HASHES)) {
            Some(path) if path.is_file() => read_hashes(&Location::from_path(&path)?, fetcher)?,
            _ => None,
        };
        return Ok((hashes, vec![(name, location.clone(), true)]));
    }
    let hashes = read_hashes(&location.join(HASHES)?, fetcher)?;
    let mut files = Vec::new();
    match warecat::mirror::list(location)? {
        Some(listing) => {
            for name in listing.files.iter().filter(|name| is_api_file(plain_name(name), extensions)) {
                files.push((plain_name(name).to_owned(), location.join(name)?, true));
            }
        }
        None => {
            for kind in KINDS.iter().filter(|kind| extensions || **kind == "software") {
                let name = format!("eessi_api_metadata_{kind}.json");
                files.push((name.clone(), location.join(&name)?, *kind == "software"));
            }
        }
    }
    // Of a file that is there plain and packed, the first is read.
    files.dedup_by(|later, kept| later.0 == kept.0);
    Ok((hashes, files))
}

fn read_hashes(at: &Location, fetcher: &Fetcher) -> Result<Option<Hashes>, Failure> {
    Ok(fetcher.fetch_optional(at)?.map(|fetched| Hashes::parse(&fetched.bytes)).transpose()?)
}

/// A file's name without the ending of a compression.
fn plain_name(name: &str) -> &str {
    name.strip_suffix(".zst").or_else(|| name.strip_suffix(".gz")).unwrap_or(name)
}

fn is_api_file(name: &str, extensions: bool) -> bool {
    name.starts_with("eessi_api_metadata") && name.ends_with(".json") && (extensions || !name.contains("_ext-"))
}

/// What the files that were read speak of.
struct Scope {
    prefix: ModuleName,
    versions: BTreeSet<String>,
    kinds: BTreeSet<String>,
    has_software: bool,
    unhashed: Vec<String>,
    /// Upstream's spelling of the modules that are there.
    spellings: BTreeMap<ModuleName, String>,
    /// Upstream's entries of which something was refused: what is refused is not dropped.
    refused: BTreeSet<String>,
}

impl Scope {
    fn new(options: &Options, spellings: BTreeMap<ModuleName, String>) -> Self {
        let (versions, kinds, unhashed, refused) = Default::default();
        let prefix = options.prefix.clone();
        Self { prefix, versions, kinds, has_software: false, unhashed, spellings, refused }
    }

    fn add(&mut self, kind: &FileKind, is_skipped: bool) {
        match kind {
            FileKind::Software => self.has_software = true,
            FileKind::Extension(kind) if !is_skipped => drop(self.kinds.insert(kind.to_string())),
            FileKind::Extension(_) => {}
        }
    }

    /// Whether a module's absence from the files means that upstream dropped it.
    fn covers(&self, name: &ModuleName) -> bool {
        if self.spellings.get(name).is_some_and(|spelling| self.refused.contains(spelling)) {
            return false;
        }
        let Some(rest) = name.as_str().strip_prefix(self.prefix.as_str()) else { return false };
        match rest.split('/').collect::<Vec<_>>().as_slice() {
            ["", version, "ext", kind, _] => self.versions.contains(*version) && self.kinds.contains(*kind),
            ["", version, _] => self.has_software && self.versions.contains(*version),
            _ => false,
        }
    }
}

/// The EESSI version in a module's name.
fn version_of(prefix: &ModuleName, name: &ModuleName) -> Option<String> {
    name.as_str().strip_prefix(prefix.as_str())?.split('/').nth(1).map(str::to_owned)
}

/// The entry that a diagnostic's path lies in: `software["GROMACS"].versions[0]`.
fn entry(path: &str) -> Option<String> {
    let quoted = path.strip_prefix("software[")?;
    serde_json::Deserializer::from_str(quoted).into_iter::<String>().next()?.ok()
}
