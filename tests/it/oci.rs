//! `import oci` against a real registry, with what Apptainer, Singularity and others push.

use std::collections::BTreeMap;

use serde_json::json;
use warecat::catalog::{ApplyOptions, Catalog, ImportPolicy, Proposals};
use warecat::import::image::KnownImages;
use warecat::import::oci::{Imported, Wanted, gather, import};
use warecat::mirror::Cache;
use warecat::mirror::oci::Registry;
use warecat::model::{Diagnostic, Digest, ModuleName, ModuleProposal, ReleaseProposal};

use crate::shared;
use crate::support::TestCatalog;
use crate::support_registry::{RealRegistry, options};
use crate::transcripts::shell;

use self::push::{DOCKER, DOCKER_LIST, INDEX, OCI, Pusher};

mod hostile;
mod push;
mod replay;

const DIGESTS: &str = "apptainer/oci/manifests/digests.json";

fn prefix() -> ModuleName {
    "r.example".parse().unwrap()
}

fn wanted(text: &str) -> Vec<Wanted> {
    vec![text.parse().unwrap()]
}

/// All that is wanted, as it is proposed to an empty catalog.
fn imported(registry: &Registry, wanted: &[Wanted]) -> Imported {
    import(&prefix(), &gather(registry, wanted, &|| {}).unwrap(), &BTreeMap::new(), &KnownImages::new())
}

fn client() -> Registry {
    Registry::new(options(), |_| None, None)
}

#[track_caller]
fn module<'i>(imported: &'i Imported, name: &str) -> &'i ModuleProposal {
    let found = imported.import.modules.iter().find(|module| module.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no {name} among {:#?}", imported.import))
}

#[track_caller]
fn release<'i>(imported: &'i Imported, module_name: &str, name: &str) -> &'i ReleaseProposal {
    let found = module(imported, module_name).releases.iter().find(|release| release.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no {module_name}:{name} among {:#?}", imported.import))
}

/// The items of a release as text.
fn items(release: &ReleaseProposal) -> Vec<(String, String)> {
    release.items.iter().map(|(label, ware)| (label.as_str().to_owned(), ware.to_string())).collect()
}

fn item(label: &str, packtype: &str, digest: &Digest) -> (String, String) {
    (label.to_owned(), format!("{packtype}:{}", digest.to_cid()))
}

fn record(release: &ReleaseProposal) -> serde_json::Value {
    serde_json::to_value(release.record.clone().unwrap().into_inner()).unwrap()
}

fn messages(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|d| format!("{} {}: {}", d.code, d.path, d.message)).collect()
}

/// Pushes the artifacts and images of the real data; nothing where one is absent.
fn with_real_data() -> Option<RealRegistry> {
    let digests = shared::data(DIGESTS)?;
    let server = RealRegistry::start_empty()?;
    let push = Pusher::new(&server);
    let digests: serde_json::Value = serde_json::from_slice(&std::fs::read(digests).unwrap()).unwrap();
    // Manifests that others name come first.
    let mut names: Vec<&String> = digests.as_object().unwrap().keys().collect();
    names.sort_by_key(|name| usize::MAX - name.len());
    for name in names {
        let bytes = std::fs::read(shared::data(&format!("apptainer/oci/manifests/{name}.json"))?).unwrap();
        let (repository, tag) = name.rsplit_once('_').unwrap();
        let repository = repository.replace('_', "/");
        let layout = digests[name]["layout"].as_str().unwrap();
        push.blobs(&repository, &shared::data(&format!("apptainer/oci/{layout}/blobs/sha256"))?);
        let digest = digests[name]["digest"].as_str().unwrap();
        let is_part = name.ends_with("64") && layout == "multiarch";
        let reference = if is_part { digest } else { tag };
        let found = push.manifest(&repository, reference, digests[name]["mediaType"].as_str().unwrap(), &bytes);
        assert_eq!(found.to_string(), digest);
    }
    let docker = shared::data("apptainer/oci/docker-v2s2-amd64")?;
    push.blobs("docker/hello", &docker);
    push.manifest("docker/hello", "1.0", DOCKER, &std::fs::read(docker.join("manifest.json")).unwrap());
    Some(server)
}

