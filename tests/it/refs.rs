//! `refs check`: what jobs ask for, held against catalogs that are made by hand.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use warecat::catalog::{ApplyOptions, ImportPolicy, Proposals};
use warecat::code::Code;
use warecat::import::references::{self, MAX_FILE};
use warecat::model::{
    BytesCid, Metadata, ModuleProposal, Record, RecordCapsule, ReleaseProposal, Value, Wanted, WareId, WarehouseAddr,
};

use crate::shared;
use crate::support::{GIT, TestCatalog};
use crate::transcripts::{root, shell};

/// An image as an importer would find it.
struct Image<'a> {
    partition: &'a str,
    file: &'a str,
    architecture: &'a str,
    /// `None` where nothing of the inside could be read.
    attributes: Option<Json>,
}

impl Image<'_> {
    /// Name and version by the file's name, the architecture taken off.
    fn name_and_release(&self) -> (String, String) {
        let stem = self.file.strip_suffix(".sif").unwrap();
        let stem = stem.strip_suffix("_arm64").unwrap_or(stem);
        let (name, release) = stem.split_once('_').unwrap_or((stem, "latest"));
        (name.to_owned(), release.to_owned())
    }
}

/// Puts images below `hpc`, as proposals.
fn import(test: &TestCatalog, images: &[Image<'_>]) {
    let mut modules: BTreeMap<String, ModuleProposal> = BTreeMap::new();
    let mut records: BTreeMap<(String, String), Json> = BTreeMap::new();
    for image in images {
        let (name, release) = image.name_and_release();
        let name = format!("hpc/{}/{name}", image.partition);
        let module = modules.entry(name.clone()).or_insert_with_key(|name| {
            let (name, metadata) = (name.parse().unwrap(), Metadata::new());
            ModuleProposal {
                name,
                kind: "image",
                metadata,
                record: None,
                releases: Vec::new(),
                mirrors: Vec::new(),
                warehouses: Vec::new(),
            }
        });
        let at = module.releases.iter().position(|r| r.name.as_str() == release).unwrap_or_else(|| {
            module.releases.push(ReleaseProposal {
                name: release.parse().unwrap(),
                items: warecat::model::Map::default(),
                metadata: Metadata::new(),
                replay: None,
                record: None,
                builds: Vec::new(),
                stand_in: None,
            });
            module.releases.len() - 1
        });
        let place = format!("{}/{}", image.partition, image.file);
        let ware: WareId = format!("sif:{}", BytesCid::of_bytes(place.as_bytes())).parse().unwrap();
        let address: WarehouseAddr = format!("file:///srv/site/images/{place}").parse().unwrap();
        module.mirrors.push((ware.clone(), vec![address]));
        let item = format!("linux-{}", image.architecture);
        module.releases[at].items.insert(item.parse().unwrap(), ware);
        let mut said = json!({"file": image.file});
        if let Some(attributes) = &image.attributes {
            said["attributes"] = attributes.clone();
        }
        records.entry((name, release)).or_insert_with(|| json!({"images": {}}))["images"][item] = said;
    }
    for (name, module) in &mut modules {
        for release in &mut module.releases {
            let data = records.remove(&(name.clone(), release.name.to_string())).unwrap();
            let data: Value = serde_json::from_value(data).unwrap();
            release.record = Some(RecordCapsule::V1(Record { kind: "apptainer.image".into(), data }));
        }
    }
    let prefix = "hpc".parse().unwrap();
    let modules = modules.into_values().collect();
    let proposals = Proposals { modules, prefix: &prefix, source: None, covers: &|_| true };
    let policy = ImportPolicy { update_existing: true, prune: false };
    test.open().import(proposals, policy, ApplyOptions::default()).unwrap();
    assert_eq!(test.findings(), []);
}

fn apps(names: &[&str]) -> Option<Json> {
    let apps: serde_json::Map<String, Json> = names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    Some(json!({"apps": apps, "labels": {}}))
}

/// Our own small site.
fn site() -> TestCatalog {
    let test = TestCatalog::new().item("site.example/hand/made:v1:amd64", GIT);
    let of = |partition, file, architecture, attributes| Image { partition, file, architecture, attributes };
    import(
        &test,
        &[
            of("compute", "tool_1.2.sif", "amd64", None),
            of("compute", "tool_1.2_arm64.sif", "arm64", apps(&[])),
            of("shared", "base_3.sif", "amd64", apps(&["helper", "other"])),
            of("viz", "viewer_2.sif", "amd64", apps(&[])),
            of("viz", "tool_2.0.sif", "amd64", apps(&[])),
        ],
    );
    for (release, module) in [("2024.4-foss-2023b", "GROMACS/2024.4-foss-2023b"), ("2022.5", "GROMACS/2022.5")] {
        let mut addition = crate::support::addition(&format!("stack.example/1/gromacs:{release}:x86_64-generic"), GIT);
        addition.facts = vec![("module".into(), module.into())];
        test.open().apply(ApplyOptions::default(), |catalog| catalog.plan_add(&addition)).unwrap();
    }
    let mut addition = crate::support::addition("stack.example/1/python:3.11:x86_64-generic", GIT);
    addition.facts = vec![("module".into(), "Python/3.11".into())];
    test.open().apply(ApplyOptions::default(), |catalog| catalog.plan_add(&addition)).unwrap();
    test
}

fn fixture(name: &str) -> PathBuf {
    root().join("tests/data/refs").join(name)
}

fn check(test: &TestCatalog, args: &str) -> Output {
    let script = format!("warecat -C '{}' refs check {args}", test.path().display());
    shell(test.path(), &script).current_dir(test.path()).output().unwrap()
}

/// The reports, and the exit status.
fn reports(test: &TestCatalog, args: &str) -> (Vec<Json>, i32) {
    let done = check(test, &format!("--json {args}"));
    let found = serde_json::from_slice(&done.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&done.stderr)));
    (found, done.status.code().unwrap())
}

