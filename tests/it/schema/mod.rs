//! The Rust types against the schemas of `schema/`.
//!
//! A field or member that only one side has fails a test:
//! - only in the schema: [`generate`] writes it (an optional one in every second
//!   document), and the Rust type refuses an unknown field;
//! - only in Rust, and required: no generated document can be read;
//! - only in Rust, and optional: `samples` builds every struct field by field, so it does
//!   not compile until the field is there, and then the schema has no such field;
//! - a new variant in Rust: `samples` matches on every enum without a wildcard;
//! - a new member in the schema: no sample uses it, which `everything` notices.
//!
//! The order of struct fields counts too: generated documents have the schema's order,
//! and must be written back to the same text.

mod generate;
mod mutate;
mod parse;
mod samples;
mod validate;

use std::path::PathBuf;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use warecat::model::codec::{decode, encode};
use warecat::model::metadata::{Key, MODULE_KEYS, RELEASE_KEYS};
use warecat::model::{
    Location, LocationCapsule, MirrorsCapsule, ModuleCapsule, PlotCapsule, RawMirrorsCapsule, RawModuleCapsule,
    RawRelease, RecordCapsule, Release, SourceCapsule, SourceVersion, SourceVersionCapsule,
};

use generate::{Generator, Random};
use mutate::mutants;
use parse::Schema;
use validate::{Validator, everything};

/// A document's type: its name in the schema, and what Rust makes of a text of it.
struct Document {
    name: &'static str,
    rewrite: fn(&[u8]) -> Result<Vec<u8>, String>,
}

const DOCUMENTS: &[Document] = &[
    Document { name: "CatalogModuleCapsule", rewrite: rewrite::<ModuleCapsule> },
    Document { name: "CatalogModuleCapsule", rewrite: rewrite::<RawModuleCapsule> },
    Document { name: "CatalogRelease", rewrite: rewrite::<Release> },
    Document { name: "CatalogRelease", rewrite: rewrite::<RawRelease> },
    Document { name: "CatalogMirrorsCapsule", rewrite: rewrite::<MirrorsCapsule> },
    Document { name: "CatalogMirrorsCapsule", rewrite: rewrite::<RawMirrorsCapsule> },
    Document { name: "ReplayCapsule", rewrite: rewrite::<PlotCapsule> },
    Document { name: "RecordCapsule", rewrite: rewrite::<RecordCapsule> },
    Document { name: "SourceCapsule", rewrite: rewrite::<SourceCapsule> },
];

/// Documents that are hashed and never stored, and whose texts have a grammar of their own.
const NOT_STORED: &[&str] = &["LocationCapsule", "SourceVersionCapsule"];

fn rewrite<T: DeserializeOwned + Serialize>(text: &[u8]) -> Result<Vec<u8>, String> {
    decode::<T>(text).map(|document| encode(&document)).map_err(|error| error.to_string())
}

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn schema() -> Schema {
    let mut schema = Schema::default();
    schema.read(&file("warpforge.ipldsch"));
    schema.read(&file("warecat.ipldsch"));
    schema
}

/// The names of all types of documents, each once.
fn document_names() -> Vec<&'static str> {
    let mut names: Vec<_> = DOCUMENTS.iter().map(|document| document.name).collect();
    names.dedup();
    names
}

#[test]
fn every_type_is_declared_and_reached_from_a_document() {
    let schema = schema();
    let mut reached = Vec::new();
    for name in document_names().into_iter().chain(NOT_STORED.iter().copied()) {
        schema.reach(name, &mut reached);
    }
    let unused: Vec<_> = schema.0.keys().filter(|name| !reached.contains(name)).collect();
    assert!(unused.is_empty(), "no document has these types: {unused:?}");
}

#[test]
fn samples_have_their_schema_and_use_all_of_it() {
    let schema = schema();
    let mut validator = Validator::new(&schema);
    for sample in samples::all() {
        let data = serde_json::from_slice(&sample.text).unwrap();
        validator.check(sample.name, &data).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
    }
    for name in document_names() {
        let unused: Vec<_> = everything(&schema, name).difference(&validator.met).cloned().collect();
        assert!(unused.is_empty(), "no sample of `{name}` has these: {unused:?}");
    }
}

