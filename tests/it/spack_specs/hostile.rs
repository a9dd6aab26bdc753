//! Hostile and broken documents: refused with a message, never more.

use proptest::prelude::*;
use serde_json::{Value, json};
use warecat::import::names::KnownNames;
use warecat::import::spack::spec::{Importer, Options};

use super::{Spec, document, import, refused};

fn error(bytes: &[u8]) -> String {
    let mut importer = Importer::new(Options::new("specs.spack.io".parse().unwrap()), KnownNames::new());
    importer.add_file("a.json", bytes).unwrap_err().to_string()
}

#[test]
fn t09_a_tampered_node_is_refused_and_what_depends_on_it_lacks_it() {
    let base = Spec::new("base", "1").hashed();
    let app = Spec::new("app", "1").needs(&base).hashed();
    let tampered = base.clone().with("version", json!("2"));
    let found = import(&[("a", &document(4, &[&app, &tampered]))]);
    let [("spec.nodes[1].hash", message)] = refused(&found)[..] else { panic!("{:?}", found.diagnostics) };
    assert!(message.contains(base.hash()) && message.contains("the node's content has the hash"), "{message}");
    assert_eq!(found.modules.len(), 1);
    assert!(found.modules[0].releases[0].replay.as_ref().unwrap().inputs.is_empty(), "an input was made up");
    assert!(found.diagnostics.iter().any(|one| one.message.contains("the replay lacks it")));
    // The order of its keys is part of what is hashed.
    let mut reordered = base.clone();
    let name = reordered.0.as_object_mut().unwrap().shift_remove("name").unwrap();
    let found = import(&[("a", &document(4, &[&reordered.with("name", name)]))]);
    assert_eq!(refused(&found).len(), 1);
}

#[test]
fn t09_no_field_of_a_node_can_be_changed() {
    let base = Spec::new("base", "1").hashed();
    let app = Spec::new("app", "1").needs(&base).hashed();
    for (pointer, value) in [
        ("/name", json!("app2")),
        ("/version", json!("1.1")),
        ("/arch/target", json!("zen4")),
        ("/compiler/version", json!("13.1.1")),
        ("/parameters/shared", json!(false)),
        ("/package_hash", json!("bbbb====")),
        ("/dependencies/0/hash", json!("a".repeat(32))),
        ("/dependencies/0/parameters/deptypes", json!(["build"])),
        ("/dependencies", json!([])),
        ("/hash", json!("a".repeat(32))),
    ] {
        let mut other = app.clone();
        *other.0.pointer_mut(pointer).unwrap() = value;
        let found = import(&[("a", &document(4, &[&other, &base]))]);
        assert_eq!(refused(&found).len(), 1, "{pointer}");
        assert_eq!(found.modules.len(), 1, "{pointer}");
    }
    let more = app.with("maintainer", json!("me"));
    assert_eq!(refused(&import(&[("a", &document(4, &[&more]))])).len(), 1);
}

#[test]
fn t33_a_secret_that_the_hash_covers_is_told() {
    let spec = Spec::new("app", "1").with("parameters", json!({"url": "https://me:hunter2@example.org/"})).hashed();
    let found = import(&[("a", &document(4, &[&spec]))]);
    assert_eq!((found.modules.len(), found.diagnostics.len()), (1, 1));
    assert!(found.diagnostics[0].message.contains("looks like a password"), "{:?}", found.diagnostics);
    assert!(!found.diagnostics[0].message.contains("hunter2"));
}