#[test]
fn sif_artifacts_of_every_generation_are_read_without_being_pulled() {
    let Some(server) = with_real_data() else { return };
    let registry = client();
    let found = imported(&registry, &wanted(&format!("oci://{}", server.host())));
    assert_eq!(messages(&found.import.diagnostics), Vec::<String>::new());
    let digests: serde_json::Value =
        serde_json::from_slice(&std::fs::read(shared::data(DIGESTS).unwrap()).unwrap()).unwrap();
    for (name, tag, label, file) in [
        ("hpc/alpine", "3.22", "linux-amd64", "compute/alpine_latest.sif"),
        ("hpc/busybox", "1.36.1", "linux-amd64", "shared/busybox_1.36.1.sif"),
        ("hpc/gromacs", "2024.4-arm64", "linux-arm64", "compute/gromacs_2024.4_arm64.sif"),
        ("hpc/python", "3.11", "linux-amd64", "compute/python_3.11.sif"),
    ] {
        // The same image on disk is the same ware.
        let bytes = std::fs::read(shared::data(&format!("apptainer/images/{file}")).unwrap()).unwrap();
        let module_name = format!("r.example/{name}/image");
        let release = release(&found, &module_name, tag);
        assert_eq!(items(release), [item(label, "sif", &Digest::of(&bytes))], "{name}");
        let manifest = digests[format!("{}_{tag}", name.replace('/', "_"))]["digest"].as_str().unwrap();
        let mirror = &module(&found, &module_name).mirrors[0].1;
        assert_eq!(mirror[0].as_str(), format!("oci://{}/{name}@{manifest}", server.host()));
        assert_eq!(module(&found, &module_name).metadata.get("name").map(String::as_str), Some(name));
        let record = record(release);
        assert_eq!(record["kind"], "apptainer.image");
        let part = &record["data"]["images"][label];
        assert_eq!(
            (part["sha256"].as_str(), part["size"].as_u64()),
            (Some(Digest::of(&bytes).hex().as_str()), Some(bytes.len() as u64))
        );
        assert!(part["sif"]["objects"].as_array().unwrap().len() > 1, "{part}");
        let from = part["sif"]["metadata-from"].as_str().unwrap();
        assert_eq!(from, if name == "hpc/busybox" { "file system" } else { "inspect-metadata.json" }, "{name}");
    }
}

#[test]
fn what_an_artifact_says_is_what_apptainer_says_of_the_file() {
    let Some(server) = with_real_data() else { return };
    let expected = std::fs::read(shared::data("apptainer/expected.json").unwrap()).unwrap();
    let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
    let found = imported(&client(), &wanted(&format!("oci://{}/hpc/python", server.host())));
    let record = record(release(&found, "r.example/hpc/python/image", "3.11"));
    let part = &record["data"]["images"]["linux-amd64"];
    let file = expected["images"].as_array().unwrap().iter().find(|image| image["name"] == "python_3.11.sif").unwrap();
    assert_eq!(part["attributes"]["labels"], file["inspect"]["labels"], "{file}");
    assert_eq!(part["sha256"], file["sha256"]);
}

#[test]
fn plain_images_and_indexes_are_items_by_platform() {
    let Some(server) = with_real_data() else { return };
    let found = imported(
        &client(),
        &["hello", "docker/hello"].map(|name| format!("oci://{}/{name}", server.host()).parse().unwrap()),
    );
    let hello = release(&found, "r.example/hello/image", "1.0");
    let digest = |text: &str| -> Digest { text.parse().unwrap() };
    assert_eq!(
        items(hello),
        [
            item("linux-amd64", "oci", &digest("ad0aa5b4428b6da2414f37f568f23441301a9693d8e718e5260e5266d5ff136d")),
            item("linux-arm64-v8", "oci", &digest("05f6a1f65b390b2dbef5b206fb3f502231d2781a4e3fda29dd9c169a85e46ed9")),
        ]
    );
    assert_eq!(hello.metadata.get("date").map(String::as_str), Some("2024-01-01T00:00:00Z"));
    assert_eq!(module(&found, "r.example/hello/image").metadata.get("license").map(String::as_str), Some("MIT"));
    let record = record(hello);
    assert_eq!(record["kind"], "oci.image");
    assert_eq!(record["data"]["images"]["linux-arm64-v8"]["config"]["architecture"], "arm64");
    assert_eq!(record["data"]["index"]["annotations"]["org.opencontainers.image.version"], "1.0");
    let docker = release(&found, "r.example/docker/hello/image", "1.0");
    let manifest = std::fs::read(shared::data("apptainer/oci/docker-v2s2-amd64/manifest.json").unwrap()).unwrap();
    assert_eq!(items(docker), [item("linux-amd64", "oci", &Digest::of(&manifest))]);
}

