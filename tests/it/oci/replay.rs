//! Replays of SIF artifacts: the same as of the files, and with bases of registries.

use std::collections::BTreeSet;
use std::path::Path;

use backhand::compression::Compressor;
use serde_json::{Value, json};
use warecat::model::Digest;

use super::push::{DOCKER_LIST, Pusher};
use super::{client, imported, release, wanted};
use crate::sif_writer::{Sif, container};
use crate::support::TestCatalog;
use crate::support_registry::RealRegistry;
use crate::transcripts::shell;

/// A SIF image with this definition, different for each `version`.
fn sif(definition: &str, version: &str) -> Vec<u8> {
    let attributes = json!({"labels": {"Version": version}, "deffile": definition});
    Sif::new().definition(definition).metadata(&attributes).root(b"hsqs").bytes()
}

fn amd64() -> Value {
    json!({"os": "linux", "architecture": "amd64"})
}

/// Imports, and gives the exit status and what was printed.
fn run(test: &TestCatalog, line: &str) -> (i32, String) {
    let done = shell(test.path(), &format!("warecat --json -C {} {line}", test.path().display())).output().unwrap();
    (done.status.code().unwrap(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}

fn document(test: &TestCatalog, path: &str) -> Value {
    serde_json::from_str(&test.read(path)).unwrap()
}

/// The plot of a release, and the references among its inputs.
fn plot(test: &TestCatalog, module: &str, release: &str) -> (Value, Vec<String>) {
    let document_of_release = document(test, &format!("{module}/_releases/{release}.json"));
    let cid = document_of_release["metadata"]["replay"].as_str().unwrap_or_else(|| panic!("{module}: no replay"));
    let plot = document(test, &format!("{module}/_replays/{cid}.json"))["plot.v1"].clone();
    let inputs = plot["inputs"].as_object().unwrap().clone();
    let references = inputs.values().filter_map(|input| input.as_str()?.strip_prefix("catalog:").map(str::to_owned));
    let references = references.collect();
    (plot, references)
}

/// The codes of what `check` finds, but for replays that say that they use the network.
fn findings(test: &TestCatalog) -> BTreeSet<String> {
    test.findings().into_iter().map(|(code, _)| code).filter(|code| code != "replay-not-hermetic").collect()
}

#[test]
fn a_sif_artifact_has_the_replay_of_its_definition_with_the_base_that_is_imported() {
    let Some(server) = RealRegistry::start_empty() else { return };
    let (push, host) = (Pusher::new(&server), server.host());
    let sif_base = push.sif("hpc/base", "1.0", &sif("Bootstrap: scratch\n", "1"));
    let (image_base, _) = push.image("os/base", "3", &amd64());
    let oras = "r.example/hpc/base/image:1.0:linux-amd64";
    let docker = "r.example/os/base/image:3:linux-amd64";
    let cases = [
        ("oras", format!("Bootstrap: oras\nFrom: {host}/hpc/base:1.0\n"), vec![oras]),
        ("oras-digest", format!("Bootstrap: oras\nFrom: {host}/hpc/base@{sif_base}\n"), vec![oras]),
        ("docker", format!("bootstrap: docker\nfrom: {host}/os/base:3\n%post\n  true\n"), vec![docker]),
        ("docker-digest", format!("Bootstrap: docker\nFrom: {host}/os/base:gone@{image_base}\n"), vec![docker]),
        ("headers", format!("Bootstrap: docker\nRegistry: http://{host}\nNamespace: os\nFrom: base:3\n"), vec![docker]),
        (
            "stages",
            format!(
                "Bootstrap: docker\nFrom: {host}/os/base:3\nStage: one\n\nBootstrap: oras\nFrom: {host}/hpc/base:1.0\n"
            ),
            vec![docker, oras],
        ),
        (
            "twice",
            format!("Bootstrap: docker\nFrom: {host}/os/base:3\nBootstrap: docker\nFrom: {host}/os/base:3\n"),
            vec![docker],
        ),
        ("other-tag", format!("Bootstrap: docker\nFrom: {host}/os/base:4\n"), vec![]),
        ("other-digest", format!("Bootstrap: docker\nFrom: {host}/os/base:3@{}\n", Digest::of(b"x")), vec![]),
        ("other-host", "Bootstrap: docker\nFrom: docker.io/os/base:3\n".to_owned(), vec![]),
        ("argument", format!("Bootstrap: docker\nFrom: {host}/os/base:{{{{ VERSION }}}}\n"), vec![]),
        ("file", "Bootstrap: localimage\nFrom: base_1.0.sif\n".to_owned(), vec![]),
    ];
    for (name, definition, _) in &cases {
        push.sif(&format!("app/{name}"), "1.0", &sif(definition, name));
    }
    push.sif("app/none", "1.0", &Sif::new().root(&container(Compressor::Gzip, "{}")).bytes());
    let test = TestCatalog::new();
    let (code, text) = run(&test, &format!("import oci --from oci://{host} --prefix r.example"));
    assert_eq!(code, 0, "{text}");
    for (name, definition, bases) in &cases {
        let module = format!("r.example/app/{name}/image");
        let (plot, references) = plot(&test, &module, "1.0");
        assert_eq!(references, *bases, "{name}");
        assert_eq!(plot["inputs"]["definition"], format!("literal:{definition}"), "{name}");
        assert_eq!(plot["steps"]["build"]["protoformula"]["action"]["exec"]["network"], true, "{name}");
        let facts = document(&test, &format!("{module}/_releases/1.0.json"))["metadata"].clone();
        assert_eq!(facts["replay-origin"], "derived", "{name}");
    }
    let none = document(&test, "r.example/app/none/image/_releases/1.0.json")["metadata"].clone();
    assert!(none.get("replay").is_none() && none.get("replay-origin").is_none(), "{none}");
    assert_eq!(findings(&test), BTreeSet::new());
    // A second import changes nothing; one of a single repository takes the bases that the
    // catalog has.
    for from in [String::new(), "/app/docker".to_owned()] {
        let (code, text) = run(&test, &format!("import oci --from oci://{host}{from} --prefix r.example"));
        assert!(code == 0 && text.contains("\"held_back\": []"), "{text}");
        assert_eq!(plot(&test, "r.example/app/docker/image", "1.0").1, [docker], "{from}");
    }
}

#[test]
fn the_label_with_the_digest_of_a_base_goes_before_the_definition() {
    let Some(server) = RealRegistry::start_empty() else { return };
    let (push, host) = (Pusher::new(&server), server.host());
    let (old, mut entry) =
        push.image("os/base", "3.1", &json!({"os": "linux", "architecture": "arm64", "variant": "v8"}));
    entry["platform"] = json!({"os": "linux", "architecture": "arm64", "variant": "v8"});
    let list = json!({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": [entry]}).to_string();
    push.manifest("os/base", "3", DOCKER_LIST, list.as_bytes());
    let definition = format!("Bootstrap: docker\nFrom: {host}/os/base:3\n");
    for (name, digest) in [("labelled", old.to_string()), ("by-index", Digest::of(list.as_bytes()).to_string())] {
        let labels = json!({"org.opencontainers.image.base.digest": digest});
        let image = Sif::new().arch(b"04\0").metadata(&json!({"labels": labels, "deffile": definition})).root(b"hsqs");
        push.sif(&format!("app/{name}"), "1", &image.bytes());
    }
    let found = imported(&client(), &wanted(&format!("oci://{host}")));
    let bases = |name: &str| -> Vec<String> {
        let release = release(&found, &format!("r.example/app/{name}/image"), "1");
        release.replay.as_ref().unwrap().catalog_refs().into_iter().map(ToString::to_string).collect()
    };
    // Both tags name the manifest; the first by name is taken. Only one names the index.
    assert_eq!(bases("labelled"), ["r.example/os/base/image:3:linux-arm64-v8"]);
    assert_eq!(bases("by-index"), ["r.example/os/base/image:3:linux-arm64-v8"]);
}

#[test]
fn a_base_of_another_registry_or_prefix_is_found_in_the_catalog() {
    let (Some(bases), Some(apps)) = (RealRegistry::start_empty(), RealRegistry::start_empty()) else { return };
    let image = Pusher::new(&bases).image("os/base", "3", &amd64()).0;
    let definition = format!("Bootstrap: docker\nFrom: {}/os/base:3\n", bases.host());
    let pinned = format!("Bootstrap: docker\nFrom: {}/os/base@{image}\n", bases.host());
    let artifact = sif(&definition, "1");
    let push = Pusher::new(&apps);
    push.sif("app", "1", &artifact);
    let label = json!({"org.opencontainers.image.base.digest": image.to_string(),
        "org.opencontainers.image.base.name": format!("{}/os/base:3", bases.host())});
    push.image("plain", "1", &json!({"os": "linux", "architecture": "amd64", "config": {"Labels": label}}));
    let test = TestCatalog::new();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("images/p")).unwrap();
    std::fs::write(root.join("images/p/app_1.sif"), &artifact).unwrap();
    std::fs::write(root.join("images/p/pinned_1.sif"), sif(&pinned, "2")).unwrap();
    let folder = format!(
        "import apptainer --root {} --prefix site.example --hash-cache {}/hashes",
        root.display(),
        root.display()
    );
    // What the catalog has not is not made up.
    assert_eq!(run(&test, &folder).0, 0);
    assert_eq!(plot(&test, "site.example/p/app", "1").1, Vec::<String>::new());
    for (server, prefix) in [(&bases, "bases.example"), (&apps, "apps.example")] {
        let (code, text) = run(&test, &format!("import oci --from oci://{} --prefix {prefix}", server.host()));
        assert_eq!(code, 0, "{text}");
    }
    assert_eq!(run(&test, &format!("{folder} --update-existing")).0, 0);
    let base = ["bases.example/os/base/image:3:linux-amd64"];
    for module in ["apps.example/app/image", "apps.example/plain/image", "site.example/p/app", "site.example/p/pinned"]
    {
        assert_eq!(plot(&test, module, "1").1, base, "{module}");
    }
    assert_eq!(findings(&test), BTreeSet::new());
    same_on_disk_and_in_the_registry(&test, "site.example/p/app", "apps.example/app/image");
}

/// One image has one ware, one replay and one description, wherever it was found.
#[track_caller]
fn same_on_disk_and_in_the_registry(test: &TestCatalog, one: &str, other: &str) {
    let release = |module: &str| document(test, &format!("{module}/_releases/1.json"));
    let (disk, registry) = (release(one), release(other));
    assert_eq!(disk["items"], registry["items"]);
    assert_eq!(plot(test, one, "1").0, plot(test, other, "1").0);
    for key in ["version", "date", "kind", "replay"] {
        assert_eq!(disk["metadata"][key], registry["metadata"][key], "{key}");
    }
    let part = |module: &str, release: &Value| {
        let cid = release["metadata"]["record"].as_str().unwrap();
        let record = document(test, &format!("{module}/_records/{cid}.json"));
        record["record.v1"]["data"]["images"]["linux-amd64"].clone()
    };
    let (disk, registry) = (part(one, &disk), part(other, &registry));
    for key in ["sha256", "size", "bases", "attributes", "sif"] {
        assert_eq!(disk[key], registry[key], "{key}");
    }
}

/// Every real image, on disk and in a registry, is one ware and is described the same.
#[test]
fn every_real_image_is_the_same_on_disk_and_in_a_registry() {
    let (Some(data), Some(server)) = (crate::shared::data("apptainer"), RealRegistry::start_empty()) else { return };
    let push = Pusher::new(&server);
    let expected: Value = serde_json::from_slice(&std::fs::read(data.join("expected.json")).unwrap()).unwrap();
    let (test, mut pushed) = (TestCatalog::new(), Vec::new());
    for image in expected["images"].as_array().unwrap() {
        let path = data.join("images").join(image["path"].as_str().unwrap());
        if image["kind"] != "sif" || !image["symlink_to"].is_null() {
            continue;
        }
        let name = format!("i{}", pushed.len());
        push.sif(&name, "1", &std::fs::read(&path).unwrap());
        pushed.push((name, path));
    }
    let root = tempfile::tempdir().unwrap();
    for (name, path) in &pushed {
        let copy = root.path().join(format!("{name}_1.sif"));
        std::fs::copy::<&Path, &Path>(path, &copy).unwrap();
    }
    let root = root.path().display();
    let (_, text) =
        run(&test, &format!("import apptainer --root {root} --prefix disk.example --hash-cache {root}/hashes"));
    assert!(text.contains("\"refused\": 0"), "{text}");
    let (_, text) = run(&test, &format!("import oci --from oci://{} --prefix reg.example", server.host()));
    assert!(text.contains("\"refused\": 0"), "{text}");
    assert!(pushed.len() >= 17, "{}", pushed.len());
    for (name, path) in &pushed {
        let at = path.display();
        let facts = |module: &str| {
            let module_facts =
                document(&test, &format!("{module}/_module.json"))["catalogmodule.v1"]["metadata"].clone();
            let release = document(&test, &format!("{module}/_releases/1.json"));
            let said = |value: &Value, keys: &[&str]| keys.iter().map(|key| value[key].clone()).collect::<Vec<_>>();
            (
                release["items"].clone(),
                said(&module_facts, &["description", "homepage", "license"]),
                said(&release["metadata"], &["version", "date", "signed-by", "kind", "replay", "replay-origin"]),
            )
        };
        assert_eq!(facts(&format!("disk.example/{name}")), facts(&format!("reg.example/{name}/image")), "{at}");
    }
}
