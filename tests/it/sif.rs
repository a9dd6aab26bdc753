//! The reader of SIF images on real ones: what it says is what `siftool` and the reference
//! library say.

use std::fs::File;
use std::path::Path;

use backhand::compression::Compressor;
use serde_json::Value;
use sha2::{Digest, Sha256};
use warecat::import::openpgp::Keyring;
use warecat::import::sif::{
    FileSource, Form, Found, Image, Inspection, Kind, Link, Object, SifError, Signature, Verdict,
};

use crate::shared;
use crate::sif_writer::{Node, Sif, container, squashfs};

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

/// Compares header and objects; gives the number of objects.
#[track_caller]
fn check_image(image: &Image<'_, FileSource>, header: &Value, listed: &Value, at: &str) -> usize {
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
    let listed = listed.as_array().unwrap();
    assert_eq!(image.objects().len(), listed.len(), "{at}");
    for (object, expected) in image.objects().iter().zip(listed) {
        check_object(object, expected, &image.data(object, 1 << 24).unwrap(), at);
    }
    listed.len()
}

#[test]
fn every_image_of_the_reference_implementation_is_what_siftool_says() {
    let Some(folder) = shared::data("apptainer") else { return };
    let (keys, mut verified) = (keyring(&folder), 0);
    for (file, expected) in read(&folder.join("reference/expected.json")).as_object().unwrap() {
        let source = source(&folder.join("reference").join(file));
        let image = Image::open(&source).unwrap();
        check_image(&image, &expected["header"], &expected["descriptors"], file);
        let signatures = Signature::all(&image, Some(&keys)).unwrap();
        let is_good = |one: &Signature| {
            one.form == Form::OpenPgp
                && matches!(one.verdict, Verdict::Verified(_))
                && one.integrity(&image).unwrap().is_right()
        };
        // The library verifies today's form only when it is asked so, as it was here.
        let all_good = !signatures.is_empty() && signatures.iter().all(is_good);
        assert_eq!(all_good, expected["verify"]["ok"], "{file}");
        verified += usize::from(all_good);
    }
    assert_eq!(verified, 2);
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
        objects += check_image(&image, &expected["header"], &expected["descriptors"], &at);
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

fn keyring(folder: &Path) -> Keyring {
    Keyring::parse("keys", &std::fs::read(folder.join("sif-test-key.pub.asc")).unwrap()).unwrap()
}

const TEST_KEY: &str = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";

#[test]
fn every_real_signature_is_what_the_reference_library_says() {
    let Some(folder) = shared::data("apptainer") else { return };
    let (keys, mut verified) = (keyring(&folder), 0);
    for expected in read(&folder.join("expected.json"))["images"].as_array().unwrap() {
        let path = folder.join("images").join(expected["path"].as_str().unwrap());
        let is_whole = std::fs::metadata(&path).is_ok_and(|found| expected["size"] == found.len());
        if expected["kind"] != "sif" || !is_whole {
            continue;
        }
        let (source, at) = (source(&path), path.display());
        let image = Image::open(&source).unwrap();
        let signatures = Signature::all(&image, Some(&keys)).unwrap();
        assert_eq!(signatures.len(), expected["signatures"].as_array().unwrap().len(), "{at}");
        for (signature, expected) in signatures.iter().zip(expected["signatures"].as_array().unwrap()) {
            assert_eq!(signature.object, expected["id"], "{at}");
            assert_eq!(signature.claims.as_deref(), expected["entity"].as_str(), "{at}");
            assert_eq!(signature.integrity(&image).unwrap().problems(), &[] as &[String], "{at}");
            assert_eq!(signature.verdict, Verdict::Verified(TEST_KEY.into()), "{at}");
            assert!(signature.covers.contains(&image.primary().unwrap().id), "{at}");
            verified += 1;
        }
    }
    assert_eq!(verified, 5);
}

#[test]
fn signatures_of_every_generation_are_read() {
    let Some(folder) = shared::data("apptainer") else { return };
    let keys = keyring(&folder);
    let good = || Verdict::Verified(TEST_KEY.into());
    for (file, form, covers, verdict) in [
        ("one-group-signed-pgp.sif", Form::OpenPgp, vec![vec![1, 2]], good()),
        ("two-groups-signed-pgp.sif", Form::OpenPgp, vec![vec![1, 2], vec![3]], good()),
        ("one-group-signed-dsse.sif", Form::Dsse, vec![vec![1, 2]], Verdict::Unsupported),
        ("two-groups-signed-dsse.sif", Form::Dsse, vec![vec![1, 2], vec![3]], Verdict::Unsupported),
        ("one-group-signed-legacy.sif", Form::Legacy, vec![vec![2]], good()),
        ("one-group-signed-legacy-all.sif", Form::Legacy, vec![vec![1], vec![2]], good()),
        ("two-groups-signed-legacy.sif", Form::Legacy, vec![vec![2]], good()),
        ("two-groups-signed-legacy-all.sif", Form::Legacy, vec![vec![1], vec![2]], good()),
    ] {
        let source = source(&folder.join("reference").join(file));
        let image = Image::open(&source).unwrap();
        let signatures = Signature::all(&image, Some(&keys)).unwrap();
        assert_eq!(signatures.iter().map(|one| one.covers.clone()).collect::<Vec<_>>(), covers, "{file}");
        for signature in &signatures {
            assert_eq!((signature.form, &signature.verdict), (form, &verdict), "{file}: {:?}", signature.problem);
            assert_eq!(signature.integrity(&image).unwrap().problems(), &[] as &[String], "{file}");
        }
    }
}

/// Present, digests right, verified: each can be so without the others.
#[test]
fn a_changed_byte_is_found_by_the_digests_and_not_by_the_signature() {
    let Some(folder) = shared::data("apptainer") else { return };
    let keys = keyring(&folder);
    let whole = std::fs::read(folder.join("reference/one-group-signed-pgp.sif")).unwrap();
    let facts = |bytes: &[u8], keys: Option<&Keyring>| {
        let image = Image::open(bytes).unwrap();
        let signature = Signature::all(&image, keys).unwrap().remove(0);
        (signature.integrity(&image).unwrap().problems().join("; "), signature.verdict)
    };
    assert_eq!(facts(&whole, None), (String::new(), Verdict::NotTried));
    let good = Verdict::Verified(TEST_KEY.into());
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] ^= byte;
        bytes
    };
    let data = usize::try_from(Image::open(&whole[..]).unwrap().objects()[0].offset).unwrap();
    let table = 4096;
    for (at, problem) in [
        (data, "object 1 has not the digest that was signed"),
        (48, "the header has not the digest that was signed"),
        (table + 73, "the descriptor of object 1 has not the digest that was signed"),
        (table + 57, "the descriptor of object 1 has not the digest that was signed"),
    ] {
        assert_eq!(facts(&with(at, 1), Some(&keys)), (problem.to_owned(), good.clone()));
    }
    // The header's architecture and times are outside every signature.
    for at in [46, 64, 72] {
        assert_eq!(facts(&with(at, 1), Some(&keys)), (String::new(), good.clone()));
    }
    // An object that leaves the group, and one that comes to it.
    let (problems, _) = facts(&with(table + 585 + 9, 3), None);
    assert_eq!(problems, "object 2, which was signed, is not there");
    let two = std::fs::read(folder.join("reference/two-groups-signed-pgp.sif")).unwrap();
    let mut joined = two.clone();
    joined[table + 2 * 585 + 9] ^= 3;
    assert_eq!(facts(&joined, None).0, "object 3 of the group was not signed");
    // A signature that another key made than the descriptor says.
    let mut other = whole.clone();
    other[table + 2 * 585 + 201 + 4] ^= 1;
    assert!(matches!(facts(&other, Some(&keys)).1, Verdict::Bad(_)));
    // The signed text changed.
    let at = whole.windows(11).position(|window| window == b"\"version\":1").unwrap();
    let relative = at + whole[at..].windows(14).position(|window| window == b"\"relativeId\":0").unwrap();
    let (problems, verdict) = facts(&with(relative + 13, 1), Some(&keys));
    assert!(matches!(verdict, Verdict::Bad(_)) && !problems.is_empty(), "{verdict:?} {problems}");
}

