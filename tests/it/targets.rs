//! Which build fits: that processors are recognised, and that the site's script chooses
//! as the program does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use warecat::catalog::ModuleEntry;
use warecat::model::WareId;
use warecat::model::target::{Wanted, choose, detect_cpuinfo, microarchitectures};
use warecat::site::build;

use crate::site::fixture::{CPUS, Draft, images, serve, small};
use crate::site::{check_site, files, html, options, text};
use crate::transcripts::root;

/// Runs the site's script in node; says what it answers to the machines and texts.
const HARNESS: &str = r#"
const fs = require("fs");
let T;
globalThis.warecat = { data: (name, value) => { T = value; } };
(0, eval)(fs.readFileSync(process.argv[2], "utf8"));
const asked = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
const rows = (set) => set.split("\n").filter((row) => row).map((row) => row.split("\t"));
process.stdout.write(JSON.stringify({
  choices: asked.sets.map((set) => asked.machines.map(([cpu, acc]) => T.choose(cpu, acc, rows(set)))),
  names: asked.texts.map((text) => T.detect(text) || null),
}));
"#;

/// Whether node is there. Where tests must all run, it has to be.
fn has_node() -> bool {
    let found = Command::new("node").arg("--version").output().is_ok_and(|done| done.status.success());
    assert!(found || std::env::var("CI").as_deref() != Ok("true"), "node is needed to test the site's scripts");
    if !found {
        eprintln!("skipped: node is not there");
    }
    found
}

fn ask(site: &Path, asked: &Value) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("harness.js"), HARNESS).unwrap();
    std::fs::write(path("asked.json"), asked.to_string()).unwrap();
    let mut node = Command::new("node");
    node.arg(path("harness.js")).arg(site.join("_data/targets.js")).arg(path("asked.json"));
    let done = node.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Labels as catalogs have them, a set a line.
fn sets() -> Vec<Vec<String>> {
    let real = std::fs::read_to_string(root().join("tests/data/targets/item-sets.txt")).unwrap();
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut sets: Vec<_> = real.lines().filter(|line| !line.starts_with('#')).map(words).collect();
    sets.push(CPUS.iter().map(|cpu| (*cpu).to_owned()).collect());
    for extra in [
        "x86_64-amd-zen2-nvidia-cc70 x86_64-amd-zen2-nvidia-cc80 x86_64-amd-zen2-nvidia-cc86 x86_64-amd-zen3-amd-gfx90a",
        "x86_64-amd-zen3 x86_64-amd-zen2-nvidia-cc80 x86_64-amd-zen3-nvidia-cc87 aarch64-nvidia-grace-nvidia-cc90a",
        "linux-amd64 linux-arm64-v8 linux-arm-v7 linux-s390x windows-amd64 linux-amd64-v3 linux-386",
        "linux-ubuntu22.04-zen3 linux-rocky9-zen3 darwin-ventura-m1 linux-rocky9-x86_64_v3 linux-rhel8-power9le",
        "x86_64-amd-zen99 x86_64-generic src upstream spec x86_64-neoverse_v1 linux-\u{e9}-\u{e9} {item} $& $1",
        "src",
    ] {
        sets.push(words(extra));
    }
    sets
}

fn module(at: usize, labels: &[String]) -> ModuleEntry {
    let draft = Draft::new(&format!("x.org/set-{at}"));
    let ware: WareId = format!("tar:{at}").parse().unwrap();
    let items = |release: &mut warecat::model::Release| {
        release.items.extend(labels.iter().map(|label| (label.parse().unwrap(), ware.clone())));
    };
    draft.release("1.0", |_, release| items(release)).done()
}

/// What a page tells the chooser's script of its labels.
fn labels_of(page: &str) -> String {
    let (tags, _) = html::read(page).unwrap();
    let tag = tags.iter().find(|tag| tag.get("data-labels").is_some());
    tag.map(|tag| tag.get("data-labels").unwrap().to_owned()).unwrap_or_default()
}

