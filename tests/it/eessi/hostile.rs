//! Input that means harm, or that another program broke (`threats.md` T-01, T-06, T-23,
//! T-24, T-33): one bad entry never ends the import, and nothing unchecked becomes data.

use serde_json::json;
use warecat::import::SourceError;

use super::*;

/// Imports a good entry beside `bad`, which is JSON text for the member `"bad"`.
fn beside(bad: &str) -> Import {
    let good = serde_json::to_string(&entry(&[version("good/1", &[])])).unwrap();
    let text =
        format!("{{\"architectures_map\": {{\"2023.06\": []}}, \"software\": {{\"bad\": {bad}, \"good\": {good}}}}}");
    let import = import(&[(SOFTWARE, text.into_bytes())]);
    release(&import, "eessi.io/2023.06/good:1");
    import
}

/// The same with one version, changed in its text.
fn version_with(from: &str, to: &str) -> Import {
    let text = serde_json::to_string(&entry(&[version("bad/1", &[]), version("fine/2", &[])])).unwrap();
    assert!(text.contains(from), "{text}");
    let import = beside(&text.replacen(from, to, 1));
    release(&import, "eessi.io/2023.06/bad:2");
    import
}

#[test]
fn an_entry_of_another_shape_is_refused_alone() {
    for bad in ["1", "null", "[]", "\"x\"", "true", "1.5", "{}", "{\"versions\": 1}", "{\"versions\": {\"a\": 1}}"] {
        let import = beside(bad);
        assert_eq!((import.modules.len(), found(&import).len()), (1, 1), "{bad}");
        assert!(found(&import)[0].starts_with("entry-refused software[\"bad\"]"), "{bad}");
    }
    let import = beside("{\"versions\": [1, [], \"x\", {}, null]}");
    assert_eq!(refusals(&import), 5);
}

#[test]
fn t06_repeated_keys_are_refused_where_they_stand() {
    for (from, to) in [
        ("\"version\":\"1.0\"", "\"version\":\"1.0\",\"version\":\"2.0\""),
        ("{\"name\":\"foss\"", "{\"name\":\"foss\",\"name\":\"loss\""),
        ("\"version\":\"1.0\"", "\"version\":\"1.0\",\"x\":18446744073709551616"),
        ("\"version\":\"1.0\"", "\"version\":\"1.0\",\"x\":1e400"),
        ("\"description\":\"Moves air.\"", "\"description\":\"\\ud800\""),
        ("\"description\":", "\"\\ud800\":"),
    ] {
        let import = version_with(from, to);
        assert_eq!(refusals(&import), 1, "{to}: {:?}", import.diagnostics);
        assert!(
            import
                .modules
                .iter()
                .flat_map(|m| &m.releases)
                .all(|r| r.name.as_str() != "1" || r.metadata["module"] == "good/1")
        );
    }
    let deep = format!("\"x\":{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refusals(&version_with("\"image\":\"\"", &deep)), 1);
    let text = serde_json::to_string(&entry(&[])).unwrap().replacen('{', "{\"versions\":[],", 1);
    assert_eq!(refusals(&beside(&text)), 1);
}

#[test]
fn t06_names_that_are_no_unicode_or_stand_twice_are_refused_alone() {
    let one = serde_json::to_string(&entry(&[version("good/1", &[])])).unwrap();
    let text = format!("{{\"software\": {{\"\\ud800\": {one}, \"good\": {one}, \"good\": {one}}}}}");
    let import = import(&[(SOFTWARE, text.into_bytes())]);
    assert_eq!((import.modules.len(), refusals(&import)), (1, 2));
    let wrong_and_undecodable = beside("\"\\ud800\"");
    assert_eq!(refusals(&wrong_and_undecodable), 1);
}

#[test]
fn t06_too_many_fields_are_refused() {
    let many: String = (0..1000).map(|n| format!("\"f{n}\":1,")).collect();
    assert_eq!(refusals(&version_with("\"image\"", &format!("{many}\"image\""))), 1);
}

