//! A folder of images becomes modules and releases: real images, and hostile folders.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use backhand::compression::Compressor;
use serde_json::{Value, json};
use warecat::model::Digest;

use crate::shared;
use crate::sif_writer::{Sif, container};
use crate::support::TestCatalog;

/// A catalog, and a folder of images to import into it.
struct Site {
    catalog: TestCatalog,
    dir: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        Self { catalog: TestCatalog::new(), dir: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn cache(&self) -> PathBuf {
        self.dir.path().join("hashes")
    }

    fn run(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warecat"));
        command.arg("--json").arg("-C").arg(self.catalog.path()).args([
            "import",
            "apptainer",
            "--prefix",
            "site.example",
        ]);
        command.arg("--root").arg(self.root()).arg("--hash-cache").arg(self.cache());
        command.args(more).output().unwrap()
    }

    /// Imports, and gives the report and the exit status.
    fn import(&self, more: &[&str]) -> (Value, i32) {
        let output = self.run(more);
        let report = serde_json::from_slice(&output.stdout);
        (
            report.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))),
            output.status.code().unwrap(),
        )
    }

    fn document(&self, path: &str) -> Value {
        serde_json::from_str(&self.catalog.read(path)).unwrap()
    }

    fn release(&self, module: &str, release: &str) -> Value {
        self.document(&format!("site.example/{module}/_releases/{release}.json"))
    }

    fn record(&self, module: &str, release: &str) -> Value {
        let cid = self.release(module, release)["metadata"]["record"].as_str().unwrap().to_owned();
        self.document(&format!("site.example/{module}/_records/{cid}.json"))["record.v1"]["data"]["images"].clone()
    }
}

/// `file: message` of all diagnostics.
fn told(report: &Value) -> Vec<String> {
    let list = report["diagnostics"].as_array().unwrap();
    list.iter()
        .map(|one| {
            format!(
                "{} {}: {}",
                one["code"].as_str().unwrap(),
                one["file"].as_str().unwrap(),
                one["message"].as_str().unwrap()
            )
        })
        .collect()
}

fn has(report: &Value, code: &str, file: &str, message: &str) -> bool {
    told(report).iter().any(|text| text.starts_with(&format!("{code} {file}: ")) && text.contains(message))
}

/// A small whole image, different for each `version`.
fn image(version: &str) -> Sif {
    Sif::new()
        .definition("Bootstrap: docker\nFrom: example.org/base:1\n")
        .metadata(&json!({"labels": {"Version": version}, "helpfile": "A tool.\nMore."}))
        .root(&container(Compressor::Gzip, "{}"))
}

fn ware(bytes: &[u8]) -> String {
    format!("sif:{}", Digest::of(bytes).to_cid())
}

/// The real folder, with its links as links.
fn real() -> Option<Site> {
    let data = shared::data("apptainer")?;
    let site = Site::new();
    for folder in ["images/compute", "images/shared", "images/viz", "metadata"] {
        for entry in std::fs::read_dir(data.join(folder)).unwrap() {
            let entry = entry.unwrap();
            site.put(
                &format!("{folder}/{}", entry.file_name().to_str().unwrap()),
                &std::fs::read(entry.path()).unwrap(),
            );
        }
    }
    for expected in expected(&data) {
        if let Some(target) = expected["symlink_to"].as_str() {
            let path = site.root().join("images").join(expected["path"].as_str().unwrap());
            std::fs::remove_file(&path).unwrap();
            symlink(target, path).unwrap();
        }
    }
    Some(site)
}

fn expected(data: &Path) -> Vec<Value> {
    let text = std::fs::read(data.join("expected.json")).unwrap();
    let value: Value = serde_json::from_slice(&text).unwrap();
    value["images"].as_array().unwrap().clone()
}