#[test]
fn the_sites_script_chooses_as_the_program_does() {
    if !has_node() {
        return;
    }
    let sets: Vec<Vec<String>> = sets().into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let entries: Vec<_> = sets.iter().enumerate().map(|(at, labels)| module(at, labels)).collect();
    let out = tempfile::tempdir().unwrap();
    serve(&entries, |modules| build(modules, out.path(), &options())).unwrap();
    let site = files(out.path());
    let rows: Vec<String> =
        (0..sets.len()).map(|at| labels_of(text(&site, &format!("x.org/set-{at}/index.html")))).collect();
    let accelerators = ["", "nvidia/cc75", "nvidia/cc80", "nvidia/cc87", "nvidia/cc89", "nvidia/cc90", "amd/gfx90a"];
    let machines: Vec<(&str, &str)> =
        microarchitectures().keys().flat_map(|cpu| accelerators.map(|accelerator| (*cpu, accelerator))).collect();
    let answers = ask(out.path(), &json!({"sets": rows, "machines": machines, "texts": []}));
    let mut different = BTreeMap::new();
    for (labels, answers) in sets.iter().zip(answers["choices"].as_array().unwrap()) {
        for ((cpu, accelerator), answer) in machines.iter().zip(answers.as_array().unwrap()) {
            let accelerator = (!accelerator.is_empty()).then(|| accelerator.parse().unwrap());
            let wanted = Wanted::parse(cpu).unwrap().with(accelerator);
            // Where nothing is for a target, the page has no chooser.
            let labels = if labels == &["src"] { &[][..] } else { labels };
            let choice = choose(&wanted, labels.iter().map(String::as_str));
            let expected = json!({"item": choice.item, "why": choice.explanation});
            if *answer != expected {
                different.insert(format!("{cpu} {:?} {labels:?}", wanted.accelerator), (answer.clone(), expected));
            }
        }
    }
    assert!(different.is_empty(), "{} differ, such as {:#?}", different.len(), different.first_key_value());
}

/// The samples, by name.
fn samples() -> BTreeMap<String, String> {
    let folder = root().join("tests/data/cpuinfo");
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ext| ext == "txt") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            found.insert(name, std::fs::read_to_string(path).unwrap());
        }
    }
    found
}

#[test]
fn machines_are_recognised_by_what_linux_says_of_them() {
    let samples = samples();
    assert!(samples.len() >= 12);
    for (name, text) in samples {
        let expected = name.split('-').next().unwrap();
        assert_eq!(detect_cpuinfo(&text).map(|found| found.name), Some(expected), "{name}");
    }
}

/// Texts that say one thing each, and texts that mean no machine.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        "\n\n\n",
        ":",
        "flags:",
        "no processor at all",
        "vendor_id : GenuineIntel",
        "flags : lm\r\nvendor_id : GenuineIntel\r\n\r\nflags: sse2",
        "cpu : POWER",
        "cpu : POWER999999999999",
        "cpu : POWER10 (architected), altivec supported",
        "isa : rv32imac",
        "isa : rv64gc\nuarch : spacemit,x60",
        "__proto__ : x\nconstructor : y\nflags : lm",
        "Features : fp asimd\nCPU implementer : __proto__",
        "flags : \nFeatures : asimd",
        "vendor_id : \nflags : lm sse4a",
    ]
    .map(str::to_owned)
    .to_vec();
    for one in microarchitectures().values() {
        let words = one.features.iter().copied().collect::<Vec<_>>().join(" ");
        texts.push(format!("{words} lm"));
        texts.push(format!("vendor_id\t: {}\nflags\t: {words} lm\n", one.vendor));
        texts.push(format!(
            "Features\t: {words} asimd\nCPU implementer\t: 0x41\nCPU part\t: {}",
            one.part.unwrap_or("0")
        ));
        texts.push(format!("cpu\t: POWER{}", one.generation));
    }
    texts
}