/// Line, status and problem of each reference.
fn verdicts(report: &Json) -> Vec<(u64, String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or("").to_owned();
    let references = report["references"].as_array().unwrap();
    references.iter().map(|r| (r["line"].as_u64().unwrap(), text(&r["status"]), text(&r["problem"]))).collect()
}

fn of(line: u64, status: &str, problem: &str) -> (u64, String, String) {
    (line, status.to_owned(), problem.to_owned())
}

#[test]
fn an_item_that_a_variable_is_set_to_is_a_reference() {
    let script = b"A=catalog:a.org/b:1:x\nB=\"catalog:a.org/b:2:x\" prog --in=catalog:a.org/b:3:x\nexport C=catalog:a.org/b:4:x\n";
    let job = references::read("job.sh", script).unwrap();
    let found: Vec<(usize, String)> =
        job.demands.iter().map(|demand| (demand.line, format!("{:?}", demand.wanted))).collect();
    let wanted = |line: usize, release: usize| (line, format!("{:?}", Wanted::Item(format!("a.org/b:{release}:x"))));
    assert_eq!(found, [wanted(1, 1), wanted(2, 2), wanted(2, 3), wanted(3, 4)]);
}

#[test]
fn every_template_is_answered_as_the_seed_project_would() {
    let Some(folder) = shared::data("apptainer") else { return };
    let expected: Json = json_file(&folder.join("expected.json"));
    let images = expected["images"].as_array().unwrap();
    // What an importer takes: whole images in the real format, and no links.
    let real: Vec<&Json> = images.iter().filter(|i| i["kind"] == "sif" && i["symlink_to"].is_null()).collect();
    let image = |found: &&Json| {
        let names = found["inspect"]["apps"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        let mut attributes = apps(&names.collect::<Vec<_>>()).unwrap();
        attributes["labels"] = found["inspect"]["labels"].clone();
        let architecture = found["primary"]["arch"].as_str().or(found["oci_sif"]["architecture"].as_str()).unwrap();
        (
            found["partition"].as_str().unwrap().to_owned(),
            found["name"].as_str().unwrap().to_owned(),
            architecture.to_owned(),
            attributes,
        )
    };
    let found: Vec<_> = real.iter().map(image).collect();
    let images: Vec<Image<'_>> = found
        .iter()
        .map(|(partition, file, architecture, attributes)| Image {
            partition,
            file,
            architecture,
            attributes: Some(attributes.clone()),
        })
        .collect();
    let test = TestCatalog::new();
    import(&test, &images);
    let cases = json_file(&folder.join("templates/expected.json"));
    let cases = cases["cases"].as_array().unwrap();
    for case in cases {
        let (file, expect) = (case["file"].as_str().unwrap(), &case["expect"]);
        let path = folder.join("templates").join(file).canonicalize().unwrap();
        let (reports, status) = reports(&test, &format!("'{}'", path.display()));
        let report = &reports[0];
        for (key, wanted) in expect["response"].as_object().unwrap() {
            assert_eq!(&report[key], wanted, "{file}: {key}");
        }
        assert_eq!(report["problem"], expect["problem"], "{file}");
        assert_eq!(status == 0, expect["response"]["valid"].as_bool().unwrap(), "{file}: {status}");
        let message = report["message"].as_str().unwrap();
        for word in strings(&expect["message_must_mention"]) {
            assert!(message.contains(&word), "{file}: {message}");
        }
        if let Some(suggestion) = expect.get("suggestion") {
            assert_eq!(&report["suggestion"], suggestion, "{file}");
        }
        let available = strings(&report["available_images"]);
        assert!(available.is_sorted(), "{file}");
        let listed = &expect["available_images"];
        assert_eq!(available.is_empty(), listed.is_null(), "{file}: {available:?}");
        assert!(strings(&listed["must_include"]).iter().all(|name| available.contains(name)), "{file}: {available:?}");
        assert!(!strings(&listed["must_not_include"]).iter().any(|name| available.contains(name)), "{file}");
    }
    assert!(cases.len() >= 7);
}

fn json_file(path: &Path) -> Json {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn strings(list: &Json) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_script_is_checked_as_far_as_it_says_what_it_runs() {
    let test = site();
    let (reports, status) = reports(&test, &format!("'{}'", fixture("job.sh").display()));
    let report = &reports[0];
    assert_eq!((status, &report["valid"]), (0, &json!(true)), "{report:#}");
    let found = verdicts(report);
    let expected = [
        of(10, "ok", ""),
        of(10, "ok", ""),
        of(13, "ok", ""),
        of(14, "ok", ""),
        of(18, "unknown", "not_checkable"),
        of(19, "unknown", "not_checkable"),
        of(20, "ok", ""),
    ];
    assert_eq!(found, expected, "{report:#}");
    let to: Vec<&str> =
        report["references"].as_array().unwrap().iter().filter_map(|r| r["reference"].as_str()).collect();
    assert_eq!(
        to,
        [
            "stack.example/1/gromacs:2024.4-foss-2023b",
            "stack.example/1/python:3.11",
            "hpc/compute/tool:1.2:linux-amd64",
            "hpc/shared/base:3:linux-amd64",
            "site.example/hand/made:v1:amd64",
        ]
    );
    assert_eq!(check(&test, &format!("--strict '{}'", fixture("job.sh").display())).status.code(), Some(3));
}

#[test]
fn what_does_not_resolve_is_told_with_what_is_near() {
    let test = site();
    let (reports, status) = reports(&test, &format!("'{}'", fixture("wrong.sh").display()));
    let report = &reports[0];
    let expected = [
        of(3, "wrong", "wrong_partition"),
        of(4, "wrong", "app_missing"),
        of(5, "missing", "image_missing"),
        of(6, "missing", "image_missing"),
        of(7, "missing", "module_missing"),
        of(7, "missing", "module_missing"),
        // Nobody looked into the image, so nothing is known of its apps.
        of(8, "ok", ""),
        of(8, "missing", "reference_missing"),
    ];
    assert_eq!((verdicts(report), status), (expected.to_vec(), 3), "{report:#}");
    let near: Vec<Vec<String>> = report["references"].as_array().unwrap().iter().map(|r| strings(&r["near"])).collect();
    let first = |at: usize| near[at].first().map_or("", String::as_str);
    assert_eq!(first(1), "helper");
    assert_eq!(first(2), "tool_1.2.sif");
    assert_eq!(first(3), "images/compute/tool_1.2.sif");
    assert!(near[4].iter().any(|name| name == "GROMACS/2024.4-foss-2023b"), "{near:?}");
    assert_eq!(first(7), "v1");
    // The report of the file is that of the first that fails.
    assert_eq!((&report["image_name"], &report["image_exists"]), (&json!("viewer_2.sif"), &json!(true)));
    assert_eq!(report["problem"], "wrong_partition");
}

#[test]
fn the_place_of_the_job_decides_and_the_command_line_goes_first() {
    let test = site();
    let template = fixture("template.yaml");
    let of_template = |args: &str| reports(&test, &format!("{args} '{}'", template.display()));
    // The nodes are arm64: one image and one module are for amd64 only.
    let (reports, status) = of_template("");
    let expected = [of(5, "ok", ""), of(8, "wrong", "wrong_arch"), of(11, "ok", ""), of(12, "wrong", "wrong_arch")];
    assert_eq!((verdicts(&reports[0]), status), (expected.to_vec(), 3), "{:#}", reports[0]);
    assert_eq!((&reports[0]["template_id"], &reports[0]["image_exists"]), (&json!("small-v1"), &json!(true)));
    let (reports, _) = of_template("--arch x86_64 --only image");
    let found: Vec<String> = verdicts(&reports[0]).into_iter().map(|(_, status, _)| status).collect();
    assert_eq!(found, ["wrong", "wrong", "ok"]);
    let (reports, _) = of_template("--partition compute,viz --only image --arch arm64");
    assert_eq!(reports[0]["problem"], "wrong_partition");
    let (reports, status) = of_template("--prefix hpc/viz --only image");
    assert_eq!((reports[0]["problem"].as_str(), status), (Some("image_missing"), 3));
}

#[test]
fn a_file_that_cannot_be_read_stops_no_other() {
    let test = site();
    std::fs::write(test.file("bad.yaml"), "a: [").unwrap();
    std::fs::write(test.file("good.sh"), "apptainer run base_3.sif\n").unwrap();
    let (reports, status) = reports(&test, "bad.yaml no-such-file good.sh");
    let valid: Vec<&Json> = reports.iter().map(|report| &report["valid"]).collect();
    assert_eq!((valid, status), (vec![&json!(false), &json!(false), &json!(true)], 1));
    assert_eq!(reports[0]["problem"], "unreadable");
    let script = format!("echo apptainer run base_3.sif | warecat -C '{}' refs check -", test.path().display());
    let piped = shell(test.path(), &script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&piped.stdout), "ok\t-:1\tbase_3.sif → hpc/shared/base:3:linux-amd64\n");
}

#[test]
fn an_image_that_should_not_be_used_any_more_is_told() {
    let test = TestCatalog::new();
    let mut addition = crate::support::addition("hpc/shared/old:1:linux-amd64", "sif:abc");
    addition.mirrors = vec!["file:///srv/images/shared/old_1.sif".parse().unwrap()];
    addition.facts = vec![("yanked".into(), "it leaks".into())];
    test.open().apply(ApplyOptions::default(), |catalog| catalog.plan_add(&addition)).unwrap();
    std::fs::write(test.file("job.sh"), "apptainer run old_1.sif\n").unwrap();
    let done = check(&test, "job.sh");
    assert_eq!(done.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&done.stderr).contains("it leaks"));
}