/// Module, release of each real image.
const NAMES: &[(&str, &str, &str)] = &[
    ("compute/alpine_latest.sif", "compute/alpine", "latest"),
    ("compute/gromacs_2024.4.sif", "compute/gromacs", "2024.4"),
    ("compute/gromacs_2024.4_arm64.sif", "compute/gromacs", "2024.4"),
    ("compute/hpl_2.3_encrypted.sif", "compute/hpl", "2.3_encrypted"),
    ("compute/lammps_stable_2Aug2023.sif", "compute/lammps", "stable_2Aug2023"),
    ("compute/nwchem_7.2.2.oci.sif", "compute/nwchem", "7.2.2"),
    ("compute/openfoam_v2312.sif", "compute/openfoam", "v2312"),
    ("compute/python_3.11.sif", "compute/python", "3.11"),
    ("compute/quantum-espresso_7.3.sif", "compute/quantum-espresso", "7.3"),
    ("compute/r-base_4.3.2.sif", "compute/r-base", "4.3.2"),
    ("viz/blender_4.0.2.sif", "viz/blender", "4.0.2"),
    ("viz/jupyterlab_4.0.9.sif", "viz/jupyterlab", "4.0.9"),
    ("viz/paraview_5.11.2.sif", "viz/paraview", "5.11.2"),
    ("viz/vmd_1.9.4a57.sif", "viz/vmd", "1.9.4a57"),
    ("shared/alpine_3.22.2.sif", "shared/alpine", "3.22.2"),
    ("shared/busybox_1.36.1.sif", "shared/busybox", "1.36.1"),
    ("shared/busybox_1.36.1_arm64.sif", "shared/busybox", "1.36.1"),
    ("shared/miniconda3_24.1.2-0.sif", "shared/miniconda3", "24.1.2-0"),
    ("shared/pytorch-cuda_2.1.2-cuda12.1.sif", "shared/pytorch-cuda", "2.1.2-cuda12.1"),
    ("shared/ubuntu_22.04_reproducible.sif", "shared/ubuntu", "22.04_reproducible"),
];

#[test]
fn every_real_file_gives_what_the_reference_says() {
    let Some(site) = real() else { return };
    let data = shared::data("apptainer").unwrap();
    let keys = data.join("sif-test-key.pub.asc");
    let (report, exit) = site.import(&["--keyring", keys.to_str().unwrap()]);
    assert_eq!(exit, 7);
    let names: BTreeMap<&str, (&str, &str)> =
        NAMES.iter().map(|(file, module, release)| (*file, (*module, *release))).collect();
    for expected in expected(&data) {
        let path = expected["path"].as_str().unwrap();
        let file = format!("images/{path}");
        if let Some(target) = expected["symlink_to"].as_str() {
            assert!(has(&report, "entry-odd", &file, target), "{path}");
            continue;
        }
        if expected["kind"] != "sif" {
            assert!(has(&report, "entry-refused", &file, "not a SIF image"), "{path}");
            continue;
        }
        let (module, release) = names[path];
        let document = site.release(module, release);
        let architecture = expected["oci_sif"]["architecture"].as_str().or(expected["primary"]["arch"].as_str());
        let item = format!("linux-{}", architecture.unwrap());
        let digest: Digest = expected["sha256"].as_str().unwrap().parse().unwrap();
        assert_eq!(document["items"][&item], format!("sif:{}", digest.to_cid()), "{path}");
        let facts = &document["metadata"];
        let date =
            expected["header"]["created_at"].as_str().map(|text| text.replace(" +0000 UTC", "Z").replace(' ', "T"));
        if !path.contains("arm64") {
            assert_eq!(facts["date"].as_str(), date.as_deref(), "{path}");
        }
        let key = expected["signatures"][0]["entity"].as_str();
        assert_eq!((facts["signed-by"].as_str(), facts["verified-by"].as_str()), (key, key), "{path}");
        let record = &site.record(module, release)[&item];
        assert_eq!(record["sha256"], expected["sha256"], "{path}");
        assert_eq!(record["size"], expected["size"], "{path}");
        if expected["primary"]["fs"] != "Ext3" {
            let labels = record["attributes"].get("labels").cloned().unwrap_or(json!({}));
            assert_eq!(labels, expected["inspect"]["labels"], "{path}");
        }
        assert_eq!(
            record["sif"]["objects"].as_array().unwrap().len(),
            expected["descriptors"].as_array().unwrap().len()
        );
    }
    // A copy is one ware in two places, which both modules name.
    for module in ["compute/alpine", "shared/alpine"] {
        let mirrors = site.document(&format!("site.example/{module}/_mirrors.json"));
        let mirrors = mirrors["catalogmirrors.v1"]["byWare"].as_object().unwrap().values().next().unwrap().clone();
        let root = format!("file://{}", site.root().display());
        let both =
            ["compute/alpine_latest.sif", "shared/alpine_3.22.2.sif"].map(|path| format!("{root}/images/{path}"));
        assert_eq!(mirrors, json!(both), "{module}");
    }
    for (file, message) in [
        ("images/compute/partial_copy.sif.part", "part of an image"),
        ("images/compute/r-base_4.3.2.sif", "ext3"),
        ("metadata/python_3.11.json", "45088768"),
        ("metadata/python_3.11.json", "`3.11.5`"),
        ("metadata/pytorch-cuda_2.1.2-cuda12.1.json", "/opt/apptainers/pytorch.sif"),
        ("metadata/tensorflow_2.14.json", "no image"),
    ] {
        assert!(has(&report, "entry-odd", file, message), "{file}");
    }
    assert!(has(&report, "entry-refused", "metadata/blender_4.0.2.json", "EOF"));
    let module = site.document("site.example/compute/openfoam/_module.json");
    let facts = &module["catalogmodule.v1"]["metadata"];
    assert_eq!(
        (facts["description"].as_str(), facts["license"].as_str()),
        (Some("OpenFOAM v2312 (OpenCFD)."), Some("GPL-3.0-or-later"))
    );
    assert_eq!(site.record("compute/python", "3.11")["linux-amd64"]["nodes"], json!(["node01", "node02"]));
    assert_eq!(report["changes"]["modules"]["image"]["created"], 18);
    assert_eq!(site.findings(), Vec::<String>::new());
}