#[test]
fn a_second_run_asks_what_tags_name_and_reads_nothing_again() {
    let Some(server) = with_real_data() else { return };
    let dir = tempfile::tempdir().unwrap();
    let client = || Registry::new(options(), |_| None, Some(Cache::open(dir.path()).unwrap()));
    let wanted = wanted(&format!("oci://{}/", server.host()));
    let (cold, warm) = (client(), client());
    let first = imported(&cold, &wanted);
    let second = imported(&warm, &wanted);
    assert_eq!(first.import, second.import);
    assert!(cold.traffic().manifests >= 6 && cold.traffic().blobs >= 6, "{:?}", cold.traffic());
    assert_eq!((warm.traffic().manifests, warm.traffic().blobs), (0, 0));
    for threads in [1, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| imported(&client(), &wanted)).import, first.import, "{threads} threads");
    }
}

#[test]
fn a_catalog_takes_it_and_a_moved_tag_is_told() {
    let Some(server) = RealRegistry::start_empty() else { return };
    let push = Pusher::new(&server);
    let config = |version: &str| {
        json!({"os": "linux", "architecture": "amd64", "config": {"Env": ["API_KEY=abcdef"], "Labels": {
            "org.opencontainers.image.version": version}}})
    };
    push.image("a/tool", "latest", &config("1"));
    let test = TestCatalog::new();
    let run = |catalog: &Catalog, update_existing: bool| {
        let found = imported(&client(), &wanted(&format!("oci://{}", server.host())));
        let prefix = prefix();
        let proposals = Proposals { modules: found.import.modules, prefix: &prefix, source: None, covers: &|_| true };
        let policy = ImportPolicy { update_existing, prune: false };
        catalog.import(proposals, policy, ApplyOptions::default()).unwrap().0
    };
    assert!(run(&test.open(), false).files > 0);
    assert_eq!(run(&test.open(), false).files, 0);
    assert_eq!(test.findings(), Vec::<(String, String)>::new());
    assert!(test.documents().values().all(|text| !text.contains("abcdef")), "a secret was kept");
    let before = test.documents();
    push.image("a/tool", "latest", &config("2"));
    let report = run(&test.open(), false);
    let pin = report.broken_pins.first().unwrap();
    assert_eq!(pin.reference.to_string(), "r.example/a/tool/image:latest:linux-amd64");
    assert_eq!(test.documents(), before);
    assert!(run(&test.open(), true).files > 0);
    assert_eq!(test.findings(), Vec::<(String, String)>::new());
}

#[test]
fn what_refers_to_an_image_is_listed_and_is_no_release() {
    let Some(server) = RealRegistry::start_empty() else { return };
    let push = Pusher::new(&server);
    let config = json!({"os": "linux", "architecture": "amd64"});
    let (digest, image) = push.image("a", "1.0", &config);
    let sbom = push.blob("a", "application/spdx+json", b"{}");
    let refers = json!({"schemaVersion": 2, "mediaType": OCI, "artifactType": "application/spdx+json",
        "config": push.blob("a", "application/vnd.oci.empty.v1+json", b"{}"), "layers": [sbom], "subject": image})
    .to_string();
    let by = push.manifest("a", &Digest::of(refers.as_bytes()).to_string(), OCI, refers.as_bytes());
    let entry = json!({"mediaType": OCI, "digest": by.to_string(), "size": refers.len(),
        "artifactType": "application/spdx+json"});
    let list = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).to_string();
    push.manifest("a", &format!("sha256-{}", digest.hex()), INDEX, list.as_bytes());
    push.image("a", &format!("sha256-{}.sig", digest.hex()), &config);
    let found = imported(&client(), &wanted(&format!("oci://{}/a", server.host())));
    assert_eq!(messages(&found.import.diagnostics), Vec::<String>::new());
    assert_eq!(module(&found, "r.example/a/image").releases.len(), 1);
    let referrers = record(release(&found, "r.example/a/image", "1.0"))["data"]["referrers"].clone();
    assert_eq!(
        (referrers[0]["digest"].as_str(), referrers[1]["kind"].as_str()),
        (Some(by.to_string().as_str()), Some("signature"))
    );
}

