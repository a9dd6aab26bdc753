//! One file of the API to kept texts, in one pass over its bytes.
//!
//! The outer shape is `{header…, "software": {name: {fields…, "versions": [{fields…}]}}}`.
//! Header and fields are taken as JSON text and not looked into; what has another shape
//! is a diagnostic, and the rest of the file is read. Keys and texts that cannot be
//! decoded (a lone surrogate) stop the one pass; the file is then read again, entry by
//! entry, and only that entry is lost.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::texts::{Text, Texts};
use crate::import::SourceError;
use crate::import::report::Diagnostics;
use crate::text::shown;

/// Most fields of an entry; real ones have 15.
const MAX_FIELDS: usize = 256;

/// Fields of an entry, in upstream's order: decoded key and JSON text.
pub(super) type Fields = Box<[(Text, Text)]>;

/// What a file holds, not yet understood.
#[derive(Debug, Default)]
pub(super) struct RawFile {
    /// The fields around the entries: key and JSON text.
    pub(super) header: Vec<(String, String)>,
    /// The members of `software`, in order.
    pub(super) software: Vec<RawSoftware>,
}

/// A member of `software`.
#[derive(Debug)]
pub(super) struct RawSoftware {
    pub(super) name: String,
    /// Its fields but `versions`.
    pub(super) fields: Fields,
    /// Its versions, each with its index in upstream's list.
    pub(super) versions: Vec<(u32, Fields)>,
}

impl RawSoftware {
    /// The JSON path of this entry.
    pub(super) fn path(&self) -> String {
        path_of(&self.name)
    }

    /// The JSON path of a version.
    pub(super) fn version_path(&self, index: u32) -> String {
        format!("{}.versions[{index}]", self.path())
    }
}

/// The JSON path of an entry of this name.
pub(super) fn path_of(name: &str) -> String {
    format!("software[{}]", shown(&serde_json::Value::from(name).to_string()))
}

/// Reads a file.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    texts: &mut Texts,
    diagnostics: &mut Diagnostics,
) -> Result<RawFile, SourceError> {
    let text = std::str::from_utf8(bytes).map_err(|error| SourceError::utf8(file, bytes, error))?;
    let mut parse = |is_careful| {
        let mut reader = Reader {
            file,
            texts: &mut *texts,
            is_careful,
            found: RawFile::default(),
            diagnostics: Diagnostics::default(),
        };
        let mut json = serde_json::Deserializer::from_str(text);
        json.deserialize_map(Top(&mut reader))?;
        json.end()?;
        Ok((reader.found, reader.diagnostics))
    };
    let (found, own) = parse(false).or_else(|_| parse(true)).map_err(|error| SourceError::json(file, &error))?;
    diagnostics.append(own);
    Ok(found)
}

struct Reader<'t> {
    file: &'t str,
    texts: &'t mut Texts,
    /// Reads the text of each entry before it looks into it.
    is_careful: bool,
    found: RawFile,
    diagnostics: Diagnostics,
}

impl Reader<'_> {
    fn refuse(&mut self, path: &str, message: impl Into<String>) {
        self.diagnostics.refused(self.file, path, message);
    }
}

/// The text of a key, which serde_json gives with its quotes.
fn decoded(key: &RawValue) -> Result<String, serde_json::Error> {
    let raw = key.get();
    match raw.strip_prefix('"').and_then(|r| r.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Ok(plain.to_owned()),
        _ => serde_json::from_str(raw),
    }
}

struct Top<'r, 't>(&'r mut Reader<'t>);

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map with a member `software`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format_args!("the key `{}` stands twice", shown(&key))));
            }
            if key == "software" {
                map.next_value_seed(Software(self.0))?;
            } else {
                let value: &RawValue = map.next_value()?;
                self.0.found.header.push((key, value.get().to_owned()));
            }
        }
        if seen.contains("software") { Ok(()) } else { Err(A::Error::custom("it has no member `software`")) }
    }
}

/// The map of names to entries.
struct Software<'r, 't>(&'r mut Reader<'t>);