impl Site {
    /// The codes of all findings, but for replays that say that they use the network.
    fn findings(&self) -> Vec<String> {
        let codes = self.catalog.findings().into_iter().map(|(code, _)| code);
        codes.filter(|code| code != "replay-not-hermetic").collect()
    }
}

#[test]
fn t30_damaged_images_are_refused_alone() {
    let Some(data) = shared::data("apptainer/corrupt") else { return };
    let site = Site::new();
    let cases: Value = serde_json::from_slice(&std::fs::read(data.join("cases.json")).unwrap()).unwrap();
    let cases = cases["cases"].as_array().unwrap();
    for case in cases {
        let file = case["file"].as_str().unwrap();
        site.put(&format!("images/p/{file}"), &std::fs::read(data.join(file)).unwrap());
    }
    site.put("images/p/good_1.0.sif", &image("1.0").bytes());
    let (report, exit) = site.import(&[]);
    assert_eq!(exit, 7);
    let refused: Vec<&str> = cases
        .iter()
        .filter(|case| case["want"].as_str().unwrap().starts_with("reject"))
        .map(|case| case["file"].as_str().unwrap())
        .collect();
    for case in cases {
        let file = case["file"].as_str().unwrap();
        let path = format!("images/p/{file}");
        assert_eq!(has(&report, "entry-refused", &path, ""), refused.contains(&file), "{file}");
        let wants_report = case["want"].as_str().unwrap().contains("report that the labels could not be read");
        if wants_report && !refused.contains(&file) {
            assert!(has(&report, "entry-odd", &path, ""), "{file}: {:?}", told(&report));
        }
    }
    let releases = report["changes"]["releases"]["image"]["created"].as_u64().unwrap();
    assert_eq!(releases as usize, cases.len() - refused.len() + 1);
    let bare = site.release("p/no", "partition");
    assert_eq!(bare["items"].as_object().unwrap().keys().collect::<Vec<_>>(), ["linux-unknown"]);
}

