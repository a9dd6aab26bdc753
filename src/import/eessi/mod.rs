//! The EESSI importer: the JSON files of EESSI's API to proposals.
//!
//! | EESSI | catalog |
//! | --- | --- |
//! | software of an EESSI version | module `<prefix>/<EESSI version>/<name>` |
//! | an installed version | release, named as its environment module's version |
//! | CPU target, or accelerator on it | item; a `cvmfs` ware, see [`crate::model::Location`] |
//! | required modules | inputs of a derived replay |
//! | extension | module `<prefix>/<EESSI version>/ext/<kind>/<name>` |
//! | its version in a parent | release `<version>-<parent>-<parent's version>` with the parent's items |
//!
//! Names follow [`crate::import::names`]; each file below says what it decides. Records:
//! `eessi.version` is an installed version, whole; `eessi.software` the fields of an entry
//! beside its versions; `eessi.extension` what a version of an extension says otherwise
//! than its parent. Kept nowhere: what upstream makes from an unordered set, the pairs of
//! letters that it makes of R's built-in packages, passwords in URLs.
//!
//! Invariants: the same files in any order give an equal [`Import`]; a new target upstream
//! changes no ware, no name and (see `replay.rs`) no replay. Memory beside the bytes of
//! the file at hand grows with what is different in the files, not with their size.

mod describe;
mod entry;
mod extension;
mod file;
mod hashes;
mod kind;
mod propose;
mod replay;
mod required;
mod software;
mod stack;
mod target;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use self::entry::Reader;
use self::file::RawFile;
use self::software::Stock;
use self::texts::{Texts, Values};
use super::SourceError;
use super::names::KnownNames;
use super::report::{Diagnostics, Import, SourceFacts};
use crate::model::{Map, ModuleName, ModuleProposal, SourceFile, Value};

pub use self::hashes::{Checked, Hashes, Published};
pub use self::kind::{ExtensionKind, FileKind, KindError};

/// Largest file that is read, in bytes; the largest real one has 137 MB.
pub const MAX_FILE: usize = 1024 * 1024 * 1024;

/// What is imported, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name above all modules, `eessi.io`.
    pub prefix: ModuleName,
    /// Only this EESSI version (`2023.06`, `2025.06-001`); all when absent.
    pub eessi_version: Option<String>,
    /// Whether extensions are imported.
    pub extensions: bool,
}

impl Default for Options {
    fn default() -> Self {
        let prefix = "eessi.io".parse().expect("it obeys the rules of names");
        Self { prefix, eessi_version: None, extensions: true }
    }
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// What it holds.
    pub kind: FileKind,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The members of its `software` that could be read.
    pub entries: usize,
    /// Their versions.
    pub versions: usize,
    /// Whether it was left out, since extensions are not asked for.
    pub is_skipped: bool,
}

/// A file that was read, not yet understood.
#[derive(Debug)]
struct ReadFile {
    name: String,
    kind: FileKind,
    raw: RawFile,
    /// The keys of its `architectures_map`.
    keys: Vec<String>,
    timestamp: Option<String>,
    source: SourceFile,
}

/// Takes files one by one, in any order, and makes proposals of them all.
#[derive(Debug)]
pub struct Importer {
    options: Options,
    known: KnownNames,
    texts: Texts,
    files: BTreeMap<String, ReadFile>,
    diagnostics: Diagnostics,
}

impl Importer {
    /// An importer that has read nothing; `known` are the modules that the catalog has.
    #[must_use]
    pub fn new(options: Options, known: KnownNames) -> Self {
        let (texts, files, diagnostics) = Default::default();
        Self { options, known, texts, files, diagnostics }
    }

    /// Reads a file; what it holds is told by its name, or else by its content. The name
    /// stands in diagnostics and in the source document, so it should hold no path of a
    /// machine; the bytes can be dropped afterwards.
    ///
    /// # Errors
    /// `source-invalid` when it is not JSON of the API's shape, was given before, or is of
    /// extensions whose kind its name does not tell; `limit-exceeded`.
    pub fn add_file(&mut self, name: &str, bytes: &[u8]) -> Result<FileReport, SourceError> {
        self.add(name, FileKind::of_name(name), bytes)
    }

    /// Reads a file that holds `kind`, whatever its name.
    ///
    /// # Errors
    /// As [`Importer::add_file`].
    pub fn add_file_as(&mut self, name: &str, kind: FileKind, bytes: &[u8]) -> Result<FileReport, SourceError> {
        self.add(name, Some(kind), bytes)
    }

    fn add(&mut self, name: &str, kind: Option<FileKind>, bytes: &[u8]) -> Result<FileReport, SourceError> {
        let file = name.to_owned();
        if bytes.len() > MAX_FILE {
            return Err(SourceError::TooLarge { file, size: bytes.len(), limit: MAX_FILE });
        }
        if self.files.contains_key(name) {
            return Err(SourceError::Repeated { file });
        }
        let sha256 = hex(&Sha256::digest(bytes));
        if let (Some(kind @ FileKind::Extension(_)), false) = (&kind, self.options.extensions) {
            return Ok(FileReport { kind: kind.clone(), sha256, entries: 0, versions: 0, is_skipped: true });
        }
        let raw = file::read(name, bytes, &mut self.texts, &mut self.diagnostics)?;
        let kind = match kind {
            Some(kind) => kind,
            None if self.has_parents(&raw) => {
                let reason =
                    "it holds extensions, and its name does not tell of which kind: name it `…_ext-<kind>.json`";
                return Err(SourceError::KindUnknown { file, reason });
            }
            None => FileKind::Software,
        };
        let entries = raw.software.len();
        let versions = raw.software.iter().map(|entry| entry.versions.len()).sum();
        let read = self.read_file(file, kind.clone(), raw, sha256.clone(), bytes.len());
        self.files.insert(name.to_owned(), read);
        Ok(FileReport { kind, sha256, entries, versions, is_skipped: false })
    }

