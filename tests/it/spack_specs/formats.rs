//! The formats of spec JSON, and the files that nodes stand in.

use serde_json::{Value, json};
use warecat::import::Import;
use warecat::import::spack::spec::{Importer, Options};
use warecat::model::{ReleaseProposal, metadata};

use super::{Spec, document, hash_of, import, refused};

/// The release of a node, by its hash.
fn release<'i>(import: &'i Import, spec: &Spec) -> &'i ReleaseProposal {
    let all = import.modules.iter().flat_map(|module| &module.releases);
    all.into_iter().find(|release| release.name.as_str() == spec.release()).unwrap()
}

fn inputs(release: &ReleaseProposal) -> Vec<String> {
    let plot = release.replay.as_ref().unwrap();
    plot.catalog_refs().into_iter().map(ToString::to_string).collect()
}

/// Python's `json.dumps` with `indent=2`; serde_json's pretty text is the same.
fn indented(node: &Value) -> String {
    serde_json::to_string_pretty(node).unwrap()
}

#[test]
fn a_node_becomes_a_release_that_can_be_walked() {
    let tool = Spec::new("make_tool", "4.4").hashed();
    let base = Spec::new("base", "1.0").with("external", json!({"path": "/usr", "module": null})).hashed();
    let app = Spec::new("app", "2.0").needs_as(&tool, &["build"], &[]).needs_as(&base, &["link", "run"], &[]).hashed();
    let found = import(&[("spec.json", &document(4, &[&app, &base, &tool]))]);
    assert_eq!(found.diagnostics, Vec::new());
    let names: Vec<&str> = found.modules.iter().map(|module| module.name.as_str()).collect();
    assert_eq!(names, ["specs.spack.io/app", "specs.spack.io/base", "specs.spack.io/make-tool"]);
    assert_eq!(found.modules[2].metadata[metadata::NAME], "make_tool");

    let app_release = release(&found, &app);
    let expected = [
        format!("specs.spack.io/base:1.0-{}:spec", base.hash()),
        format!("specs.spack.io/make-tool:4.4-{}:spec", tool.hash()),
    ];
    assert_eq!(inputs(app_release), expected);
    assert_eq!(app_release.items["spec"].as_str(), format!("spec:{}", app.hash()));
    assert_eq!(app_release.metadata[metadata::VERSION], "2.0");
    assert_eq!(app_release.metadata[metadata::TOOLCHAIN], "gcc/13.1.0");
    assert_eq!(app_release.metadata[metadata::REPLAY_ORIGIN], "derived");
    let text = app_release.record.clone().unwrap().into_inner().data;
    assert_eq!(text.get("node").unwrap().as_text(), Some(app.0.to_string().as_str()));

    assert_eq!(inputs(release(&found, &tool)), Vec::<String>::new());
    let base_release = release(&found, &base);
    assert_eq!((base_release.replay.is_none(), base_release.metadata[metadata::KIND].as_str()), (true, "external"));
}