#[test]
fn the_sites_script_recognises_what_the_program_does() {
    if !has_node() {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    serve(&[], |modules| build(modules, out.path(), &options())).unwrap();
    let texts: Vec<String> = samples().into_values().chain(odd_texts()).collect();
    let answers = ask(out.path(), &json!({"sets": [], "machines": [], "texts": texts}));
    for (text, answer) in texts.iter().zip(answers["names"].as_array().unwrap()) {
        let expected = detect_cpuinfo(text).map(|found| found.name);
        assert_eq!(answer.as_str(), expected, "{text:?}");
    }
}

#[test]
fn the_data_file_and_the_scripts_are_small() {
    let out = tempfile::tempdir().unwrap();
    serve(&[], |modules| build(modules, out.path(), &options())).unwrap();
    let bytes = std::fs::read(out.path().join("_data/targets.js")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &bytes).unwrap();
    let packed = packed.finish().unwrap().len();
    assert!(packed < 25_000, "{packed} bytes gzipped");
}

#[test]
fn t24_hostile_labels_reach_the_chooser_as_text() {
    let labels = ["x86_64-amd-zen2", "x86_64-'&\u{e9};", "&amp;lt;", "a'b $(ls)", "linux-&-zen3"].map(str::to_owned);
    let out = tempfile::tempdir().unwrap();
    serve(&[module(0, &labels)], |modules| build(modules, out.path(), &options())).unwrap();
    let site = files(out.path());
    check_site(&site);
    let rows = labels_of(text(&site, "x.org/set-0/index.html"));
    let mut found: Vec<&str> = rows.lines().map(|row| row.split('\t').next().unwrap()).collect();
    let mut expected: Vec<&str> = labels.iter().map(String::as_str).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// The commands of a page: those of each tool, all on view without a script.
fn commands(page: &str) -> String {
    let (tags, shown) = html::read(page).unwrap();
    assert!(tags.iter().any(|tag| tag.get("data-tool").is_some()), "{page}");
    assert!(!tags.iter().any(|tag| tag.get("data-tool").is_some() && tag.get("hidden").is_some()));
    shown
}

#[test]
fn each_tool_has_its_lines_and_the_data_has_the_same() {
    let out = tempfile::tempdir().unwrap();
    let entries: Vec<_> = small().into_iter().chain(images()).collect();
    serve(&entries, |modules| build(modules, out.path(), &options())).unwrap();
    let site = files(out.path());
    check_site(&site);
    let python = format!("registry.example:5000/hpc/python@sha256:{}", "ab".repeat(32));
    let arm = format!("registry.example:5000/hpc/python@sha256:{}", "cd".repeat(32));
    let tool = format!("registry.example:5000/hpc/tool@sha256:{}", "ef".repeat(32));
    let gromacs = "eessi.io/2023.06/gromacs:2024.4-foss-2023b";
    let expected = [
        ("registry.example/hpc/python/image", format!("apptainer pull docker://{python}\n")),
        ("registry.example/hpc/python/image", format!("docker pull {arm}\n")),
        (
            "registry.example/hpc/python/image",
            "warecat resolve registry.example/hpc/python/image:3.11 --target host\n".into(),
        ),
        ("registry.example/hpc/tool/image", format!("apptainer run oras://{tool}\n")),
        ("disk.example/tool", "apptainer run /shared/images/tool_1.0.sif\n".into()),
        ("eessi.io/2023.06/gromacs", "source /cvmfs/software.eessi.io/versions/2023.06/init/lmod/bash\n".into()),
        ("eessi.io/2023.06/gromacs", format!("warecat resolve {gromacs} --target host\n")),
        ("eessi.io/2023.06/gromacs", format!("catalog:{gromacs}:x86_64-generic\n")),
        ("eessi.io/2023.06/ext/r/rcpp", "module load R/4.4.1-gfbf-2023b\n".into()),
        ("warpsys.org/bash", "warecat add warpsys.org/bash:".into()),
    ];
    for (module, line) in expected {
        let shown = commands(text(&site, &format!("{module}/index.html")));
        assert!(shown.contains(&line), "{module} has no {line}: {shown}");
        let data: Value = serde_json::from_str(text(&site, &format!("{module}/index.json"))).unwrap();
        let releases = data["releases"].as_array().unwrap();
        let of = |release: &Value| release["use"].as_array().unwrap().clone();
        let lines: Vec<Value> =
            releases.iter().flat_map(of).flat_map(|way| way["lines"].as_array().unwrap().clone()).collect();
        assert!(lines.iter().any(|one| one.as_str().unwrap().starts_with(line.trim_end())), "{module}: {lines:?}");
    }
    // Two platforms have lines each, one platform just lines.
    let items = |module: &str| {
        let (tags, _) = html::read(text(&site, &format!("{module}/index.html"))).unwrap();
        tags.iter().filter_map(|tag| tag.get("data-item").map(str::to_owned)).collect::<BTreeSet<_>>().len()
    };
    assert_eq!((items("registry.example/hpc/python/image"), items("registry.example/hpc/tool/image")), (2, 0));
}

#[test]
fn t25_no_line_holds_what_a_shell_would_read_into() {
    let out = tempfile::tempdir().unwrap();
    let hostile = module(0, &["a b".to_owned(), "$(id)".to_owned(), "x86_64-;ls".to_owned()]);
    let entries: Vec<_> = images().into_iter().chain([hostile]).collect();
    serve(&entries, |modules| build(modules, out.path(), &options())).unwrap();
    let site = files(out.path());
    let data = |module: &str| -> Value { serde_json::from_str(text(&site, &format!("{module}/index.json"))).unwrap() };
    let old = &data("disk.example/tool")["releases"][1];
    assert_eq!(old["name"], "0.9");
    let all = old["use"].to_string();
    assert!(!all.contains("$(id)") && !all.contains("apptainer") && all.contains("warecat resolve"), "{all}");
    let lines = data("x.org/set-0")["releases"][0]["use"].clone();
    assert_eq!(lines.as_array().unwrap().len(), 1, "{lines}");
    assert_eq!(lines[0]["lines"], json!(["warecat resolve x.org/set-0:1.0 --target host"]));
    let page = text(&site, "x.org/set-0/index.html");
    assert!(html::read(page).unwrap().1.contains("A command is not shown"));
}