#[test]
fn t09_a_damaged_image_is_an_error_of_the_catalog_and_not_of_the_job() {
    let test = site();
    let path = "hpc/shared/base/_releases/3.json";
    test.write(path, test.read(path).replace("linux-amd64", "linux-arm64"));
    std::fs::write(test.file("job.sh"), "apptainer run tool_1.2.sif\n").unwrap();
    assert_eq!(check(&test, "job.sh").status.code(), Some(4));
}

#[test]
fn t26_what_a_job_says_cannot_drive_the_terminal() {
    let test = site();
    std::fs::write(test.file("job.sh"), "apptainer run 'x\u{1b}[31m\u{202e}.sif'\nmodule load \"a\u{1b}]0;b\u{7}\"\n")
        .unwrap();
    let done = check(&test, "job.sh");
    let all = [done.stdout, done.stderr].concat();
    let text = String::from_utf8(all).unwrap();
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']) && text.contains("\\u{1b}[31m"), "{text:?}");
}

#[test]
fn t06_a_file_that_no_job_is_ends_with_a_code() {
    let code = |name: &str, bytes: &[u8]| references::read(name, bytes).unwrap_err().code();
    assert_eq!(code("job.sh", &vec![b'a'; MAX_FILE + 1]), Code::LimitExceeded);
    assert_eq!(code("job.sh", b"ok\n\xff"), Code::SourceInvalid);
    assert_eq!(code("job.sh", b"ok\n\0"), Code::SourceInvalid);
    assert_eq!(code("job.yaml", &b"- ".repeat(1 << 20)), Code::LimitExceeded);
    assert_eq!(code("job.sh", &b"ml a\n".repeat(20_000)), Code::LimitExceeded);
}

