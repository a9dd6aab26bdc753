//! The EESSI importer: each trap of its format on small entries of our own, hostile
//! input, and the real data where it is at hand.

mod full;
mod hostile;
mod replay;
mod traps;

use serde_json::{Value, json};
use warecat::code::Code;
use warecat::import::Import;
use warecat::import::eessi::{Importer, Options};
use warecat::import::names::KnownNames;
use warecat::model::{ModuleProposal, ReleaseProposal};

const SOFTWARE: &str = "eessi_api_metadata_software.json";
const PYTHON: &str = "eessi_api_metadata_ext-python.json";
const R: &str = "eessi_api_metadata_ext-r.json";

/// A version of a software as EESSI gives it, for EESSI 2023.06 and two CPU targets.
fn version(module: &str, required: &[&str]) -> Value {
    let mut all = vec!["EESSI/2023.06"];
    all.extend(required);
    all.push(module);
    let all: Vec<Value> = all.into_iter().map(env_module).collect();
    json!({
        "homepage": "https://zephyr.example", "license": [], "image": "", "categories": [], "identifier": "",
        "toolchain": {"name": "foss", "version": "2023b"}, "toolchain_families_compatibility": ["2023b_foss"],
        "module": env_module(module), "required_modules": all,
        "cpu_arch": ["x86_64/generic", "x86_64/amd/zen2"], "gpu_arch": {},
        "description": "Moves air.", "version": "1.0", "versionsuffix": "", "extensions": []
    })
}

fn env_module(full: &str) -> Value {
    let (name, version) = full.split_once('/').unwrap();
    json!({"full_module_name": full, "module_name": name, "module_version": version})
}

/// An extension within `module`, as EESSI gives it.
fn extension(name: &str, of: &str, module: &str, required: &[&str]) -> Value {
    let mut entry = version(module, required);
    let parent = module.split_once('/').unwrap().0;
    entry["version"] = of.into();
    entry["parent_software"] = json!({"name": parent, "version": "1.0", "versionsuffix": ""});
    entry["description"] = format!("{name} is a Python package included in the software module for {parent}").into();
    entry.as_object_mut().unwrap().remove("extensions");
    entry
}

fn with(mut entry: Value, key: &str, value: Value) -> Value {
    entry[key] = value;
    entry
}

/// An entry of `software`: the top-level fields, and these versions.
fn entry(versions: &[Value]) -> Value {
    json!({
        "versions": versions, "homepage": "https://zephyr.example", "license": [], "image": "", "categories": [],
        "identifier": "", "description": "\nMoves air.\n"
    })
}

fn file(software: Value) -> Vec<u8> {
    file_of(&["2023.06", "2025.06"], software)
}

fn file_of(keys: &[&str], software: Value) -> Vec<u8> {
    let map: serde_json::Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!({}))).collect();
    serde_json::to_vec(&json!({"timestamp": "2026-08-21T12:54:24Z", "architectures_map": map, "software": software}))
        .unwrap()
}

fn import(files: &[(&str, Vec<u8>)]) -> Import {
    import_with(Options::default(), KnownNames::new(), files)
}

fn import_with(options: Options, known: KnownNames, files: &[(&str, Vec<u8>)]) -> Import {
    let mut importer = Importer::new(options, known);
    for (name, bytes) in files {
        importer.add_file(name, bytes).unwrap_or_else(|error| panic!("{error}"));
    }
    importer.finish()
}

fn software(entries: Value) -> Import {
    import(&[(SOFTWARE, file(entries))])
}

fn module<'i>(import: &'i Import, name: &str) -> &'i ModuleProposal {
    let names = || import.modules.iter().map(|module| module.name.as_str()).collect::<Vec<_>>();
    let found = import.modules.iter().find(|module| module.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no {name} in {:?}; {:?}", names(), import.diagnostics))
}

fn release<'i>(import: &'i Import, reference: &str) -> &'i ReleaseProposal {
    let (name, release) = reference.split_once(':').unwrap();
    let found = module(import, name).releases.iter().find(|found| found.name.as_str() == release);
    found.unwrap_or_else(|| panic!("no {reference}; {:?}", import.diagnostics))
}

fn labels(release: &ReleaseProposal) -> Vec<&str> {
    release.items.keys().map(|label| label.as_str()).collect()
}

fn meta(metadata: &warecat::model::Metadata) -> String {
    metadata.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("|")
}

/// The data of a record, as JSON.
fn data(record: Option<&warecat::model::RecordCapsule>) -> Value {
    record.map_or(Value::Null, |record| serde_json::to_value(record).unwrap()["record.v1"]["data"].clone())
}

/// The diagnostics as `code path`, sorted.
fn found(import: &Import) -> Vec<String> {
    import.diagnostics.iter().map(|d| format!("{} {}", d.code, d.path)).collect()
}

fn refusals(import: &Import) -> usize {
    import.diagnostics.iter().filter(|d| d.code == Code::EntryRefused).count()
}
