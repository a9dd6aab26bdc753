//! Warpforge's own documents: its published CIDs, its vectors and its whole catalog.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use warecat::model::codec::{block, decode, decode_block, encode};
use warecat::model::order::sort_natural;
use warecat::model::{
    MirrorsCapsule, ModuleCapsule, ModuleName, PlotCapsule, RawMirrorsCapsule, RawModuleCapsule, RawRelease, Release,
    WarpforgeCid,
};

use crate::shared;

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
    decoder: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    r#type: String,
    cid: String,
    json: String,
    cbor_hex: Option<String>,
    cbor_len: usize,
    input: Option<String>,
    input_b64: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    name: String,
    r#type: String,
    input: String,
    go_accepts: bool,
    go_json: Option<String>,
    go_cid: Option<String>,
}

struct Outcome {
    text: String,
    block: Vec<u8>,
    cid: String,
}

fn outcome<T: Serialize + DeserializeOwned>(input: &[u8], hashed: impl Fn(&T) -> Vec<u8>) -> Result<Outcome, String> {
    let value: T = decode(input).map_err(|error| error.to_string())?;
    let block = hashed(&value);
    let text = String::from_utf8(encode(&value)).unwrap();
    let again: T = decode(text.as_bytes()).map_err(|error| error.to_string())?;
    assert_eq!(hashed(&again), block, "what was written reads otherwise");
    Ok(Outcome { text, cid: WarpforgeCid::of_block(&block).to_string(), block })
}

/// Warpforge's workspace documents are not ours to keep; their codec is the same.
#[derive(Serialize, Deserialize)]
enum ModuleWf {
    #[serde(rename = "module.v1")]
    V1(std::collections::BTreeMap<String, String>),
}