#[test]
fn t01_t23_no_field_leaves_its_place() {
    for (key, value) in [
        ("module", json!("../../x/1")),
        ("module", json!({"full_module_name": "x/..", "module_name": "x", "module_version": ".."})),
        ("module", json!("x/CON")),
        ("module", json!("x/1;rm -rf ~")),
        ("module", json!("x/1\u{202e}")),
        ("module", json!(7)),
        ("cpu_arch", json!(["../../etc"])),
        ("cpu_arch", json!("x86_64/generic")),
        ("gpu_arch", json!("x")),
        ("required_modules", json!([{"full_module_name": "EESSI/../.."}])),
        ("required_modules", json!("EESSI/2023.06")),
    ] {
        let import = software(json!({"x": entry(&[with(version("x/1", &[]), key, value.clone())])}));
        assert_eq!(import.modules.len(), 0, "{key}: {value}");
        assert!(refusals(&import) >= 1);
    }
    let import = software(json!({"../../etc/passwd": entry(&[version("x/1", &[])])}));
    assert_eq!(import.modules[0].name.as_str(), "eessi.io/2023.06/etcpasswd");
}

#[test]
fn t24_hostile_text_is_kept_as_data_and_nothing_else() {
    let text = "<script>alert(1)</script>\u{202e}\u{0}\u{1b}[31m";
    let import = software(
        json!({"x": with(entry(&[with(version("x/1", &[]), "version", text.into())]), "description", text.into())}),
    );
    let module = module(&import, "eessi.io/2023.06/x");
    assert_eq!(module.metadata["description"], text);
    let release = &module.releases[0];
    assert!(!release.metadata.contains_key("version"), "a version is short and visible");
    assert_eq!(data(release.record.as_ref())["version"], text);
    assert!(!import.diagnostics[0].message.contains('\u{1b}'), "messages are harmless");
}

#[test]
fn t33_a_password_is_nowhere() {
    let home = "https://me:hunter2@zephyr.example/x?token=hunter2";
    let one = with(version("x/1", &[]), "homepage", home.into());
    let import = software(json!({"x": with(entry(&[one]), "homepage", home.into())}));
    assert!(!format!("{import:?}").contains("hunter2"));
    assert_eq!(import.diagnostics.len(), 2);
}

#[test]
fn a_file_that_is_no_source_names_line_and_column() {
    let add = |bytes: &[u8]| {
        let mut importer = Importer::new(Options::default(), KnownNames::new());
        importer.add_file(SOFTWARE, bytes).expect_err("it is refused")
    };
    for bad in [
        "",
        "[]",
        "{",
        "{}",
        "{\"software\": []}",
        "{\"software\": {}} x",
        "{\"software\": {}, \"software\": {}}",
        "\u{feff}{}",
    ] {
        let error = add(bad.as_bytes());
        assert!(matches!(error, SourceError::Unreadable { .. }), "{bad}: {error}");
        assert_eq!(error.code(), Code::SourceInvalid);
    }
    let SourceError::Unreadable { line, column, file, .. } = add(b"{\"software\":\n {\"a\": tru}}") else { panic!() };
    assert_eq!((line, column, file.as_str()), (2, 11, SOFTWARE));
    let SourceError::Unreadable { line, column, .. } = add(b"{\n\"\xff\"") else { panic!() };
    assert_eq!((line, column), (2, 2));
    add("[".repeat(1_000_000).as_bytes());
    add(format!("{{\"software\": {}", "{\"a\":".repeat(100_000)).as_bytes());
}

#[test]
fn a_header_of_another_shape_is_told_and_left_out() {
    let text = "{\"architectures_map\": {\"a\": 1, \"a\": 2}, \"timestamp\": 5, \"software\": {}}";
    let import = import(&[(SOFTWARE, text.into())]);
    assert_eq!(found(&import), ["entry-refused architectures_map"]);
    assert_eq!((import.source.timestamp, import.source.version), (None, None));
}

#[test]
fn broken_bytes_never_panic_and_always_give_the_same() {
    let good = file(json!({"A": entry(&[version("A/1", &["B/1"])]), "B": entry(&[version("B/1", &[])])}));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let mut read = 0;
    for _ in 0..3000 {
        let mut bytes = good.clone();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes.truncate(at.max(8)),
                1 => bytes[at] = b"\"\\{}[]:,0en. /"[random(14)],
                2 => drop(bytes.remove(at)),
                _ => bytes[at] = u8::try_from(random(256)).unwrap(),
            }
        }
        let run = || {
            let mut importer = Importer::new(Options::default(), KnownNames::new());
            importer.add_file(SOFTWARE, &bytes).map(|_| importer.finish())
        };
        let (one, two) = (run(), run());
        assert!(one == two);
        read += usize::from(one.is_ok());
    }
    assert!(read > 300, "most of what was broken was not even read: {read}");
}