#[test]
fn t05_a_script_that_grows_or_nests_without_end_is_read_in_time() {
    let doubling: String = (0..200).map(|_| "A=$A$A$A$A\n").collect();
    let script = format!("A=xxxxxxxx\n{doubling}apptainer run $A\n");
    let job = references::read("job.sh", script.as_bytes()).unwrap();
    assert!(matches!(job.demands[0].wanted, Wanted::Unknown { .. }));
    let started = std::time::Instant::now();
    for part in ["$(", "`", "${", "\"$(", "<<E ", "(", "a=(", "if ", "'", "<(", "$A ", "\\\n"] {
        let script = part.repeat(MAX_FILE / part.len());
        references::read("job.sh", script.as_bytes()).unwrap();
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fail_in_another_way_than_it_says(
        text in "(apptainer|run|exec|module load| |\n|;|\\$|\\(|\\)|\\{|\\}|'|\"|`|<<|EOF|\\\\|--app|-B|=|x\\.sif|A|catalog:|#|ä|:|-|\\[|\\]|&|\\*|if|fi|\\|){0,60}",
    ) {
        for name in ["job.sh", "job.yaml", "job.json"] {
            if let Ok(job) = references::read(name, text.as_bytes()) {
                let lines = text.matches('\n').count() + 1;
                prop_assert!(job.demands.iter().all(|demand| demand.line >= 1 && demand.line <= lines), "{:?}", job);
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for name in ["job.sh", "job.yaml"] {
            let _ = references::read(name, &bytes);
        }
    }
}

#[test]
fn the_wrapper_of_the_document_stops_what_is_wrong_and_lets_the_rest_through() {
    let test = site();
    let document = std::fs::read_to_string(root().join("docs/refs.md")).unwrap();
    let wrapper = document.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let wrapper = wrapper
        .replace("CATALOG=/shared/catalog", &format!("CATALOG='{}'", test.path().display()))
        .replace("SBATCH=/usr/bin/sbatch", "SBATCH=echo");
    std::fs::write(test.file("sbatch.sh"), wrapper).unwrap();
    std::fs::write(test.file("good.sh"), "#SBATCH -p compute\nmodule load site-only\napptainer run tool_1.2.sif\n")
        .unwrap();
    std::fs::write(test.file("bad.sh"), "apptainer run viewer_3.sif\n").unwrap();
    let submit = |args: &str| {
        let done = shell(test.path(), &format!("sh sbatch.sh {args}")).current_dir(test.path()).output().unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
    };
    assert_eq!(submit("-N 2 good.sh x"), (0, "-N 2 good.sh x\n".to_owned()));
    assert_eq!(submit("--partition=viz good.sh"), (1, String::new()));
    assert_eq!(submit("bad.sh"), (1, String::new()));
    // A catalog that cannot answer stops nobody.
    std::fs::remove_file(test.file("hpc/compute/tool/_module.json")).unwrap();
    test.write("hpc/shared/base/_releases/3.json", "{}");
    assert_eq!(submit("bad.sh"), (0, "bad.sh\n".to_owned()));
}

#[test]
fn the_ways_in_which_people_write_scripts_are_understood() {
    let test = site();
    let (reports, status) = reports(&test, &format!("'{}'", fixture("ways.sh").display()));
    let found: Vec<(u64, &str, &str)> = reports[0]["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["line"].as_u64().unwrap(), r["text"].as_str().unwrap(), r["status"].as_str().unwrap()))
        .collect();
    let (tool, base) = ("/srv/site/images/compute/tool_1.2.sif", "/srv/site/images/shared/base_3.sif");
    let expected = [
        (6, tool, "ok"),
        (7, tool, "ok"),
        (10, base, "ok"),
        (11, base, "ok"),
        (12, "base_3.sif", "ok"),
        (14, "${s}_1.sif", "unknown"),
        (15, base, "ok"),
        (16, "gone_1.sif", "missing"),
        (17, "base_3.sif", "ok"),
        (18, "base_3.sif", "ok"),
        (19, "base_3.sif", "ok"),
    ];
    assert_eq!((found, status), (expected.to_vec(), 3));
}

#[test]
fn an_image_without_an_address_is_found_by_its_record() {
    let test = site();
    std::fs::remove_file(test.file("hpc/viz/viewer/_mirrors.json")).unwrap();
    std::fs::write(test.file("job.sh"), "apptainer run viewer_2.sif\n").unwrap();
    let (reports, status) = reports(&test, "--partition viz job.sh");
    assert_eq!((status, &reports[0]["image_partition"]), (0, &json!("viz")));
    assert_eq!(reports[0]["image_path"], "viz/viewer_2.sif");
}
