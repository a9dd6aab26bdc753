//! What a record keeps of one image, `images[<item>]`.
//!
//! Of a SIF image: `file`, `size` (bytes), `sha256`; `bases` of the definition's stages;
//! `sif` with the header, the objects, the signatures and what could not be read;
//! `attributes` as `apptainer inspect` prints them.

use serde_json::json;

use super::definition::{Definition, Stage};
use super::facts::SifFacts;
use crate::model::{Digest, Map, Value};

/// The kind of a record whose images are all SIF.
pub(in crate::import) const SIF_KIND: &str = "apptainer.image";
/// Most that is kept of one image, in bytes of JSON: a release of SIF images has at most 14
/// of them, and a document 16 MiB.
pub(in crate::import) const MAX_PART: usize = 1024 * 1024;

/// What is kept of one image, up to a limit.
pub(in crate::import) struct Part {
    fields: Map<String, Value>,
    room: usize,
    /// What there was no room for, in words.
    pub(in crate::import) missing: Vec<String>,
}

impl Part {
    /// A part with room for so many bytes of JSON.
    pub(in crate::import) fn new(room: usize) -> Self {
        Self { fields: Map::new(), room, missing: Vec::new() }
    }

    /// Adds a field, unless it says nothing or there is no room for it.
    pub(in crate::import) fn put(&mut self, key: &str, json: serde_json::Value) {
        let is_empty =
            json.as_object().is_some_and(serde_json::Map::is_empty) || json.as_array().is_some_and(Vec::is_empty);
        if json.is_null() || is_empty {
            return;
        }
        let size = json.to_string().len();
        match serde_json::from_value::<Value>(json) {
            Ok(value) if size <= self.room => {
                self.room -= size;
                self.fields.insert(key.to_owned(), value);
            }
            Ok(_) => self.missing.push(format!("the record lacks its `{key}`, of {size} bytes")),
            Err(error) => self.missing.push(format!("the record lacks its `{key}`: {error}")),
        }
    }

    /// Adds what every SIF image has: what it is, then what it is built from.
    pub(in crate::import) fn sif(&mut self, file: Option<&str>, size: u64, digest: &Digest, facts: &SifFacts) {
        self.put("file", json!(file));
        self.put("size", size.into());
        self.put("sha256", digest.hex().into());
        self.put("bases", bases(&facts.attributes.deffile));
    }

    /// Adds what a SIF image says, which may be long.
    pub(in crate::import) fn said(&mut self, facts: &SifFacts) {
        self.put("sif", facts.sif.clone());
        self.put("attributes", json!(facts.attributes));
    }

    /// The part, and how much room is left.
    pub(in crate::import) fn into_value(self) -> (Value, usize) {
        (Value::Map(self.fields), self.room)
    }
}

/// What each stage of a definition is built from, as it writes it.
fn bases(definition: &str) -> serde_json::Value {
    let base = |stage: &Stage| {
        let (agent, from) = stage.base();
        json!({"bootstrap": agent, "from": from})
    };
    Definition::parse(definition).stages.iter().map(base).collect()
}
