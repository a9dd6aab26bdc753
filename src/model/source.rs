//! What a source last gave: the document `_source.json` at the source's prefix.
//!
//! It is not hashed and not part of the catalog's content; it says where the content
//! came from, so that a reader can judge its age and a second import can tell that
//! nothing changed.

use serde::{Deserialize, Serialize};

use super::map::Map;
use super::present;
use super::value::Value;

/// The capsule that gives a source document its version; it has exactly one member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SourceCapsule {
    /// Version 1.
    #[serde(rename = "source.v1")]
    V1(Source),
}

impl SourceCapsule {
    /// The source inside.
    #[must_use]
    pub fn into_inner(self) -> Source {
        let Self::V1(source) = self;
        source
    }
}

/// A source and what it last gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Which importer reads it: `eessi`, `spack`, …
    pub kind: String,
    /// The name that the catalog's configuration or its reader gives it.
    pub name: String,
    /// Upstream's own version of what it gave, when it has one; several joined with `, `.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub version: Option<String>,
    /// When upstream made it, as upstream writes it; the newest of its files.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub timestamp: Option<String>,
    /// Where it was read from, without secrets and without paths of a machine.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub url: Option<String>,
    /// The files, in the order of their names.
    pub files: Vec<SourceFile>,
    /// How many there were of what, such as `software` and `releases`.
    pub counts: Map<String, u64>,
}

/// One file of a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// The file's name.
    pub name: String,
    /// SHA-256 of its bytes, uncompressed, in hexadecimal.
    pub sha256: String,
    /// Its size uncompressed, in bytes.
    pub size: u64,
    /// What the file says of itself: the fields around its entries, as upstream gave them.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub header: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::SourceCapsule;
    use crate::model::codec::{decode, encode};

    #[test]
    fn an_absent_field_and_null_are_not_the_same() {
        let text = |field: &str| {
            format!("{{\"source.v1\":{{\"kind\":\"a\",\"name\":\"b\"{field},\"files\":[],\"counts\":{{}}}}}}")
        };
        assert!(decode::<SourceCapsule>(text("").as_bytes()).is_ok());
        for field in ["version", "timestamp", "url"] {
            assert!(decode::<SourceCapsule>(text(&format!(",\"{field}\":null")).as_bytes()).is_err(), "{field}");
        }
    }

    #[test]
    fn a_header_of_null_is_kept() {
        let text = "{\"source.v1\":{\"kind\":\"a\",\"name\":\"b\",\"files\":[{\"name\":\"c\",\"sha256\":\"\",\"size\":1,\"header\":null}],\"counts\":{}}}";
        let source: SourceCapsule = decode(text.as_bytes()).unwrap();
        assert!(String::from_utf8(encode(&source)).unwrap().contains("\"header\": null"));
    }
}