fn run(kind: &str, input: &[u8]) -> Result<Outcome, String> {
    match kind {
        "CatalogRelease" => outcome::<RawRelease>(input, block),
        "CatalogModuleCapsule" => outcome::<RawModuleCapsule>(input, block),
        "CatalogMirrorsCapsule" => outcome::<RawMirrorsCapsule>(input, block),
        "PlotCapsule" => outcome::<PlotCapsule>(input, |capsule| block(&capsule.clone().into_inner())),
        "ModuleCapsule" => outcome::<ModuleWf>(input, block),
        "MirroringConfigCapsule" => outcome::<warecat::model::Value>(input, block),
        other => panic!("an unknown type of document: {other}"),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let mut bits = 0u32;
    let (mut count, mut bytes) = (0, Vec::new());
    for c in text.bytes().filter(|c| *c != b'=') {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        bits = bits << 6 | alphabet.iter().position(|a| *a == c).unwrap() as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn vectors() -> Option<Vectors> {
    let path = shared::data("warpforge/vectors.json")?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

#[test]
fn every_vector_gives_warpforges_text_block_and_cid() {
    let Some(vectors) = vectors() else { return };
    assert!(vectors.vectors.len() >= 74);
    for vector in vectors.vectors {
        let input = match (&vector.input, &vector.input_b64) {
            (_, Some(b64)) => base64(b64),
            (Some(text), None) => text.clone().into_bytes(),
            (None, None) => vector.json.clone().into_bytes(),
        };
        let got = run(&vector.r#type, &input).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(got.text, vector.json, "{}: text", vector.name);
        assert_eq!(got.cid, vector.cid, "{}: CID", vector.name);
        assert_eq!(got.block.len(), vector.cbor_len, "{}: length of the block", vector.name);
        if let Some(expected) = &vector.cbor_hex {
            assert_eq!(&hex(&got.block), expected, "{}: block", vector.name);
        }
    }
}

#[test]
fn what_warpforge_refuses_is_refused_and_so_is_what_it_should_refuse() {
    let Some(vectors) = vectors() else { return };
    for case in vectors.decoder {
        let got = run(&case.r#type, case.input.as_bytes());
        // Only the long names of mount modes are a leniency that changes nothing.
        if case.go_accepts && case.name == "plot-mount-mode-name" {
            let got = got.unwrap();
            assert_eq!(Some(got.text), case.go_json);
            assert_eq!(Some(got.cid), case.go_cid);
        } else {
            let error = got.err().unwrap_or_else(|| panic!("{} was accepted", case.name));
            assert!(error.contains("line "), "{}: no place in `{error}`", case.name);
        }
    }
}

#[test]
fn refusals_say_where() {
    let error =
        decode::<Release>(b"{\"releaseName\":\"v1\",\"items\":{\n\"a\":\"tar:x\",\n\"a\":\"tar:y\"},\"metadata\":{}}")
            .unwrap_err();
    assert_eq!((error.line, error.path.as_str()), (3, "items"));
    let error = decode::<Release>(b"{\"releaseName\":\"v1\",\"items\":{\"b\":\"tarx\"},\"metadata\":{}}").unwrap_err();
    assert_eq!(error.path, "items.b");
    assert!(error.to_string().contains("no colon"), "{error}");
}

#[test]
fn a_release_without_real_data_has_its_published_cid() {
    let text = b"{\n\t\"releaseName\": \"v4.3\",\n\t\"items\": {\n\t\t\"amd64\": \"tar:2uTRzxorKpnwoFjFYZofQZqb7Tj8Wh4P4Q9VDx4EnNqUij7sW1WLsf1S3eEoUvrrrj\"\n\t},\n\t\"metadata\": {\n\t\t\"replay\": \"zM5K3U7jBNJJrAFTmoLALiJtMKU7hKMax4eCbtwj8Zd7pTrKXnb9FncbKwHAjZZcUJ1Lvn3\"\n\t}\n}\n";
    let release: Release = decode(text).unwrap();
    assert_eq!(release.cid().as_str(), "zM5K3VdyCW3jti8uNFXM4utPZaYXumpyXosaWV3gvWqtdzAxwWkKUjxUwKNYXDT8nEKz4bX");
    assert_eq!(encode(&release), text);
    let again: Release = decode_block(&block(&release)).unwrap();
    assert_eq!(block(&again), block(&release));
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Canonical text, allowing for the final newline that hand edits of the catalog lost or doubled.
fn round_trips<T: Serialize + DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read(path).unwrap();
    let value: T = decode(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let written = encode(&value);
    assert_eq!(written.trim_ascii_end(), text.trim_ascii_end(), "{}", path.display());
    value
}

#[test]
fn warpforges_own_catalog_round_trips_with_verified_cids() {
    let Some(root) = shared::data("warpforge/warpsys-catalog") else { return };
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let (mut releases, mut replays) = (0, 0);
    for path in &paths {
        let folder = path.parent().unwrap();
        let file = path.file_name().unwrap().to_str().unwrap();
        match (file, folder.file_name().unwrap().to_str().unwrap()) {
            ("_module.json", _) => {
                let module = round_trips::<ModuleCapsule>(path).into_inner();
                assert_eq!(folder.strip_prefix(&root).unwrap(), Path::new(module.name.as_str()));
                for (name, cid) in &module.releases {
                    let release: Release = round_trips(&folder.join(format!("_releases/{name}.json")));
                    assert_eq!(&release.cid(), cid, "{}: {name}", path.display());
                    releases += 1;
                }
            }
            ("_mirrors.json", _) => {
                round_trips::<MirrorsCapsule>(path);
            }
            (_, "_replays") => {
                let plot = round_trips::<PlotCapsule>(path).into_inner();
                assert_eq!(format!("{}.json", plot.cid()), file);
                replays += 1;
            }
            _ => {}
        }
    }
    assert_eq!((paths.len(), releases, replays), (181, 56, 39));
}

#[derive(Deserialize)]
struct Operations {
    release_order: Vec<Order>,
    module_names: Vec<Name>,
}

#[derive(Deserialize)]
struct Order {
    input: Vec<String>,
    sorted: Vec<String>,
}

#[derive(Deserialize)]
struct Name {
    name: String,
    valid: bool,
}

#[test]
fn releases_sort_and_strict_names_are_told_as_warpforge_does() {
    let Some(path) = shared::data("warpforge/operations.json") else { return };
    let operations: Operations = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for mut case in operations.release_order {
        sort_natural(&mut case.input, |name| name);
        assert_eq!(case.input, case.sorted);
    }
    for case in operations.module_names {
        let strict = case.name.parse::<ModuleName>().is_ok_and(|name| name.is_strict());
        assert_eq!(strict, case.valid, "{:?}", case.name);
    }
}