#[test]
fn attestations_are_listed_and_an_imported_base_is_a_replay() {
    let Some(server) = RealRegistry::start_empty() else { return };
    let push = Pusher::new(&server);
    let (base, _) = push.image("base", "3", &json!({"os": "linux", "architecture": "amd64"}));
    let labels = json!({"org.opencontainers.image.base.digest": base.to_string(),
        "org.opencontainers.image.base.name": "base:3"});
    let config = json!({"os": "linux", "architecture": "amd64", "config": {"Labels": labels}});
    let types = [DOCKER, "application/vnd.docker.container.image.v1+json"];
    let (amd64, mut entry) = push.image_as("app", "part", &config, types);
    entry["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let (_, mut attestation) = push.image("app", "other", &json!({"os": "unknown", "architecture": "unknown"}));
    attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    let list = json!({"schemaVersion": 2, "mediaType": DOCKER_LIST, "manifests": [entry, attestation]}).to_string();
    push.manifest("app", "1.0", DOCKER_LIST, list.as_bytes());
    let found = imported(&client(), &wanted(&format!("oci://{}", server.host())));
    // Under a tag of its own, what is for no platform is refused.
    let told = messages(&found.import.diagnostics);
    assert!(told.len() == 1 && told[0].starts_with("entry-refused tags[\"other\"]"), "{told:?}");
    let app = release(&found, "r.example/app/image", "1.0");
    assert_eq!(items(app), [item("linux-amd64", "oci", &amd64)]);
    assert_eq!(record(app)["data"]["attestations"].as_array().unwrap().len(), 1);
    let refs = app.replay.as_ref().unwrap().catalog_refs().into_iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(refs, ["r.example/base/image:3:linux-amd64"]);
    assert_eq!(app.metadata.get("replay-origin").map(String::as_str), Some("derived"));
    let alone = imported(&client(), &wanted(&format!("oci://{}/app", server.host())));
    assert_eq!(release(&alone, "r.example/app/image", "1.0").replay, None, "no reference is made up");
}

#[test]
fn one_bad_repository_or_tag_is_not_the_end() {
    let Some(server) = RealRegistry::start_empty() else { return };
    let push = Pusher::new(&server);
    let config = json!({"os": "linux", "architecture": "amd64"});
    push.image("good", "1.0", &config);
    push.image("good", "V1", &config);
    push.image("good", "v1", &config);
    push.image("good", "con", &config);
    let names = ["good", "absent"].map(|name| format!("oci://{}/{name}", server.host()).parse().unwrap());
    let found = imported(&client(), &names);
    let names: Vec<&str> =
        module(&found, "r.example/good/image").releases.iter().map(|release| release.name.as_str()).collect();
    assert_eq!(names, ["1.0", "V1"]);
    let told = messages(&found.import.diagnostics).join("\n");
    for words in ["tags[\"v1\"]: `V1` is the same where case is ignored", "tags[\"con\"]", "it cannot be read"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(found.whole.is_empty() && found.unclear.len() == 2, "nothing of these may be pruned");
}

#[test]
fn the_command_imports_a_registry_and_tells_what_it_did() {
    let Some(server) = RealRegistry::start_empty() else { return };
    let push = Pusher::new(&server);
    push.image("a/tool", "1.0", &json!({"os": "linux", "architecture": "amd64"}));
    push.image("a/chart", "1.0", &json!({"os": "", "architecture": ""}));
    let test = TestCatalog::new();
    let run = |from: &str, end: &str| {
        let from = format!("oci://{}{from}", server.host());
        let line =
            format!("warecat --json -C {} import oci --from {from} --prefix r.example {end}", test.path().display());
        let done = shell(test.path(), &line).output().unwrap();
        let text = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        (done.status.code().unwrap(), text)
    };
    let (code, text) = run("/a/tool", "--dry-run");
    assert_eq!((code, test.documents().len()), (5, 0), "{text}");
    let (code, text) = run("", "-j 3");
    assert!(code == 7 && text.contains("does not say for which platform it is"), "{text}");
    let (code, text) = run("/a/tool", "");
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("\"written\": 1") || text.contains("\"written\": 0"), "{text}");
    let resolved = shell(
        test.path(),
        &format!("warecat -C {} resolve r.example/a/tool/image:1.0:linux-amd64", test.path().display()),
    );
    let resolved = { resolved }.output().unwrap();
    let text = String::from_utf8(resolved.stdout).unwrap();
    assert!(
        text.contains("oci:bafkrei") && text.contains(&format!("oci://{}/a/tool@sha256:", server.host())),
        "{text}"
    );
    let (code, text) = run("/absent", "");
    assert!(code == 3 && text.contains("does not exist"), "{code} {text}");
}