impl<'de> DeserializeSeed<'de> for Software<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Software<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`software` to be a map of entries by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reader = self.0;
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<&RawValue>()? {
            let Ok(name) = decoded(key) else {
                map.next_value::<IgnoredAny>()?;
                reader.refuse(&format!("software[{}]", shown(key.get())), "its name is not Unicode text");
                continue;
            };
            let path = path_of(&name);
            if !seen.insert(name.clone()) {
                map.next_value::<IgnoredAny>()?;
                reader.refuse(&path, "the name stands twice; the first entry was taken");
            } else if reader.is_careful {
                let raw: &RawValue = map.next_value()?;
                let mut json = serde_json::Deserializer::from_str(raw.get());
                let entry = Entry { reader: &mut *reader, name, path: &path };
                if let Err(error) = entry.deserialize(&mut json) {
                    reader.refuse(&path, format!("it cannot be read: {error}"));
                }
            } else {
                map.next_value_seed(Entry { reader: &mut *reader, name, path: &path })?;
            }
        }
        Ok(())
    }
}

/// What every visitor here does with a value of another shape: it takes note.
macro_rules! other_shapes {
    ($($list:ident)?) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(None) }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok(None) }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok(None) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok(None) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok(None) }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok(None) }
        $(fn $list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        })?
    };
}

/// One entry: its fields, and its versions.
struct Entry<'r, 't> {
    reader: &'r mut Reader<'t>,
    name: String,
    path: &'r str,
}

impl<'de> DeserializeSeed<'de> for Entry<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Self { reader, name, path } = self;
        match deserializer.deserialize_any(EntryVisitor { reader: &mut *reader, path })? {
            Some((fields, Some(versions))) => reader.found.software.push(RawSoftware { name, fields, versions }),
            Some((_, None)) => reader.refuse(path, "it has no list `versions`"),
            None => {
                reader.refuse(path, "it is not a map, or has a key twice, one that is not Unicode text, or too many")
            }
        }
        Ok(())
    }
}

type Versions = Vec<(u32, Fields)>;

struct EntryVisitor<'r, 't> {
    reader: &'r mut Reader<'t>,
    path: &'r str,
}

impl<'de> Visitor<'de> for EntryVisitor<'_, '_> {
    type Value = Option<(Fields, Option<Versions>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut fields, mut versions, mut is_clean) = (Vec::new(), None, true);
        while let Some(key) = map.next_key::<&RawValue>()? {
            let key = decoded(key).ok();
            if key.as_deref() == Some("versions") {
                is_clean &= versions.is_none();
                versions = Some(map.next_value_seed(VersionList { reader: &mut *self.reader, path: self.path })?);
            } else {
                is_clean &= keep_field(self.reader.texts, &mut fields, key, map.next_value()?);
            }
        }
        Ok(is_clean.then(|| (fields.into_boxed_slice(), versions.flatten())))
    }

    other_shapes!(visit_seq);
}

/// Keeps a field; says whether its key is sound and new, and the fields not too many.
fn keep_field(texts: &mut Texts, fields: &mut Vec<(Text, Text)>, key: Option<String>, value: &RawValue) -> bool {
    let Some(key) = key else { return false };
    let key = texts.keep(&key);
    let is_new = fields.len() < MAX_FIELDS && fields.iter().all(|(other, _)| *other != key);
    if is_new {
        fields.push((key, texts.keep(value.get())));
    }
    is_new
}

struct VersionList<'r, 't> {
    reader: &'r mut Reader<'t>,
    path: &'r str,
}

impl<'de> DeserializeSeed<'de> for VersionList<'_, '_> {
    type Value = Option<Versions>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for VersionList<'_, '_> {
    type Value = Option<Versions>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of versions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut versions = Vec::new();
        let mut index = 0;
        while let Some(fields) = list.next_element_seed(Version { texts: &mut *self.reader.texts })? {
            match fields {
                Some(fields) => versions.push((index, fields)),
                None => self.reader.refuse(
                    &format!("{}.versions[{index}]", self.path),
                    "it is not a map, or has a key twice, one that is not Unicode text, or too many",
                ),
            }
            index += 1;
        }
        Ok(Some(versions))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    other_shapes!();
}

struct Version<'r> {
    texts: &'r mut Texts,
}

impl<'de> DeserializeSeed<'de> for Version<'_> {
    type Value = Option<Fields>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Version<'_> {
    type Value = Option<Fields>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut fields, mut is_clean) = (Vec::with_capacity(16), true);
        while let Some(key) = map.next_key::<&RawValue>()? {
            is_clean &= keep_field(self.texts, &mut fields, decoded(key).ok(), map.next_value()?);
        }
        Ok(is_clean.then(|| fields.into_boxed_slice()))
    }

    other_shapes!(visit_seq);
}
