//! `repology.json` in one pass over its bytes.
//!
//! The outer shape is `{header…, "packages": {name: {fields…}}}`. An entry is taken as
//! JSON text and then read for itself, so that what cannot be read (a lone surrogate, a
//! key that stands twice, a number that is too large) costs that entry only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::MAX_PACKAGES;
use super::names::is_package;
use super::notes::{Notes, entry_path};
use crate::import::SourceError;
use crate::import::report::{Diagnostics, quoted};
use crate::model::{Digest, Map, SourceFile, Value};

/// The field that holds the entries.
const PACKAGES: &str = "packages";
/// Longest text of an entry, in bytes; the longest real one has 86 kB.
const MAX_ENTRY: usize = 4 * 1024 * 1024;
/// Most fields around the entries; real files have 3.
const MAX_HEADER: usize = 64;

/// What the file holds, not yet understood.
#[derive(Debug, Default)]
pub(super) struct Repology {
    /// The file; nothing where none was read.
    pub(super) file: Option<SourceFile>,
    /// The entries that could be read, by their keys.
    pub(super) entries: BTreeMap<String, Value>,
    /// The keys of those that could not.
    pub(super) refused: BTreeSet<String>,
}

impl Repology {
    /// The file's name.
    pub(super) fn name(&self) -> &str {
        self.file.as_ref().map_or("", |file| file.name.as_str())
    }
}

/// Reads the file.
pub(super) fn repology(name: &str, bytes: &[u8], diagnostics: &mut Diagnostics) -> Result<Repology, SourceError> {
    let text = std::str::from_utf8(bytes).map_err(|error| SourceError::utf8(name, bytes, error))?;
    let mut reader = Reader {
        file: name,
        diagnostics,
        header: Map::new(),
        entries: BTreeMap::new(),
        refused: BTreeSet::new(),
        has_packages: false,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(Top(&mut reader))
        .and_then(|()| json.end())
        .map_err(|error| SourceError::json(name, &error))?;
    let Reader { header, entries, refused, has_packages, .. } = reader;
    if !has_packages {
        let reason = "it has no map `packages`, so it is no `repology.json`";
        return Err(SourceError::KindUnknown { file: name.to_owned(), reason });
    }
    let header = (!header.is_empty()).then_some(Value::Map(header));
    let sha256 = Digest::of(bytes).hex();
    let file = SourceFile { name: name.to_owned(), sha256, size: bytes.len() as u64, header };
    Ok(Repology { file: Some(file), entries, refused })
}

/// The text of a key, which serde_json gives with its quotes.
pub(super) fn decoded(key: &RawValue) -> Result<String, serde_json::Error> {
    serde_json::from_str(key.get())
}

struct Reader<'r> {
    file: &'r str,
    diagnostics: &'r mut Diagnostics,
    header: Map<String, Value>,
    entries: BTreeMap<String, Value>,
    refused: BTreeSet<String>,
    has_packages: bool,
}

impl Reader<'_> {
    fn notes(&mut self, path: String) -> Notes<'_> {
        Notes::new(self.file, path, self.diagnostics)
    }

    fn keep_header(&mut self, key: String, text: &RawValue) -> Result<(), String> {
        let path = crate::text::shown(&key).to_string();
        if self.header.contains_key(&key) {
            return Err(format!("the key `{path}` stands twice"));
        }
        match serde_json::from_str(text.get()) {
            _ if self.header.len() >= MAX_HEADER => self.notes(path).refused("", "it is one field too many"),
            Ok(value) => drop(self.header.insert(key, value)),
            Err(error) => self.notes(path).refused("", format!("it cannot be read: {}", without_place(&error))),
        }
        Ok(())
    }

    fn keep_entry(&mut self, key: String, text: &RawValue) {
        match read_entry(&key, text) {
            Ok(entry) => drop(self.entries.insert(key, entry)),
            Err(message) => self.refuse_entry(key, message),
        }
    }

    fn refuse_entry(&mut self, key: String, message: String) {
        self.notes(entry_path(&key)).refused("", message);
        self.entries.remove(&key);
        self.refused.insert(key);
    }
}

fn read_entry(key: &str, text: &RawValue) -> Result<Value, String> {
    if !is_package(key) {
        return Err(format!("{} is not the name of a package", quoted(key)));
    }
    if text.get().len() > MAX_ENTRY {
        return Err(format!("its {} bytes are more than the limit of {MAX_ENTRY}", text.get().len()));
    }
    match serde_json::from_str(text.get()) {
        Ok(value @ Value::Map(_)) => Ok(value),
        Ok(_) => Err("it is not a map".to_owned()),
        Err(error) => Err(format!("it cannot be read: {}", without_place(&error))),
    }
}

/// The message of an error in a part of a file: its line and column mean nothing.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned()
}

struct Top<'t, 'r>(&'t mut Reader<'r>);

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map with `packages`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(reader) = self;
        while let Some(key) = map.next_key::<&RawValue>()? {
            let key = decoded(key).map_err(A::Error::custom)?;
            if key != PACKAGES {
                reader.keep_header(key, map.next_value()?).map_err(A::Error::custom)?;
            } else if std::mem::replace(&mut reader.has_packages, true) {
                return Err(A::Error::custom("the key `packages` stands twice"));
            } else {
                map.next_value_seed(Entries(&mut *reader))?;
            }
        }
        Ok(())
    }
}

struct Entries<'t, 'r>(&'t mut Reader<'r>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(reader) = self;
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(raw) = map.next_key::<&RawValue>()? {
            let key = decoded(raw);
            let text: &RawValue = map.next_value()?;
            let Ok(key) = key else {
                let path = format!("packages[{}]", crate::text::shown(raw.get()));
                reader.notes(path).refused("", "its name is not Unicode text");
                continue;
            };
            if seen.len() >= MAX_PACKAGES {
                return Err(A::Error::custom(format_args!("there are more than {MAX_PACKAGES} packages")));
            }
            if seen.insert(key.clone()) {
                reader.keep_entry(key, text);
            } else {
                // Two readers could take two different ones.
                reader.refuse_entry(key, "it stands twice, and neither is taken".to_owned());
            }
        }
        Ok(())
    }
}