/// The images that the fuzzer begins with: one of each kind, as small as it gets.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let labels = r#"{"Version": "1.0", "org.label-schema.build-arch": "amd64"}"#;
    let attributes = serde_json::json!({
        "labels": {"Version": "1.0"}, "helpfile": "Help.", "deffile": "Bootstrap: scratch",
        "apps": {"tool": {"runscript": "exec tool", "labels": {"a": "b"}}},
        "environment": {"/.singularity.d/env/90-environment.sh": "export A=b"},
    });
    let config = br#"{"architecture": "arm64", "config": {"Labels": {"a": "b"}}}"#;
    let digest = |bytes: &[u8]| format!("sha256:{}", hex(&Sha256::digest(bytes)));
    let manifest = format!(r#"{{"config": {{"digest": "{}"}}}}"#, digest(config));
    let index = format!(r#"{{"manifests": [{{"digest": "{}"}}]}}"#, digest(manifest.as_bytes()));
    let blob = |text: &[u8]| digest(text).into_bytes();
    let oci = Sif::new()
        .arch(b"00\0")
        .object(0x400B, "", &blob(config), config)
        .object(0x400B, "", &blob(manifest.as_bytes()), manifest.as_bytes())
        .object(0x400A, "", &blob(index.as_bytes()), index.as_bytes());
    let clearsigned = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSIFHASH:\n00\n-----BEGIN PGP SIGNATURE-----\n\n\
                       wsBcBAEBCAAQBQJe7m6nCRCiDCfuf/e6hAAA\n-----END PGP SIGNATURE-----\n";
    let signature = [&2_i32.to_le_bytes()[..], &[7; 20]].concat();
    let looped = squashfs(
        Compressor::Gzip,
        &[
            Node::Link("/.singularity.d/labels.json", "labels.json"),
            Node::Link("/.singularity.d/runscript", "../../x"),
            Node::Link("/scif/apps/a", "/scif/apps"),
        ],
    );
    vec![
        ("empty", Sif::new().arch(b"00\0").without_time().bytes()),
        ("definition", Sif::new().definition("Bootstrap: docker\nFrom: a\n").bytes()),
        ("metadata", Sif::new().metadata(&attributes).root(b"hsqs").bytes()),
        ("gzip", Sif::new().root(&container(Compressor::Gzip, labels)).bytes()),
        ("xz", Sif::new().root(&container(Compressor::Xz, labels)).bytes()),
        ("zstd", Sif::new().root(&container(Compressor::Zstd, labels)).bytes()),
        ("lz4", Sif::new().root(&container(Compressor::Lz4, labels)).bytes()),
        ("loop", Sif::new().root(&looped).bytes()),
        ("tree", Sif::new().root(&crate::squashfs::small()).bytes()),
        ("bad-labels", Sif::new().root(&container(Compressor::Gzip, "{")).bytes()),
        ("oci", oci.bytes()),
        ("dsse", Sif::new().definition("Bootstrap: scratch\n").root(b"hsqs").dsse().bytes()),
        ("legacy", Sif::new().definition("x").object(0x4005, "", &signature, clearsigned.as_bytes()).bytes()),
        ("sbom", Sif::new().object(0x4009, "sbom", &4_i32.to_le_bytes(), b"{}").bytes()),
    ]
}

/// The kept seeds are those; `WARECAT_WRITE_SEEDS=1` writes them.
#[test]
fn the_seeds_of_the_fuzzer_are_of_every_kind() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz-corpus/sif");
    for (name, bytes) in seeds() {
        assert!(Image::open(&bytes[..]).is_ok(), "{name}");
        let path = folder.join(format!("seed-{name}"));
        if std::env::var_os("WARECAT_WRITE_SEEDS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        let kept = std::fs::read(&path).unwrap();
        let (kept, bytes) = (Image::open(&kept[..]).unwrap(), Image::open(&bytes[..]).unwrap());
        // A newer compressor may write the same otherwise.
        assert_eq!(Inspection::of(&kept).unwrap(), Inspection::of(&bytes).unwrap(), "{name}");
    }
}

#[test]
fn t30_a_small_image_cannot_make_much_of_itself_by_links() {
    let folder = "/.singularity.d/env";
    let links: Vec<String> = (0..100).map(|number| format!("{folder}/9{number}-environment.sh")).collect();
    let text = vec![b'x'; 1 << 20];
    let mut nodes = vec![Node::File("/big", &text[..])];
    nodes.extend(links.iter().map(|link| Node::Link(link, "/big")));
    let bytes = Sif::new().root(&squashfs(Compressor::Gzip, &nodes)).bytes();
    assert!(bytes.len() < 64 << 10);
    let found = Inspection::of(&Image::open(&bytes[..]).unwrap()).unwrap();
    let read: usize = found.attributes.environment.values().map(String::len).sum();
    assert_eq!(read, 16 << 20);
    assert_eq!(found.problems, ["there are more than 16777216 bytes of metadata; the rest is not read"]);
}

#[test]
fn written_images_are_read_as_they_were_written() {
    for (name, bytes) in seeds() {
        let image = Image::open(&bytes[..]).unwrap();
        let found = Inspection::of(&image).unwrap();
        match name {
            "gzip" | "xz" | "zstd" | "lz4" => {
                assert_eq!(found.problems, Vec::<String>::new(), "{name}");
                assert_eq!(found.attributes.labels["Version"], "1.0", "{name}");
                assert_eq!(found.attributes.helpfile, "A tool.\nIt does things.", "{name}");
                assert_eq!(found.attributes.apps["tool"].labels["Version"], "1", "{name}");
            }
            "oci" => {
                assert_eq!(found.architecture.map(|a| a.as_str()), Some("arm64"));
                assert_eq!(found.attributes.labels["a"], "b");
            }
            "loop" => assert!(found.problems.iter().any(|text| text.contains("circle")), "{:?}", found.problems),
            "dsse" => {
                let signature = Signature::all(&image, None).unwrap().remove(0);
                assert_eq!(signature.integrity(&image).unwrap().problems(), &[] as &[String]);
                assert_eq!((signature.form, signature.covers), (Form::Dsse, vec![1, 2]));
                let mut changed = bytes.clone();
                let last = changed.windows(4).rposition(|window| window == b"hsqs").unwrap();
                changed[last] = b'H';
                let image = Image::open(&changed[..]).unwrap();
                let signature = Signature::all(&image, None).unwrap().remove(0);
                let wrong = signature.integrity(&image).unwrap();
                assert_eq!(wrong.problems(), ["object 2 has not the digest that was signed"]);
            }
            _ => {}
        }
    }
}
