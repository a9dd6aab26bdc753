//! Specs with right hashes, made by another path than the importer's own: serde_json's
//! text of a value, SHA-1, base32 by arithmetic on bits.

use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use warecat::code::Code;
use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::import::spack::spec::{Importer, Options};

/// The hash of a text as Spack writes it.
pub(crate) fn hash_of(text: &str) -> String {
    let bits: Vec<bool> =
        Sha1::digest(text).iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1)).collect();
    let letter = |five: &[bool]| {
        let number = five.iter().fold(0_u8, |number, bit| number * 2 + u8::from(*bit));
        char::from(if number < 26 { b'a' + number } else { b'2' + number - 26 })
    };
    bits.chunks(5).map(letter).collect()
}

/// A node of format 4, on its way.
#[derive(Clone)]
pub(crate) struct Spec(pub(crate) Value);

impl Spec {
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self(json!({
            "name": name, "version": version,
            "arch": {"platform": "linux", "platform_os": "testos1", "target": "x86_64_v3"},
            "compiler": {"name": "gcc", "version": "13.1.0"},
            "namespace": "fixture", "parameters": {"shared": true, "cflags": []},
            "package_hash": "aaaa====",
        }))
    }

    /// Sets a field.
    pub(crate) fn with(mut self, key: &str, value: Value) -> Self {
        self.0[key] = value;
        self
    }

    /// Adds a dependency on a node that has its hash.
    pub(crate) fn needs(self, other: &Spec) -> Self {
        self.needs_as(other, &["build", "link"], &[])
    }

    pub(crate) fn needs_as(mut self, other: &Spec, types: &[&str], virtuals: &[&str]) -> Self {
        let entry = json!({
            "name": other.0["name"], "hash": other.0["hash"],
            "parameters": {"deptypes": types, "virtuals": virtuals},
        });
        match self.0["dependencies"].as_array_mut() {
            Some(list) => list.push(entry),
            None => self.0["dependencies"] = json!([entry]),
        }
        self
    }

    /// Gives it the hash of its content.
    pub(crate) fn hashed(self) -> Self {
        let hash = hash_of(&self.0.to_string());
        self.with("hash", json!(hash))
    }

    pub(crate) fn hash(&self) -> &str {
        self.0["hash"].as_str().unwrap()
    }

    pub(crate) fn release(&self) -> String {
        format!("{}-{}", self.0["version"].as_str().unwrap(), self.hash())
    }
}

/// Spec JSON of this format.
pub(crate) fn document(format: u64, nodes: &[&Spec]) -> String {
    let nodes: Vec<&Value> = nodes.iter().map(|spec| &spec.0).collect();
    json!({"spec": {"_meta": {"version": format}, "nodes": nodes}}).to_string()
}

/// What these files give.
pub(crate) fn import(files: &[(&str, &str)]) -> Import {
    let mut importer = Importer::new(Options::new("specs.spack.io".parse().unwrap()), KnownNames::new());
    for (name, text) in files {
        importer.add_file(name, text.as_bytes()).unwrap();
    }
    importer.finish()
}

/// What was refused: the path and message of each.
pub(crate) fn refused(import: &Import) -> Vec<(&str, &str)> {
    let all = import.diagnostics.iter().filter(|one| one.code == Code::EntryRefused);
    all.map(|one| (one.path.as_str(), one.message.as_str())).collect()
}