#[test]
fn t03_links_and_special_files_are_told_and_never_followed() {
    let site = Site::new();
    let good = image("1.0").bytes();
    site.put("images/p/good_1.0.sif", &good);
    let secret = site.dir.path().join("secret_1.0.sif");
    std::fs::write(&secret, image("2.0").bytes()).unwrap();
    let images = site.root().join("images");
    symlink(&secret, images.join("p/link_1.0.sif")).unwrap();
    symlink(site.dir.path(), images.join("outside")).unwrap();
    symlink("/dev/zero", images.join("p/zero_1.0.sif")).unwrap();
    std::fs::create_dir(images.join("p/folder_1.0.sif")).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    for path in ["images/p/fifo_1.0.sif", "metadata/fifo.json"] {
        let path = site.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    }
    symlink(&secret, site.root().join("metadata/good_1.0.json")).unwrap();
    let (report, exit) = site.import(&[]);
    assert_eq!(exit, 0, "{:?}", told(&report));
    assert_eq!(report["changes"]["releases"]["image"]["created"], 1);
    for (file, message) in [
        ("images/p/link_1.0.sif", "symbolic link"),
        ("images/p/zero_1.0.sif", "symbolic link"),
        ("images/p/folder_1.0.sif", "a folder"),
        ("images/p/fifo_1.0.sif", "a FIFO"),
        ("images/outside", "symbolic link"),
        ("metadata/good_1.0.json", "symbolic link"),
        ("metadata/fifo.json", "a FIFO"),
    ] {
        assert!(has(&report, "entry-odd", file, message), "{file}: {:?}", told(&report));
    }
    assert_eq!(site.release("p/good", "1.0")["items"]["linux-amd64"], ware(&good));
    // A partition that is a link is not one, though it be named.
    let output = site.run(&["--partition", "outside"]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_second_run_changes_nothing_whatever_the_threads_and_whatever_is_known() {
    let site = Site::new();
    for n in 0..20 {
        site.put(&format!("images/p{}/tool{n}_1.{n}.sif", n % 3), &image(&n.to_string()).bytes());
    }
    site.import(&["-j", "1"]);
    let first = site.catalog.documents();
    for more in [&["-j", "4"][..], &["-j", "2", "--rehash"], &["--update-existing"]] {
        let (report, _) = site.import(more);
        assert_eq!(report["changes"]["files"], 0, "{more:?}");
        assert_eq!(site.catalog.documents(), first);
    }
    let other = Site { catalog: TestCatalog::new(), dir: site.dir };
    other.import(&["-j", "3", "--rehash"]);
    assert_eq!(other.catalog.documents(), first);
}

#[test]
fn a_hash_is_kept_only_of_a_file_that_rests_and_used_only_while_it_is_the_same() {
    let site = Site::new();
    site.put("images/p/new_1.0.sif", &image("1").bytes());
    site.import(&[]);
    let kept = || std::fs::read_to_string(site.cache()).unwrap();
    assert!(!kept().contains("new_1.0.sif"), "it could change again within one tick of the clock");
    std::thread::sleep(std::time::Duration::from_millis(2100));
    site.import(&[]);
    assert!(kept().contains("new_1.0.sif"));
    // What is kept is believed: this is what `--rehash` is for.
    let digest = Digest::of(&image("1").bytes()).hex();
    let (_, rest) = kept().split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let forged = rest.replace(&digest, &"0".repeat(64));
    let sum = blake3::hash(forged.as_bytes()).to_hex();
    std::fs::write(site.cache(), format!("warecat-hashes-1 {sum}\n{forged}")).unwrap();
    let (report, _) = site.import(&["--dry-run"]);
    assert_eq!(report["changes"]["files"].as_u64(), Some(0), "a change is told, not made: {report}");
    assert_eq!(report["changes"]["held_back"].as_array().unwrap().len(), 1);
    let (report, _) = site.import(&["--rehash"]);
    assert!(report["changes"]["held_back"].as_array().unwrap().is_empty());
    // Other bytes of the same size, with the old time put back.
    let path = site.root().join("images/p/new_1.0.sif");
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::write(&path, image("2").bytes()).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    let (report, _) = site.import(&["--update-existing"]);
    assert_eq!(report["changes"]["updated"].as_array().unwrap().len(), 1);
    assert_eq!(site.release("p/new", "1.0")["items"]["linux-amd64"], ware(&image("2").bytes()));
    std::fs::write(site.cache(), "warecat-hashes-1 damaged\n{}").unwrap();
    assert_eq!(site.import(&[]).0["changes"]["files"], 0);
}

#[test]
fn two_images_of_one_item_are_told_and_the_first_is_taken() {
    let site = Site::new();
    let (one, two) = (image("1.0").bytes(), image("1").bytes());
    site.put("images/p/tool-1.0.sif", &one);
    site.put("images/p/tool_1.0.sif", &two);
    site.put("images/p/tool_1.0_amd64.sif", &one);
    site.put("images/p/word_1.0RC.sif", &one);
    site.put("images/p/word_1.0rc.sif", &one);
    let (report, exit) = site.import(&[]);
    assert_eq!(exit, 7);
    assert!(has(&report, "entry-refused", "images/p/tool_1.0.sif", "images/p/tool-1.0.sif"), "{:?}", told(&report));
    assert!(has(&report, "entry-refused", "images/p/word_1.0rc.sif", "case is ignored"));
    assert_eq!(told(&report).iter().filter(|text| text.starts_with("entry-refused")).count(), 2);
    assert_eq!(site.release("p/tool", "1.0")["items"]["linux-amd64"], ware(&one));
    assert_eq!(site.findings(), Vec::<String>::new());
}

#[test]
fn images_that_vanished_are_told_and_pruned_where_their_partition_was_looked_at() {
    let site = Site::new();
    for path in ["a/x_1.0.sif", "a/x_2.0.sif", "a/y_1.0.sif", "b/z_1.0.sif", "b/w_1.0.sif"] {
        site.put(&format!("images/{path}"), &image(path).bytes());
    }
    site.import(&[]);
    for path in ["a/x_1.0.sif", "a/y_1.0.sif", "b/z_1.0.sif"] {
        std::fs::remove_file(site.root().join("images").join(path)).unwrap();
    }
    // It is there and damaged: it did not vanish.
    site.put("images/a/y_1.0.sif", b"half");
    let check = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_warecat"));
        let output = command.arg("-C").arg(site.catalog.path()).arg("check").args(args).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    assert!(!check(&[]).contains("location-missing"));
    let missing = check(&["--local"]);
    assert_eq!(missing.matches("location-missing").count(), 2, "{missing}");
    assert!(missing.contains("x_1.0.sif") && missing.contains("z_1.0.sif"));
    let dropped = |more: &[&str]| -> Vec<String> {
        let (report, _) = site.import(more);
        report["changes"]["dropped"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(dropped(&["--partition", "a"]), ["site.example/a/x:1.0"]);
    assert_eq!(dropped(&[]), ["site.example/a/x:1.0", "site.example/b/z:1.0"]);
    assert_eq!(dropped(&["--prune", "--partition", "a"]), ["site.example/a/x:1.0"]);
    assert_eq!(dropped(&["--prune"]), ["site.example/b/z:1.0"]);
    assert!(!site.catalog.file("site.example/b/z").join("_module.json").exists());
    assert!(site.catalog.file("site.example/a/y/_module.json").exists());
    assert_eq!(dropped(&["--prune"]), Vec::<String>::new());
}

#[test]
fn a_replay_has_the_base_that_lies_in_the_same_folder() {
    let site = Site::new();
    let derived = |from: &str, n: &str| {
        let definition = format!("Bootstrap: localimage\nFrom: {from}\nInclude: x\n\n%post\n  true\n");
        Sif::new().definition(&definition).metadata(&json!({"labels": {"n": n}})).root(b"hsqs").bytes()
    };
    site.put("images/p/base_1.0.sif", &image("1.0").bytes());
    site.put("images/q/other_1.0.sif", &image("1").bytes());
    for (name, from) in [
        ("near", "base_1.0.sif"),
        ("dotted", "./base_1.0.sif"),
        ("absolute", "/somewhere/images/p/base_1.0.sif"),
        ("across", "../q/other_1.0.sif"),
        ("elsewhere", "/images/q/other_1.0.sif"),
        ("unknown", "/images/q/none_1.0.sif"),
        ("itself", "itself_1.0.sif"),
    ] {
        site.put(&format!("images/p/{name}_1.0.sif"), &derived(from, name));
    }
    site.import(&[]);
    let replay = |name: &str| {
        let cid = site.release(&format!("p/{name}"), "1.0")["metadata"]["replay"].as_str().unwrap().to_owned();
        site.document(&format!("site.example/p/{name}/_replays/{cid}.json"))["plot.v1"].clone()
    };
    let inputs = |name: &str| -> Vec<String> {
        let inputs = replay(name)["inputs"].as_object().unwrap().clone();
        inputs.values().filter_map(|input| input.as_str()?.strip_prefix("catalog:").map(str::to_owned)).collect()
    };
    let base = "site.example/p/base:1.0:linux-amd64".to_owned();
    for name in ["near", "dotted", "absolute"] {
        assert_eq!(inputs(name).join(" "), base, "{name}");
    }
    assert_eq!(inputs("elsewhere"), ["site.example/q/other:1.0:linux-amd64"]);
    for name in ["across", "unknown", "itself", "base"] {
        assert_eq!(inputs(name), Vec::<String>::new(), "{name}");
        assert_eq!(replay(name)["steps"]["build"]["protoformula"]["action"]["exec"]["network"], true, "{name}");
    }
    assert!(replay("near")["steps"]["build"]["protoformula"]["action"]["exec"].get("network").is_none());
    assert_eq!(
        site.record("p/unknown", "1.0")["linux-amd64"]["bases"],
        json!([{"bootstrap": "localimage", "from": "/images/q/none_1.0.sif"}])
    );
    assert_eq!(site.findings(), Vec::<String>::new());
}

/// The envelope's signature is not verified; both keys are held to the same rule.
#[test]
fn t30_what_is_added_to_a_signed_image_is_not_told_in_the_name_of_its_signer() {
    let site = Site::new();
    let signed = || Sif::new().root(&container(Compressor::Gzip, r#"{"Version": "1"}"#)).dsse();
    let forged = br#"{"data": {"attributes": {"labels": {"Version": "1"}}}, "type": "container"}"#;
    site.put("images/p/whole_1.sif", &signed().bytes());
    site.put("images/p/labels_1.sif", &signed().ungrouped(0x4006, "inspect-metadata.json", forged).bytes());
    site.put("images/p/definition_1.sif", &signed().ungrouped(0x4001, "", b"Bootstrap: docker\nFrom: x\n").bytes());
    let (report, _) = site.import(&[]);
    let signer = |name: &str| site.release(&format!("p/{name}"), "1")["metadata"]["signed-by"].clone();
    assert_eq!(signer("whole"), "test");
    for name in ["labels", "definition"] {
        assert_eq!(signer(name), Value::Null, "{name}");
        let file = format!("images/p/{name}_1.sif");
        assert!(has(&report, "entry-odd", &file, "which no signature by `test` covers"), "{:?}", told(&report));
    }
}

#[test]
fn t33_secrets_in_an_image_do_not_reach_the_catalog() {
    let site = Site::new();
    let secret = Sif::new()
        .definition("Bootstrap: docker\nFrom: x\n%post\n  export API_TOKEN=hunter2\n  git clone https://me:hunter2@a.example/x\n")
        .metadata(&json!({
            "labels": {"deploy.password": "hunter2", "Version": "1"},
            "helpfile": "See https://me:hunter2@a.example/help",
            "environment": {"/.singularity.d/env/90-environment.sh": "export DB_PASSWORD=hunter2"},
        }))
        .root(b"hsqs");
    site.put("images/p/tool_1.sif", &secret.bytes());
    let (report, _) = site.import(&[]);
    assert!(has(&report, "entry-odd", "images/p/tool_1.sif", "left out"));
    for (path, text) in site.catalog.documents() {
        assert!(!text.contains("hunter2"), "{path}: {text}");
    }
}

#[test]
fn roots_of_other_shapes_are_read_and_mirrors_are_as_configured() {
    let site = Site::new();
    let good = image("1.0").bytes();
    site.put("tool_1.0.sif", &good);
    site.put("README.md", b"x");
    site.import(&["--mirror-root", "https://mirror.example/all images/"]);
    let mirrors = site.document("site.example/tool/_mirrors.json");
    assert_eq!(
        mirrors["catalogmirrors.v1"]["byWare"][ware(&good)],
        json!(["https://mirror.example/all images/tool_1.0.sif"])
    );
    let folders = Site::new();
    folders.put("gpu/tool x_1.0.sif", &good);
    folders.put("metadata/odd.json", b"[]");
    let (report, _) = folders.import(&[]);
    assert!(has(&report, "entry-refused", "metadata/odd.json", "not a map"));
    let mirrors = folders.document("site.example/gpu/tool-x/_mirrors.json");
    let place = format!("file://{}/gpu/tool%20x_1.0.sif", folders.root().display());
    assert_eq!(mirrors["catalogmirrors.v1"]["byWare"][ware(&good)], json!([place]));
    // It is found again, blank and all.
    let mut check = Command::new(env!("CARGO_BIN_EXE_warecat"));
    let output = check.arg("-C").arg(folders.catalog.path()).args(["check", "--local", "--strict"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("location-missing"), "{output:?}");
    // A relative root means another folder elsewhere, so it is no mirror.
    let mut command = Command::new(env!("CARGO_BIN_EXE_warecat"));
    let catalog = TestCatalog::new();
    let command = command.current_dir(site.dir.path()).arg("-C").arg(catalog.path());
    let output = command
        .args(["import", "apptainer", "--root", "root", "--prefix", "site.example", "--hash-cache", "hashes"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!catalog.file("site.example/tool/_mirrors.json").exists());
}

#[test]
fn what_a_person_gets_wrong_is_told() {
    let site = Site::new();
    let code = |more: &[&str]| site.run(more).status.code();
    assert_eq!(code(&[]), Some(3), "no such folder");
    site.put("images/p/tool_1.0.sif", &image("1").bytes());
    assert_eq!(code(&["--partition", "none"]), Some(3));
    assert_eq!(code(&["--partition", ".."]), Some(3));
    assert_eq!(code(&["--keyring", "/nowhere"]), Some(3));
    assert_eq!(code(&["--mirror-root", "https://me:pw@a.example/"]), Some(2));
    assert_eq!(code(&[]), Some(0));
}
