//! The reader of SIF images on real ones: what it says is what `siftool` and the reference
//! library say.

use std::fs::File;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};
use warecat::import::sif::{FileSource, Found, Image, Inspection, Kind, Link, Object, SifError};

use crate::shared;

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn source(path: &Path) -> FileSource {
    FileSource::new(File::open(path).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn uuid(bytes: Option<[u8; 16]>) -> String {
    let text = hex(&bytes.unwrap_or_default());
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

/// The reference's name for an object's type.
fn type_name(object: &Object) -> &'static str {
    match object.kind {
        Kind::Definition => "Def.FILE",
        Kind::Environment => "Env.Vars",
        Kind::Labels => "JSON.Labels",
        Kind::Partition { .. } => "FS",
        Kind::Signature { .. } => "Signature",
        Kind::Json => "JSON.Generic",
        Kind::Generic => "Generic/Raw",
        Kind::Message => "Cryptographic Message",
        Kind::Sbom(_) => "SBOM",
        Kind::OciIndex(_) => "OCI.RootIndex",
        Kind::OciBlob(_) => "OCI.Blob",
        Kind::Unknown(_) => "Unknown",
    }
}

fn check_object(object: &Object, expected: &Value, data: &[u8], at: &str) {
    assert_eq!(object.id, expected["id"], "{at}");
    assert_eq!(
        (object.offset, object.offset + object.size),
        (expected["start"].as_u64().unwrap(), expected["end"].as_u64().unwrap()),
        "{at}"
    );
    assert_eq!(hex(&Sha256::digest(data)), expected["sha256"].as_str().unwrap(), "{at}");
    let link = match object.link {
        None => Value::Null,
        Some(Link::Object(id) | Link::Group(id)) => id.into(),
    };
    assert_eq!(link, expected["link"], "{at}");
    assert_eq!(matches!(object.link, Some(Link::Group(_))), expected["link_is_group"], "{at}");
    assert_eq!(object.group.map_or(Value::Null, Value::from), expected["group"], "{at}");
    let info = &expected["info"];
    assert_eq!(object.name, info["Name"].as_str().unwrap_or(""), "{at}");
    let said = info["Data Type"].as_str().unwrap();
    // The version of siftool that was asked does not know OCI's two types.
    if !matches!(object.kind, Kind::OciBlob(_) | Kind::OciIndex(_)) {
        assert_eq!(type_name(object), said, "{at}");
    }
    if let Kind::Partition { architecture, .. } = &object.kind {
        let name = architecture.map_or("unknown", |a| a.as_str());
        assert_eq!(name, info["Architecture"].as_str().unwrap_or("unknown"), "{at}");
    }
    if let Kind::Signature { fingerprint: Some(fingerprint), .. } = &object.kind {
        assert_eq!(hex(fingerprint), info["Entity"].as_str().unwrap().to_lowercase(), "{at}");
    }
}

#[test]
fn every_real_image_is_what_the_reference_says() {
    let Some(folder) = shared::data("apptainer") else { return };
    let (mut images, mut objects) = (0, 0);
    for expected in read(&folder.join("expected.json"))["images"].as_array().unwrap() {
        let path = folder.join("images").join(expected["path"].as_str().unwrap());
        // A copy of the data may hold a symbolic link's target as text in its place.
        let is_whole = std::fs::metadata(&path).is_ok_and(|found| expected["size"] == found.len());
        if !is_whole {
            continue;
        }
        let source = source(&path);
        let at = path.display().to_string();
        let opened = Image::open(&source);
        if expected["kind"] != "sif" {
            assert!(matches!(opened, Err(SifError::NotSif(_))), "{at}: {:?}", opened.err());
            continue;
        }
        let image = opened.unwrap();
        let header = &expected["header"];
        assert_eq!(
            uuid(image.header().uuid),
            header["id"].as_str().unwrap_or("00000000-0000-0000-0000-000000000000"),
            "{at}"
        );
        assert_eq!(image.header().total, header["descriptors_total"], "{at}");
        assert_eq!(image.header().data, header["data_offset"], "{at}");
        assert_eq!(image.header().launch, header["launch"].as_str().unwrap_or(""), "{at}");
        let architecture = image.header().architecture.map_or("unknown", |a| a.as_str());
        assert_eq!(architecture, header["arch"].as_str().unwrap_or("unknown"), "{at}");
        let listed = expected["descriptors"].as_array().unwrap();
        assert_eq!(image.objects().len(), listed.len(), "{at}");
        for (object, expected) in image.objects().iter().zip(listed) {
            check_object(object, expected, &image.data(object, 1 << 24).unwrap(), &at);
            objects += 1;
        }
        assert_eq!(image.primary().map(|p| u64::from(p.id)), expected["primary"]["id"].as_u64(), "{at}");
        images += 1;
    }
    assert!(images >= 17 && objects > 60, "{images} images, {objects} objects");
}

#[test]
fn t30_damaged_images_are_refused_or_read_as_wanted() {
    let Some(folder) = shared::data("apptainer/corrupt") else { return };
    for case in read(&folder.join("cases.json"))["cases"].as_array().unwrap() {
        let name = case["file"].as_str().unwrap();
        let source = source(&folder.join(name));
        let is_refused = Image::open(&source).is_err();
        let wants_refusal = case["want"].as_str().unwrap().starts_with("reject");
        assert_eq!(is_refused, wants_refusal, "{name}: {:?}", Image::open(&source).err());
    }
}

fn inspect(path: &Path) -> Inspection {
    let source = source(path);
    Inspection::of(&Image::open(&source).unwrap()).unwrap()
}

#[test]
fn every_real_image_is_inspected_as_apptainer_would() {
    let Some(folder) = shared::data("apptainer") else { return };
    let mut sources = std::collections::BTreeMap::<String, usize>::new();
    for expected in read(&folder.join("expected.json"))["images"].as_array().unwrap() {
        let path = folder.join("images").join(expected["path"].as_str().unwrap());
        let is_whole = std::fs::metadata(&path).is_ok_and(|found| expected["size"] == found.len());
        if expected["kind"] != "sif" || !is_whole {
            continue;
        }
        let (found, wanted, at) = (inspect(&path), &expected["inspect"], path.display());
        let said = found.attributes;
        if expected["primary"]["fs"] == "Ext3" {
            assert!(found.problems[0].contains("ext3"), "{at}: {:?}", found.problems);
            continue;
        }
        assert_eq!(found.problems, Vec::<String>::new(), "{at}");
        assert_eq!(serde_json::to_value(&said.labels).unwrap(), wanted["labels"], "{at}");
        assert_eq!(serde_json::to_value(said.apps.keys().collect::<Vec<_>>()).unwrap(), wanted["apps"], "{at}");
        for (text, key) in
            [(&said.helpfile, "has_help"), (&said.runscript, "has_runscript"), (&said.startscript, "has_startscript")]
        {
            assert_eq!(!text.is_empty(), wanted[key], "{at}: {key}");
        }
        let from = match found.found.unwrap() {
            Found::Descriptor => "inspect-metadata.json",
            Found::FileSystem => "filesystem",
            Found::OciConfig => "oci-config",
        };
        assert_eq!(from, wanted["source"], "{at}");
        if let Some(described) = expected.get("in_descriptor").filter(|d| !d.is_null()) {
            assert_eq!(said.runscript, described["runscript"].as_str().unwrap_or(""), "{at}");
            assert_eq!(said.deffile, described["deffile"].as_str().unwrap_or(""), "{at}");
            assert_eq!(serde_json::to_value(&said.environment).unwrap(), described["environment"], "{at}");
        }
        let oci = expected["oci_sif"]["architecture"].as_str();
        let architecture = oci.or(expected["primary"]["arch"].as_str());
        assert_eq!(found.architecture.map(|a| a.as_str()), architecture, "{at}");
        *sources.entry(from.to_owned()).or_default() += 1;
    }
    assert!(
        sources["filesystem"] >= 4 && sources["oci-config"] == 1 && sources["inspect-metadata.json"] >= 10,
        "{sources:?}"
    );
}

#[test]
fn t30_an_image_whose_labels_cannot_be_read_is_told_with_what_it_says_otherwise() {
    let Some(folder) = shared::data("apptainer/corrupt") else { return };
    for (file, problem) in [
        ("superblock_garbage.sif", "the squashfs inside cannot be read"),
        ("labels_invalid_json.sif", "labels.json"),
        ("labels_symlink_loop.sif", "lead in a circle"),
    ] {
        let found = inspect(&folder.join(file));
        assert!(found.problems.iter().any(|text| text.contains(problem)), "{file}: {:?}", found.problems);
        assert!(found.attributes.labels.is_empty() && found.architecture.is_some(), "{file}");
    }
    let legal = inspect(&folder.join("labels_missing.sif"));
    assert_eq!((legal.problems.len(), legal.attributes.labels.len()), (0, 0));
    let bare = inspect(&folder.join("no_partition.sif"));
    assert_eq!((bare.architecture, bare.attributes.labels.len(), bare.problems.len()), (None, 0, 0));
}