    /// Whether any version names a parent, as only extensions do.
    fn has_parents(&self, raw: &RawFile) -> bool {
        let parent = self.texts.find("parent_software");
        let mut versions = raw.software.iter().flat_map(|entry| &entry.versions);
        parent.is_some() && versions.any(|(_, fields)| fields.iter().any(|(key, _)| Some(*key) == parent))
    }

    fn read_file(&mut self, name: String, kind: FileKind, mut raw: RawFile, sha256: String, size: usize) -> ReadFile {
        let mut header = Map::new();
        for (key, text) in std::mem::take(&mut raw.header) {
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => drop(header.insert(key, value)),
                Err(error) => {
                    let path = crate::text::shown(&key).to_string();
                    self.diagnostics.refused(&name, path, format!("it cannot be read: {error}"));
                }
            }
        }
        let keys = match header.get("architectures_map") {
            Some(Value::Map(map)) => map.keys().filter(|key| stack::is_version(key)).cloned().collect(),
            _ => Vec::new(),
        };
        let timestamp = header.get("timestamp").and_then(Value::as_text).filter(|text| moment(text).is_some());
        let timestamp = timestamp.map(str::to_owned);
        let header = (!header.is_empty()).then_some(Value::Map(header));
        let source = SourceFile { name: name.clone(), sha256, size: size as u64, header };
        ReadFile { name, kind, raw, keys, timestamp, source }
    }

    /// Makes proposals of all files that were read.
    #[must_use]
    pub fn finish(self) -> Import {
        let Self { options, known, texts, files, diagnostics } = self;
        let mut reader = Reader::new(Values::new(&texts), diagnostics);
        let wanted = options.eessi_version.as_deref();
        let (mut software, mut others) = (Vec::new(), Vec::new());
        for file in files.values() {
            match &file.kind {
                FileKind::Software => software.push(file),
                FileKind::Extension(kind) => others.push((kind, file)),
            }
        }
        let stock = Stock::read(&software, wanted, &mut reader);
        let extensions = extension::read(&others, wanted, &stock, &mut reader);
        let pairs = stock.all.iter().map(|one| (one.facts.stack.version.clone(), one.software));
        let names = propose::Names::assign(&options.prefix, pairs, &known);
        let pairs = extensions.iter().map(|one| (propose::extension_scope(one, &stock), one.name));
        let extension_names = propose::Names::assign(&options.prefix, pairs, &known);
        let mut modules = propose::software(&stock, &names, &mut reader);
        modules.extend(propose::extensions(&extensions, &stock, &extension_names, &names, &mut reader));
        modules.sort_by(|a, b| a.name.cmp(&b.name));
        let source = source_facts(&stock, &modules, files.values());
        Import { modules, diagnostics: reader.diagnostics.into_sorted(), source }
    }
}

fn source_facts<'f>(
    stock: &Stock<'_>,
    modules: &[ModuleProposal],
    files: impl Iterator<Item = &'f ReadFile> + Clone,
) -> SourceFacts {
    let versions: BTreeSet<&str> = stock.all.iter().map(|one| one.facts.stack.version.as_str()).collect();
    let versions: Vec<&str> = versions.into_iter().collect();
    let newest = files.clone().filter_map(|file| file.timestamp.as_deref()).max_by_key(|text| moment(text));
    let names: BTreeSet<&str> = stock.all.iter().map(|one| one.software).collect();
    let wares: usize = stock.all.iter().map(|one| one.wares.len()).sum();
    let releases: usize = modules.iter().map(|module| module.releases.len()).sum();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for module in modules.iter().filter(|module| module.kind != "software") {
        *kinds.entry(module.kind).or_default() += module.releases.len();
    }
    let fixed = [("modules", modules.len()), ("releases", releases), ("wares", wares), ("software", names.len())];
    let counts = fixed.into_iter().chain(kinds).map(|(name, count)| (name.to_owned(), count as u64)).collect();
    SourceFacts {
        kind: "eessi",
        version: (!versions.is_empty()).then(|| versions.join(crate::model::metadata::LIST_SEPARATOR)),
        timestamp: newest.map(str::to_owned),
        files: files.map(|file| file.source.clone()).collect(),
        counts,
    }
}

/// A time stamp in UTC as something that sorts by time; nothing for any other text.
fn moment(text: &str) -> Option<(&str, &str)> {
    let local = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(text);
    let (second, fraction) = local.split_once('.').unwrap_or((local, ""));
    let is_digit = |b: u8| b.is_ascii_digit();
    let shape = |(b, p): (u8, u8)| if p == b'0' { is_digit(b) } else { b == p };
    let is_second = second.len() == 19 && second.bytes().zip(*b"0000-00-00T00:00:00").all(shape);
    (is_second && fraction.bytes().all(is_digit)).then(|| (second, fraction.trim_end_matches('0')))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a `String` does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