#[test]
fn t23_what_is_no_concrete_spec_is_refused_and_the_others_are_taken() {
    let good = Spec::new("good", "1").hashed();
    let failed = Spec::new("x", "1").with("hash", json!("FAILED_CONCRETIZATION"));
    let abstract_spec = Spec::new("x", "1").with("concrete", json!(false)).hashed();
    let mut nameless = Spec::new("x", "1");
    nameless.0.as_object_mut().unwrap().shift_remove("hash");
    for bad in [
        failed,
        abstract_spec,
        nameless,
        Spec(json!([])),
        Spec(json!("x")),
        Spec::new("../../etc/passwd", "1").hashed(),
        Spec::new("", "1").hashed(),
        Spec::new("x y", "1").hashed(),
        Spec::new("x", "").hashed(),
        Spec::new("x", "1\u{202e}").hashed(),
        Spec::new("x", &"1".repeat(300)).hashed(),
        Spec::new("x", "1").with("arch", json!(null)).hashed(),
        Spec::new("x", "1").with("arch", json!({"platform": "l", "platform_os": "o"})).hashed(),
        Spec::new("x", "1").with("compiler", json!("gcc")).hashed(),
        Spec::new("x", "1").with("parameters", json!([])).hashed(),
        Spec::new("x", "1").with("external", json!("/usr")).hashed(),
        Spec::new("x", "1").with("build_spec", json!({"name": "x"})).hashed(),
        Spec::new("x", "1").with("dependencies", json!({"y": {"hash": "z"}})).hashed(),
        Spec::new("x", "1").with("dependencies", json!([{"name": "y"}])).hashed(),
        Spec::new("x", "1").with("dependencies", json!([{"hash": "z"}])).hashed(),
    ] {
        let found = import(&[("a", &document(4, &[&bad, &good]))]);
        assert_eq!(refused(&found).len(), 1, "{}: {:?}", bad.0, found.diagnostics);
        assert_eq!(found.modules.len(), 1, "{}", bad.0);
        assert!(!refused(&found)[0].1.contains(char::is_control), "{:?}", refused(&found));
    }
}

#[test]
fn t06_json_that_two_readers_could_read_differently_is_refused() {
    let good = Spec::new("good", "1").hashed();
    let text = document(4, &[&good]);
    for bad in [
        text.replace("\"version\":\"1\"", "\"version\":\"1\",\"version\":\"1\""),
        text.replace("\"shared\":true", &format!("\"shared\":{}{}", "[".repeat(100), "]".repeat(100))),
        text.replace("\"shared\":true", "\"shared\":1e999"),
        text.replace("\"shared\":true", "\"shared\":\"\\ud800\""),
        text.replace("\"shared\":true", &format!("\"shared\":\"{}\"", "x".repeat(2 * 1024 * 1024))),
    ] {
        let found = import(&[("a", &bad)]);
        assert_eq!((refused(&found).len(), found.modules.len()), (1, 0), "{:?}", found.diagnostics);
    }
}