#[test]
fn generated_documents_are_read_and_written_back_as_they_are() {
    let schema = schema();
    for (index, document) in DOCUMENTS.iter().enumerate() {
        let mut generator = Generator { schema: &schema, random: Random(index as u64) };
        for _ in 0..400 {
            let data = generator.document(document.name);
            Validator::new(&schema).check(document.name, &data).unwrap();
            let written = (document.rewrite)(data.to_string().as_bytes())
                .unwrap_or_else(|error| panic!("{}: {error} in {data}", document.name));
            let again: Value = serde_json::from_slice(&written).unwrap();
            // As texts, since equality of JSON maps ignores the order.
            assert_eq!(again.to_string(), data.to_string(), "{}", document.name);
        }
    }
}

/// serde_json reads some floats as their neighbours unless it has its feature
/// `float_roundtrip`; a record with one would then fail its own CID.
#[test]
fn a_float_is_read_as_it_is_written() {
    let text = "{\"record.v1\":{\"kind\":\"a\",\"data\":2051708.1690453126}}";
    let written = rewrite::<RecordCapsule>(text.as_bytes()).unwrap();
    assert!(String::from_utf8(written).unwrap().contains("2051708.1690453126"));
}

#[test]
fn mutants_are_refused() {
    let schema = schema();
    for (index, document) in DOCUMENTS.iter().enumerate() {
        let mut generator = Generator { schema: &schema, random: Random(1000 + index as u64) };
        let mut count = 0;
        for _ in 0..60 {
            let data = generator.document(document.name);
            for mutant in mutants(&schema, document.name, &data) {
                let is_valid = Validator::new(&schema).check(document.name, &mutant.data).is_ok();
                assert!(!is_valid, "this is no fault: {} in {}", mutant.fault, mutant.data);
                let read = (document.rewrite)(mutant.data.to_string().as_bytes());
                assert!(read.is_err(), "{} was read: {} in {}", document.name, mutant.fault, mutant.data);
                count += 1;
            }
        }
        assert!(count > 300, "{}: only {count} mutants", document.name);
    }
}

#[test]
fn a_location_has_its_schema() {
    let location = Location::new("software.eessi.io", "/versions/2023.06").unwrap();
    let data: Value = serde_json::from_slice(&encode(&LocationCapsule::V1(location))).unwrap();
    let schema = schema();
    Validator::new(&schema).check("LocationCapsule", &data).unwrap();
    for mutant in mutants(&schema, "LocationCapsule", &data) {
        assert!(Validator::new(&schema).check("LocationCapsule", &mutant.data).is_err(), "{}", mutant.fault);
    }
}

#[test]
fn a_source_version_has_its_schema() {
    let version = SourceVersion::new("zlib", "1.3.1").unwrap();
    let data: Value = serde_json::from_slice(&encode(&SourceVersionCapsule::V1(version))).unwrap();
    let schema = schema();
    Validator::new(&schema).check("SourceVersionCapsule", &data).unwrap();
    for mutant in mutants(&schema, "SourceVersionCapsule", &data) {
        assert!(Validator::new(&schema).check("SourceVersionCapsule", &mutant.data).is_err(), "{}", mutant.fault);
    }
}

#[derive(serde::Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(serde::Deserialize)]
struct Vector {
    name: String,
    r#type: String,
    json: String,
}

#[test]
fn warpforges_vectors_have_their_schema() {
    let Some(path) = crate::shared::data("warpforge/vectors.json") else { return };
    let vectors: Vectors = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let schema = schema();
    let mut count = 0;
    for vector in vectors.vectors {
        let name = if vector.r#type == "PlotCapsule" { "ReplayCapsule" } else { vector.r#type.as_str() };
        // Documents of workspaces are not ours to keep.
        if document_names().contains(&name) {
            let data = serde_json::from_str(&vector.json).unwrap();
            Validator::new(&schema).check(name, &data).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
            count += 1;
        }
    }
    assert!(count >= 60, "only {count} vectors are documents of a catalog");
}

#[test]
fn the_table_of_metadata_keys_is_the_one_in_code() {
    let text = file("metadata.md");
    let (of_modules, of_releases) = text.split_once("## Of a release").unwrap();
    for (part, keys) in [(of_modules, MODULE_KEYS), (of_releases, RELEASE_KEYS)] {
        let written: Vec<_> = part.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
        let row = |key: &Key| format!("| `{}` | {} |", key.name, key.meaning);
        assert_eq!(written, keys.iter().map(row).collect::<Vec<_>>());
    }
}
