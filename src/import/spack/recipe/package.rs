//! The file of one package, reduced as it is read.
//!
//! A third of the bytes of these files are their own: `dependent_to` and the descriptions of
//! dependencies repeat other packages' texts, and are dropped before the next file is read.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::notes::Notes;
use super::read::decoded;
use crate::import::report::Diagnostics;
use crate::model::{Digest, Map, SourceFile, Value};

/// The field that says who depends on the package.
const DEPENDENTS: &str = "dependent_to";
const DEPENDENCIES: &str = "dependencies";
/// Most fields of a file; real ones have 15.
const MAX_FIELDS: usize = 256;

/// A package's file.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) file: SourceFile,
    /// Its fields, reduced; nothing when it could not be read.
    pub(super) data: Option<Value>,
}

/// How the file is named in diagnostics and in the source document.
pub(super) fn file_name(name: &str) -> String {
    format!("packages/{name}")
}

/// Reads and reduces a file.
pub(super) fn read(name: &str, bytes: &[u8], diagnostics: &mut Diagnostics) -> Package {
    let name = file_name(name);
    let file = SourceFile { sha256: Digest::of(bytes).hex(), size: bytes.len() as u64, header: None, name };
    let mut notes = Notes::new(&file.name, String::new(), diagnostics);
    let data = match serde_json::from_slice::<Fields>(bytes) {
        Ok(Fields(fields)) => Some(Value::Map(fields)),
        Err(error) => {
            notes.refused("", format!("it cannot be read: {error}"));
            None
        }
    };
    Package { file, data }
}

/// The fields of a file, without what is dropped.
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of a package's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        use serde::de::Error;
        let (mut fields, mut has_dependents) = (Map::new(), false);
        while let Some(key) = map.next_key::<&RawValue>()? {
            let key = decoded(key).map_err(A::Error::custom)?;
            let is_twice = fields.contains_key(&key) || (key == DEPENDENTS && has_dependents);
            if is_twice || fields.len() >= MAX_FIELDS {
                let reason = if is_twice { "stands twice" } else { "is one too many" };
                return Err(A::Error::custom(format_args!("the key `{}` {reason}", crate::text::shown(&key))));
            }
            let value: &RawValue = map.next_value()?;
            if key == DEPENDENTS {
                has_dependents = true;
                continue;
            }
            let mut value = serde_json::from_str(value.get()).map_err(A::Error::custom)?;
            if key == DEPENDENCIES {
                drop_descriptions(&mut value);
            }
            fields.insert(key, value);
        }
        Ok(Fields(fields))
    }
}

fn drop_descriptions(dependencies: &mut Value) {
    let Value::List(items) = dependencies else { return };
    for item in items {
        if let Value::Map(fields) = item {
            fields.shift_remove("description");
        }
    }
}