#[test]
fn t06_files_that_hold_no_specs_are_refused_whole() {
    for (bad, said) in [
        ("", "EOF"),
        ("[]", "expected a map"),
        ("{}", "holds no concrete specs"),
        (r#"{"spec": 1}"#, "expected a map"),
        (r#"{"spec": [{"zlib": {"version": "1"}}]}"#, "format 1"),
        (r#"{"spec": {"nodes": []}}"#, "format 1"),
        (r#"{"database": {"version": "5", "installs": {}}}"#, "format 1"),
        (r#"{"_meta": {"lockfile-version": 2}, "concrete_specs": {}}"#, "format 1"),
        ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}", "signed"),
        (r#"{"spec": {"_meta": {"version": 4}, "nodes": {}}}"#, "expected a sequence"),
        ("\u{feff}{}", "expected value"),
    ] {
        let message = error(bad.as_bytes());
        assert!(message.contains(said), "{bad}: {message}");
    }
    assert!(error(b"{\"a\": \xff}").contains("not UTF-8"));
    let nested = format!(r#"{{"spec": {}1{}}}"#, "[".repeat(1_000_000), "]".repeat(1_000_000));
    assert!(!error(nested.as_bytes()).is_empty());
    let include = |inner: String| format!(r#"{{"concrete_specs": {{}}, "include_concrete": {{"/e": {inner}}}}}"#);
    let deep = (0..20).fold(include("{}".into()), |inner, _| include(inner));
    assert!(error(deep.as_bytes()).contains("too deep"));
}

#[test]
fn t01_names_from_specs_cannot_leave_the_catalog() {
    for (version, expected) in [
        ("1/../../x", "1-..-..-x"),
        ("..", "-."),
        ("_x", "-x"),
        ("git.abc=1.9", "git.abc=1.9"),
        ("a:b|c", "a-b-c"),
        ("nul.1", "vn"),
    ] {
        let spec = Spec::new("pkg", version).hashed();
        let found = import(&[("a", &document(4, &[&spec]))]);
        assert_eq!(found.diagnostics, Vec::new());
        let release = &found.modules[0].releases[0];
        assert_eq!(release.name.as_str(), format!("{expected}-{}", spec.hash()));
        assert_eq!(release.metadata["version"], version, "upstream's spelling is kept");
    }
    let long = Spec::new("pkg", &"é".repeat(128)).hashed();
    let found = import(&[("a", &document(4, &[&Spec(long.0.clone())]))]);
    // Text that is not ASCII is escaped before it is hashed, so this hash does not hold.
    assert_eq!(refused(&found).len(), 1);
    let long = Spec::new("pkg", &"1".repeat(256)).hashed();
    let found = import(&[("a", &document(4, &[&long]))]);
    let name = found.modules[0].releases[0].name.to_string();
    assert!(name.len() == 250 && name.ends_with(long.hash()), "{name}");
}

/// Any JSON, with the words of specs among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let words = [
        "spec",
        "nodes",
        "_meta",
        "version",
        "hash",
        "name",
        "dependencies",
        "database",
        "installs",
        "arch",
        "concrete_specs",
        "roots",
        "include_concrete",
        "build_spec",
        "annotations",
        "compiler",
        "external",
        "parameters",
    ];
    let word = proptest::sample::select(words.to_vec()).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[a-z2-7]{32}".prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn t06_no_document_ends_the_program(value in any_json()) {
        crate::fuzz_targets::spack_spec(value.to_string().as_bytes());
        crate::fuzz_targets::spack_spec(json!({"spec": {"_meta": {"version": 4}, "nodes": [value.clone()]}}).to_string().as_bytes());
        crate::fuzz_targets::spack_spec(json!({"_meta": {"specfile-version": 3}, "concrete_specs": {"a": value}}).to_string().as_bytes());
    }

    #[test]
    fn t06_a_changed_byte_is_refused_or_changes_nothing(at in 0_usize..2000, byte in any::<u8>()) {
        let base = Spec::new("base", "1").hashed();
        let app = Spec::new("app", "1").needs(&base).hashed();
        let mut bytes = document(4, &[&app, &base]).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        crate::fuzz_targets::spack_spec(&bytes);
    }
}

/// Unverified content with the hash of another spec.
fn forged(spec: &Spec, version: &str) -> Spec {
    let built = json!({"name": "app", "hash": "z".repeat(32)});
    spec.clone().with("version", json!(version)).with("build_spec", built)
}

#[test]
fn t09_unverified_content_takes_no_place_of_verified() {
    let base = Spec::new("base", "1").hashed();
    let app = Spec::new("app", "1").hashed();
    let other = forged(&app, "0").needs(&base);
    let (good, bad) = (document(5, &[&app]), document(5, &[&other, &base]));
    let found = import(&[("1", &bad), ("2", &good)]);
    assert_eq!(found, import(&[("2", &good), ("1", &bad)]));
    let module = found.modules.iter().find(|module| module.name.as_str().ends_with("/app")).unwrap();
    assert_eq!(module.releases[0].name.as_str(), app.release());
}

#[test]
fn t09_the_contents_of_one_hash_are_bounded() {
    let app = Spec::new("app", "1").hashed();
    let forged: Vec<Spec> = (0..200).map(|number| forged(&app, &format!("0.{number}"))).collect();
    let mut nodes: Vec<&Spec> = forged.iter().chain([&app]).collect();
    let found = import(&[("a", &document(5, &nodes))]);
    let [(_, message)] = refused(&found)[..] else { panic!("{:?}", refused(&found)) };
    assert!(message.contains("more than 64"), "{message}");
    let other = found.diagnostics.iter().filter(|one| one.message.contains("stands with other content")).count();
    assert_eq!(other, 63);
    assert_eq!(found.modules[0].releases[0].name.as_str(), app.release());
    nodes.reverse();
    assert_eq!(import(&[("a", &document(5, &nodes))]).modules, found.modules);
}