#[test]
fn the_release_is_the_same_whatever_file_the_node_stands_in() {
    let base = Spec::new("base", "1.0").hashed();
    let app = Spec::new("app", "2.0").needs(&base).hashed();
    let spec_json = document(4, &[&app, &base]);
    let mut config: Value = serde_json::from_str(&spec_json).unwrap();
    config["architecture"] = json!("amd64");
    config["rootfs"] = json!({"type": "layers", "diff_ids": []});
    let map: Value = [&base, &app]
        .iter()
        .map(|spec| (spec.hash().to_owned(), spec.0.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let installs: serde_json::Map<_, _> = [&base, &app]
        .iter()
        .map(|spec| (spec.hash().to_owned(), json!({"spec": spec.0, "in_buildcache": true})))
        .collect();
    let files = [
        spec_json.clone(),
        config.to_string(),
        json!({"_meta": {"file-type": "spack-lockfile", "lockfile-version": 5, "specfile-version": 4},
            "roots": [{"hash": app.hash(), "spec": "app"}], "concrete_specs": map})
        .to_string(),
        json!({"_meta": {"lockfile-version": 5}, "roots": [], "concrete_specs": {},
            "include_concrete": {"/elsewhere": {"roots": [], "concrete_specs": map}}})
        .to_string(),
        json!({"database": {"version": "7", "installs": installs}}).to_string(),
    ];
    let expected = import(&[("a", &spec_json)]).modules;
    assert_eq!(expected.len(), 2);
    for file in &files {
        let found = import(&[("a", file)]);
        assert_eq!(found.diagnostics, Vec::new());
        assert_eq!(found.modules, expected, "{file}");
    }
    let all: Vec<(&str, &str)> = files.iter().map(|file| ("a", file.as_str())).collect();
    let reversed: Vec<(&str, &str)> = all.iter().rev().copied().collect();
    assert_eq!(import(&all), import(&reversed));
    assert_eq!(import(&all).modules, expected);
}

#[test]
fn format_2_takes_dependencies_by_their_other_hashes() {
    let node = |name: &str, dependencies: Value| {
        let mut node = json!({
            "name": name, "version": "1", "arch": {"platform": "linux", "platform_os": "o", "target": "t"},
            "compiler": {"name": "gcc", "version": "9"}, "namespace": "fixture", "parameters": {},
            "package_hash": format!("{name}===="),
        });
        if dependencies != json!([]) {
            node["dependencies"] = dependencies;
        }
        node
    };
    // Each hash covers less or more of the node: `hash` only what it links, without the recipe.
    let hashed = |name: &str, linked: Value, built: Value, full: Value, stored: Value| {
        let without_recipe = |dependencies| {
            let mut node = node(name, dependencies);
            node.as_object_mut().unwrap().shift_remove("package_hash");
            hash_of(&indented(&node))
        };
        let (hash, build) = (without_recipe(linked), without_recipe(built));
        let full = hash_of(&indented(&node(name, full)));
        let mut node = node(name, stored);
        node["hash"] = json!(hash);
        node["full_hash"] = json!(full);
        node["build_hash"] = json!(build);
        Spec(node)
    };
    let none = || json!([]);
    let base = hashed("base", none(), none(), none(), none());
    let tool = hashed("tool", none(), none(), none(), none());
    let by = |key: &str, is_all: bool| {
        let link = json!({"name": "base", key: base.0[key], "type": ["build", "link"]});
        let build = json!({"name": "tool", key: tool.0[key], "type": ["build"]});
        if is_all { json!([link, build]) } else { json!([link]) }
    };
    for stored in ["hash", "full_hash", "build_hash"] {
        let app = hashed("app", by("hash", false), by("build_hash", true), by("full_hash", true), by(stored, true));
        let found = import(&[("a", &document(2, &[&app, &base, &tool]))]);
        assert_eq!(found.diagnostics, Vec::new(), "{stored}");
        assert_eq!(inputs(release(&found, &app)).len(), 2);

        // In a lock file of that time nodes stand by their `build_hash`.
        let entry = |spec: &Spec| (spec.0["build_hash"].as_str().unwrap().to_owned(), spec.0.clone());
        let specs: serde_json::Map<_, _> = [&app, &base, &tool].into_iter().map(entry).collect();
        let meta = json!({"file-type": "spack-lockfile", "lockfile-version": 3});
        let lock = json!({"_meta": meta, "roots": [], "concrete_specs": specs}).to_string();
        assert_eq!(import(&[("a", &lock)]).modules, found.modules);

        // The recipe is covered by `full_hash` alone, so that is said not to be proven.
        let other = app.clone().with("package_hash", json!("zz===="));
        let found = import(&[("a", &document(2, &[&other, &base, &tool]))]);
        assert_eq!(found.diagnostics.len(), 1);
        assert_eq!(found.diagnostics[0].path, "spec.nodes[0].full_hash");
        assert!(refused(&found).is_empty());

        // Without the build's tool the node is still proven by its `hash`.
        let found = import(&[("a", &document(2, &[&app, &base]))]);
        assert!(refused(&found).is_empty() && !found.diagnostics.is_empty());
        assert_eq!(inputs(release(&found, &app)).len(), 1);

        // Without what it links there is nothing to prove it with.
        if stored != "hash" {
            let found = import(&[("a", &document(2, &[&app, &tool]))]);
            let [("spec.nodes[0].hash", message)] = refused(&found)[..] else { panic!("{:?}", found.diagnostics) };
            assert!(message.contains("cannot be verified"), "{message}");
        }
    }
}

#[test]
fn format_3_is_hashed_with_line_breaks_or_without() {
    for pretty in [true, false] {
        let node = |spec: Spec| {
            let text = if pretty { indented(&spec.0) } else { spec.0.to_string() };
            spec.with("hash", json!(hash_of(&text)))
        };
        let base = node(Spec::new("base", "1"));
        let app = node(
            Spec::new("app", "1")
                .with("dependencies", json!([{"name": "base", "hash": base.hash(), "type": ["link"]}])),
        );
        let found = import(&[("a", &document(3, &[&app, &base]))]);
        assert_eq!((found.diagnostics.len(), inputs(release(&found, &app)).len()), (0, 1));

        // Spack 0.21 writes it in format 4 and keeps its hash.
        let entry =
            json!([{"name": "base", "hash": base.hash(), "parameters": {"deptypes": ["link"], "virtuals": []}}]);
        let mut newer = app.clone().with("dependencies", entry);
        let hash = newer.0.as_object_mut().unwrap().shift_remove("hash").unwrap();
        let newer = newer.with("hash", hash);
        let found = import(&[("a", &document(4, &[&newer, &base]))]);
        assert_eq!(found.diagnostics, Vec::new());
    }
}

#[test]
fn format_5_has_its_compiler_among_the_dependencies() {
    let plain = |spec: Spec| {
        let mut spec = spec.with("annotations", json!({"original_specfile_version": 5}));
        spec.0.as_object_mut().unwrap().shift_remove("compiler");
        spec
    };
    let gcc = plain(Spec::new("gcc", "14.2")).with("external", json!({"path": "/usr"})).hashed();
    let flang = plain(Spec::new("llvm", "19.1")).hashed();
    let app = plain(Spec::new("app", "1").needs_as(&flang, &["build"], &["fortran"]).needs_as(
        &gcc,
        &["build"],
        &["c", "cxx"],
    ));
    let app = app.hashed();
    let found = import(&[("a", &document(5, &[&app, &gcc, &flang]))]);
    assert_eq!(found.diagnostics, Vec::new());
    assert_eq!(release(&found, &app).metadata[metadata::TOOLCHAIN], "gcc/14.2");
    assert!(!release(&found, &gcc).metadata.contains_key(metadata::TOOLCHAIN));

    // One that was read from format 4: the compiler is an annotation, the hash as it was.
    let old = Spec::new("old", "1").needs(&flang).hashed();
    let mut entry = old.0["dependencies"].clone();
    entry[0]["parameters"]["direct"] = json!(true);
    let mut newer = old.clone().with("dependencies", entry);
    let map = newer.0.as_object_mut().unwrap();
    map.shift_remove("compiler");
    let hash = map.shift_remove("hash").unwrap();
    let newer = newer
        .with("annotations", json!({"original_specfile_version": 4, "compiler": "gcc@=13.1.0"}))
        .with("hash", hash);
    let found = import(&[("a", &document(5, &[&newer, &flang]))]);
    assert_eq!(found.diagnostics, Vec::new());
    assert_eq!(release(&found, &newer).metadata[metadata::TOOLCHAIN], "gcc/13.1.0");
}

/// An external compiler as Spack 1.0 writes and hashes it, of its own tests' mock
/// repository (`lib/spack/spack/test/data/mirrors/v2_layout`).
const GCC_OF_SPACK_1: &str = r#"{"name": "gcc", "version": "10.2.1", "arch": {"platform": "test", "platform_os": "debian6", "target": "aarch64"}, "namespace": "builtin.mock", "parameters": {"build_system": "generic", "languages": ["c", "c++", "fortran"], "cflags": [], "cppflags": [], "cxxflags": [], "fflags": [], "ldflags": [], "ldlibs": []}, "external": {"path": "/path", "module": null, "extra_attributes": {"compilers": {"c": "/path/bin/gcc-10", "cxx": "/path/bin/g++-10", "fortran": "/path/bin/gfortran-10"}}}, "package_hash": "a7d6wvl2mh4od3uue3yxqonc7r7ihw3n3ldedu4kevqa32oy2ysa====", "annotations": {"original_specfile_version": 5}, "hash": "vd7v4ssgnoqdplgxyig3orum67n4vmhq"}"#;

#[test]
fn a_real_node_of_format_5_has_the_hash_that_spack_gave_it() {
    let gcc = Spec(serde_json::from_str(GCC_OF_SPACK_1).unwrap());
    let found = import(&[("a", &document(5, &[&gcc]))]);
    assert_eq!(found.diagnostics, Vec::new());
    assert_eq!(release(&found, &gcc).metadata[metadata::KIND], "external");
}

#[test]
fn text_that_is_not_ascii_is_hashed_as_python_writes_it() {
    // The hash of Python's `json.dumps(node, separators=(",", ":"))`.
    let node = json!({
        "name": "a", "version": "1", "arch": {"platform": "p", "platform_os": "o", "target": "t"},
        "parameters": {"x": "é😀\u{7f}\u{1}", "y": [1.5, 1e-7, 100000.0, -3]}, "hash": "y53qv53o7yhxsnvctc6p3imunliqshka",
    });
    let found = import(&[("a", &document(4, &[&Spec(node)]))]);
    assert_eq!(found.diagnostics, Vec::new());
    let record = found.modules[0].releases[0].record.clone().unwrap().into_inner().data;
    let text = record.get("node").unwrap().as_text().unwrap().to_owned();
    assert!(text.contains(r#""x":"\u00e9\ud83d\ude00\u007f\u0001","y":[1.5,1e-07,100000.0,-3]"#), "{text}");
}

#[test]
fn spliced_specs_are_taken_and_said() {
    let built = Spec::new("app", "1").hashed();
    let spliced = Spec::new("app", "1").with("build_spec", json!({"name": "app", "hash": built.hash()}));
    let content = hash_of(&spliced.0.to_string());
    let hash = format!("{}{}", &content[..25], &built.hash()[25..]);
    for (hash, said) in [(hash, "its hash holds"), ("a".repeat(32), "unverified")] {
        let spliced = spliced.clone().with("hash", json!(hash));
        let found = import(&[("a", &document(5, &[&spliced, &built]))]);
        assert!(refused(&found).is_empty());
        assert_eq!(found.diagnostics.len(), 1);
        assert!(found.diagnostics[0].message.contains(said), "{:?}", found.diagnostics);
        assert_eq!(release(&found, &spliced).metadata[metadata::KIND], "spliced");
    }
}

#[test]
fn what_spliced_specs_depend_on_in_a_circle_is_cut() {
    let hash = |letter: &str| letter.repeat(32);
    let entry = |name: &str, letter: &str| json!([{"name": name, "hash": hash(letter), "parameters": {"deptypes": ["link"], "virtuals": []}}]);
    let node = |name: &str, letter: &str, to: (&str, &str)| {
        let spec = Spec::new(name, "1").with("build_spec", json!({"name": name, "hash": hash("z")}));
        spec.with("dependencies", entry(to.0, to.1)).with("hash", json!(hash(letter)))
    };
    let (a, b) = (node("a", "a", ("b", "b")), node("b", "b", ("a", "a")));
    let found = import(&[("x", &document(5, &[&a, &b]))]);
    assert_eq!(inputs(release(&found, &a)).len() + inputs(release(&found, &b)).len(), 1);
    assert!(found.diagnostics.iter().any(|one| one.message.contains("closes the circle")));
}

#[test]
fn one_hash_with_two_contents_is_told_and_the_order_of_files_says_nothing() {
    // In format 2 the recipe is not covered by `hash`, so two texts have one.
    let mut node = Spec::new("app", "1");
    node.0.as_object_mut().unwrap().shift_remove("package_hash");
    let hash = hash_of(&indented(&node.0));
    let with =
        |recipe: &str| document(2, &[&node.clone().with("package_hash", json!(recipe)).with("hash", json!(hash))]);
    let (one, two) = (with("aa===="), with("bb===="));
    let forward = import(&[("1", &one), ("2", &two)]);
    assert_eq!(forward, import(&[("2", &two), ("1", &one)]));
    assert_eq!(forward.diagnostics.len(), 1);
    assert!(forward.diagnostics[0].message.contains("stands with other content"));
    let record = forward.modules[0].releases[0].record.clone().unwrap().into_inner().data;
    assert!(record.get("node").unwrap().as_text().unwrap().contains("aa===="));
}

#[test]
fn a_package_keeps_the_module_that_the_catalog_knows_it_by() {
    let spec = Spec::new("py_x", "1").hashed();
    let known = [("specs.spack.io/old-name".parse().unwrap(), "py_x".to_owned())].into_iter().collect();
    let mut importer = Importer::new(Options::new("specs.spack.io".parse().unwrap()), known);
    importer.add_file("a", document(4, &[&spec]).as_bytes()).unwrap();
    assert_eq!(importer.finish().modules[0].name.as_str(), "specs.spack.io/old-name");
}
