//! The traps of the format, one test each.

use serde_json::json;
use warecat::import::SourceError;
use warecat::import::eessi::{FileKind, Importer, Options};
use warecat::import::names::KnownNames;
use warecat::model::Location;

use super::*;

#[test]
fn an_installed_version_becomes_a_release() {
    let import = software(json!({"Zephyr": entry(&[version("Zephyr/1.0-foss-2023b", &[])])}));
    let module = module(&import, "eessi.io/2023.06/zephyr");
    assert_eq!(meta(&module.metadata), "description=Moves air.|homepage=https://zephyr.example|name=Zephyr");
    assert_eq!(data(module.record.as_ref())["description"], "\nMoves air.\n");
    let release = release(&import, "eessi.io/2023.06/zephyr:1.0-foss-2023b");
    let expected = "version=1.0|toolchain=foss/2023b|module=Zephyr/1.0-foss-2023b|replay-origin=derived";
    assert_eq!(meta(&release.metadata), expected);
    assert_eq!(labels(release), ["x86_64-generic", "x86_64-amd-zen2"]);
    assert_eq!(data(release.record.as_ref()), version("Zephyr/1.0-foss-2023b", &[]));
    let zen2 =
        "cvmfs://software.eessi.io/versions/2023.06/software/linux/x86_64/amd/zen2/software/Zephyr/1.0-foss-2023b";
    let (ware, addresses) = &module.mirrors[1];
    assert_eq!((addresses[0].as_str(), addresses.len()), (zen2, 1));
    assert_eq!(release.items.get("x86_64-amd-zen2"), Some(ware));
    assert_eq!(Location::from_address(&addresses[0]).unwrap().ware(), *ware);
    assert!(import.diagnostics.is_empty());
    assert_eq!(import.source.version.as_deref(), Some("2023.06"));
    assert_eq!(import.source.timestamp.as_deref(), Some("2026-08-21T12:54:24Z"));
}

#[test]
fn an_extension_has_its_parents_wares() {
    let parent = version("Zephyr/1.0-foss-2023b", &[]);
    let own = extension("wind.py", "0.5.0a1", "Zephyr/1.0-foss-2023b", &[]);
    let import = import(&[
        (
            PYTHON,
            file(
                json!({"wind.py": with(entry(&[own]), "description", "wind.py is a Python package included in the software module for {'Zephyr'}".into())}),
            ),
        ),
        (SOFTWARE, file(json!({"Zephyr": entry(&[parent])}))),
    ]);
    let module = module(&import, "eessi.io/2023.06/ext/python/wind.py");
    assert_eq!((meta(&module.metadata), &module.record, module.kind), (String::new(), &None, "python"));
    assert!(module.mirrors.is_empty());
    let own = release(&import, "eessi.io/2023.06/ext/python/wind.py:0.5.0a1-Zephyr-1.0-foss-2023b");
    assert_eq!(own.items, release(&import, "eessi.io/2023.06/zephyr:1.0-foss-2023b").items);
    assert_eq!(meta(&own.metadata), "version=0.5.0a1|parent=eessi.io/2023.06/zephyr:1.0-foss-2023b|kind=python");
    assert_eq!(own.replay, None);
    let expected =
        json!({"version": "0.5.0a1", "parent_software": {"name": "Zephyr", "version": "1.0", "versionsuffix": ""}});
    assert_eq!(data(own.record.as_ref()), expected);
    assert!(import.diagnostics.is_empty(), "{:?}", import.diagnostics);
}

#[test]
fn the_printed_order_of_a_set_changes_nothing() {
    let with_text = |text: &str| {
        let own = extension("wind", "1", "Zephyr/1.0", &[]);
        import(&[
            (SOFTWARE, file(json!({"Zephyr": entry(&[version("Zephyr/1.0", &[])])}))),
            (R, file(json!({"wind": with(entry(&[own]), "description", text.into())}))),
        ])
        .modules
    };
    let text = "wind is an R package included in the software module for ";
    let one = with_text(&format!("{text}{{'R', 'R-bundle-CRAN'}}"));
    assert_eq!(one, with_text(&format!("{text}{{'R-bundle-CRAN', 'R'}}")));
    assert_ne!(one, with_text(&format!("{text}all of us")), "another text is kept");
}

#[test]
fn a_description_and_homepage_of_its_own_are_an_extensions_metadata() {
    let own = extension("wind", "1", "Zephyr/1.0", &[]);
    let mut top = with(entry(&[own]), "description", "Blows.".into());
    top["homepage"] = "https://wind.example".into();
    let import = import(&[
        (SOFTWARE, file(json!({"Zephyr": entry(&[version("Zephyr/1.0", &[])])}))),
        (PYTHON, file(json!({"wind": top}))),
    ]);
    let module = module(&import, "eessi.io/2023.06/ext/python/wind");
    assert_eq!(meta(&module.metadata), "description=Blows.|homepage=https://wind.example");
    assert_eq!(data(module.record.as_ref()), json!({"homepage": "https://wind.example", "description": "Blows."}));
}

#[test]
fn a_release_with_accelerators_has_no_item_for_the_bare_cpu() {
    let gpu = json!({"x86_64/generic": ["nvidia/cc80", "nvidia/cc90"], "x86_64/amd/zen2": ["accel/nvidia/cc80"]});
    let import = software(json!({"Zephyr": entry(&[with(version("Zephyr/1.0-CUDA", &[]), "gpu_arch", gpu)])}));
    let release = release(&import, "eessi.io/2023.06/zephyr:1.0-CUDA");
    assert_eq!(
        labels(release),
        ["x86_64-generic-nvidia-cc80", "x86_64-generic-nvidia-cc90", "x86_64-amd-zen2-nvidia-cc80"]
    );
    let address = module(&import, "eessi.io/2023.06/zephyr").mirrors[2].1[0].as_str();
    assert!(address.ends_with("/linux/x86_64/amd/zen2/accel/nvidia/cc80/software/Zephyr/1.0-CUDA"), "{address}");
}

#[test]
fn one_module_in_two_eessi_versions_is_two_modules() {
    let later = with(version("Java/17.0.15", &[]), "required_modules", json!(["EESSI/2025.06", "Java/17.0.15"]));
    let import = software(json!({"Java": entry(&[version("Java/17.0.15", &[]), later])}));
    let wares = |eessi: &str| {
        release(&import, &format!("eessi.io/{eessi}/java:17.0.15")).items.values().cloned().collect::<Vec<_>>()
    };
    assert_ne!(wares("2023.06"), wares("2025.06"));
    assert_eq!(import.source.version.as_deref(), Some("2023.06, 2025.06"));
}

#[test]
fn module_names_are_not_split_on_dashes() {
    let import = software(json!({"RE2": entry(&[version("RE2/2023-03-01-GCCcore-12.2.0", &[])])}));
    release(&import, "eessi.io/2023.06/re2:2023-03-01-GCCcore-12.2.0");
}

#[test]
fn odd_but_real_versions_are_release_names() {
    for name in ["2024.09.0+375", "1.4-8", "default", "2Aug2023_update2", "14-7e284", "1.0-rc4", "402", "2023b"] {
        let import = software(json!({"x": entry(&[version(&format!("x/{name}"), &[])])}));
        release(&import, &format!("eessi.io/2023.06/x:{name}"));
    }
}

#[test]
fn spellings_that_differ_in_case_are_two_modules_and_keep_their_names() {
    let entries = json!({"Flask": entry(&[version("Flask/1", &[])]), "flask": entry(&[version("flask/1", &[])])});
    let fresh = software(entries.clone());
    assert_eq!(module(&fresh, "eessi.io/2023.06/flask").metadata["name"], "Flask");
    let known = [("eessi.io/2023.06/flask".parse().unwrap(), "flask".to_owned())].into_iter().collect();
    let pinned = import_with(Options::default(), known, &[(SOFTWARE, file(entries))]);
    assert!(!module(&pinned, "eessi.io/2023.06/flask").metadata.contains_key("name"), "it is `flask` still");
    assert_eq!((fresh.modules.len(), pinned.modules.len()), (2, 2));
}

#[test]
fn an_entry_without_eessi_is_refused_unless_the_file_has_only_one_version() {
    let entries = json!({"LHAPDF": entry(&[with(version("LHAPDF/6", &[]), "required_modules", json!(["Python/3", "LHAPDF/6"]))])});
    let refused = import(&[(SOFTWARE, file(entries.clone()))]);
    assert_eq!(found(&refused), ["entry-refused software[\"LHAPDF\"].versions[0].required_modules"]);
    assert!(refused.modules.is_empty());
    let told = import(&[(SOFTWARE, file_of(&["2023.06"], entries))]);
    release(&told, "eessi.io/2023.06/lhapdf:6");
    let later =
        json!({"LHAPDF": entry(&[with(version("LHAPDF/6", &[]), "required_modules", json!(["x", "EESSI/2023.06"]))])});
    let later = software(later);
    release(&later, "eessi.io/2023.06/lhapdf:6");
    assert_eq!(found(&later)[0], "entry-odd software[\"LHAPDF\"].versions[0].required_modules");
}

#[test]
fn the_risc_v_stack_is_another_repository_and_other_modules() {
    let mut one = version("Zephyr/1.0", &[]);
    one["cpu_arch"] = json!(["riscv64/generic"]);
    one["required_modules"] = json!(["EESSI/2025.06", "Zephyr/1.0"]);
    let entries = json!({"Zephyr": entry(std::slice::from_ref(&one))});
    let riscv = import(&[
        ("eessi_api_metadata-riscv_software.json", file_of(&["2025.06-001"], entries.clone())),
        (SOFTWARE, file(entries)),
    ]);
    let address = |name: &str| module(&riscv, name).mirrors[0].1[0].to_string();
    let end = "software/linux/riscv64/generic/software/Zephyr/1.0";
    assert_eq!(
        address("eessi.io/2025.06-001/zephyr"),
        format!("cvmfs://dev.eessi.io/riscv/versions/2025.06-001/{end}")
    );
    assert_eq!(address("eessi.io/2025.06/zephyr"), format!("cvmfs://software.eessi.io/versions/2025.06/{end}"));
    let other = import(&[("x_software.json", file_of(&["2023.06-001"], json!({"a": entry(&[version("a/1", &[])])})))]);
    assert_eq!((other.modules.len(), refusals(&other)), (0, 1), "no place is known for x86_64 there");
}

#[test]
fn letters_of_rs_own_packages_are_refused_and_left_out_of_the_record() {
    let pairs = json!([
        {"type": "r", "name": "b", "version": "a"},
        {"type": "r", "name": "zoo", "version": "1.8-12"},
        {"type": "python", "name": "b", "version": "a"},
        {"type": "r", "name": "g", "version": "r"}
    ]);
    let import = import(&[
        (SOFTWARE, file(json!({"R": entry(&[with(version("R/4.3", &[]), "extensions", pairs)])}))),
        (
            R,
            file(
                json!({"b": entry(&[extension("b", "a", "R/4.3", &[])]), "zoo": entry(&[extension("zoo", "1.8-12", "R/4.3", &[])])}),
            ),
        ),
    ]);
    let expected =
        ["entry-refused software[\"b\"].versions[0]", "entry-refused software[\"R\"].versions[0].extensions"];
    assert_eq!(found(&import), expected);
    let record = data(release(&import, "eessi.io/2023.06/r:4.3").record.as_ref());
    assert_eq!(record["extensions"].as_array().unwrap().len(), 2);
    assert_eq!(import.modules.len(), 2);
}

#[test]
fn an_extension_that_stands_twice_is_one_or_refused() {
    let one = extension("wind", "1", "Zephyr/1.0", &[]);
    let other = with(one.clone(), "identifier", "x".into());
    let import = import(&[
        (SOFTWARE, file(json!({"Zephyr": entry(&[version("Zephyr/1.0", &[])])}))),
        (PYTHON, file(json!({"wind": entry(&[one.clone(), one, other])}))),
    ]);
    assert_eq!(module(&import, "eessi.io/2023.06/ext/python/wind").releases.len(), 1);
    let expected = ["entry-refused software[\"wind\"].versions[2]", "entry-odd software[\"wind\"].versions[1]"];
    assert_eq!(found(&import), expected);
    assert!(
        import.diagnostics.iter().all(|d| d.message.contains("software[\"wind\"].versions[0]")),
        "both places are told"
    );
}

#[test]
fn an_extension_without_its_parent_is_refused() {
    let files = [
        (SOFTWARE, file(json!({"Zephyr": entry(&[version("Zephyr/1.0", &[])])}))),
        (PYTHON, file(json!({"wind": entry(&[extension("wind", "1", "Zephyr/2.0", &[])])}))),
    ];
    assert_eq!(found(&import(&files)), ["entry-refused software[\"wind\"].versions[0].module"]);
}

#[test]
fn an_extension_with_other_targets_has_those_of_both() {
    let cpu = |list: &[&str]| with(extension("wind", "1", "Zephyr/1.0", &[]), "cpu_arch", json!(list));
    let run = |list: &[&str]| {
        import(&[
            (SOFTWARE, file(json!({"Zephyr": entry(&[version("Zephyr/1.0", &[])])}))),
            (PYTHON, file(json!({"wind": entry(&[cpu(list)])}))),
        ])
    };
    let name = "eessi.io/2023.06/ext/python/wind:1-Zephyr-1.0";
    let less = run(&["x86_64/amd/zen2", "x86_64/amd/zen9"]);
    assert_eq!(labels(release(&less, name)), ["x86_64-amd-zen2"]);
    assert_eq!(found(&less), ["entry-odd software[\"wind\"].versions[0].cpu_arch"]);
    let reordered = run(&["x86_64/amd/zen2", "x86_64/generic"]);
    assert_eq!(labels(release(&reordered, name)), ["x86_64-generic", "x86_64-amd-zen2"]);
    assert!(reordered.diagnostics.is_empty());
    assert_eq!(refusals(&run(&["aarch64/generic"])), 1);
}

#[test]
fn a_module_that_stands_twice_is_one_or_refused() {
    let one = version("Zephyr/1.0", &[]);
    let import =
        software(json!({"Zephyr": entry(&[one.clone(), one.clone(), with(one, "description", "else".into())])}));
    assert_eq!(module(&import, "eessi.io/2023.06/zephyr").releases.len(), 1);
    let path = |n| format!("software[\"Zephyr\"].versions[{n}]");
    assert_eq!(found(&import), [format!("entry-refused {}.module", path(2)), format!("entry-odd {}", path(1))]);
}

#[test]
fn t07_releases_that_differ_in_case_only_are_refused() {
    let import = software(json!({"x": entry(&[version("x/1.0A", &[]), version("x/1.0a", &[])])}));
    assert_eq!((module(&import, "eessi.io/2023.06/x").releases.len(), refusals(&import)), (1, 1));
}

#[test]
fn an_unknown_field_is_kept_and_reported_once_for_the_file() {
    let one = |name: &str| with(version(name, &[]), "colour", json!({"deep": [1, null]}));
    let import = software(json!({"x": entry(&[one("x/1"), one("x/2")])}));
    assert_eq!(found(&import), ["entry-odd software[\"x\"].versions[0].colour"]);
    assert_eq!(data(release(&import, "eessi.io/2023.06/x:2").record.as_ref())["colour"]["deep"][0], 1);
}

#[test]
fn a_homepage_that_is_none_is_absent_and_one_that_is_wrong_is_told() {
    for (homepage, diagnostics) in
        [("(none)", 0), ("None", 0), ("", 0), ("hhttps://librdf.org/rasqal", 1), ("javascript:x", 1)]
    {
        let import = software(json!({"x": with(entry(&[version("x/1", &[])]), "homepage", homepage.into())}));
        let module = module(&import, "eessi.io/2023.06/x");
        assert!(!module.metadata.contains_key("homepage"));
        assert_eq!(data(module.record.as_ref())["homepage"], homepage);
        assert_eq!(import.diagnostics.len(), diagnostics, "{homepage}");
    }
}

#[test]
fn waldurs_dialect_is_read() {
    let bytes = std::fs::read("tests/data/eessi/guide_software.json").unwrap();
    let python = std::fs::read("tests/data/eessi/guide_ext-python.json").unwrap();
    let import = import(&[("guide_software.json", bytes), ("guide_ext-python.json", python)]);
    let zephyr = release(&import, "eessi.io/2023.06/zephyr:2.1-foss-2023b");
    assert_eq!(labels(zephyr), ["x86_64-generic", "x86_64-zen3"]);
    assert_eq!(zephyr.metadata["date"], "2024-01-15");
    assert_eq!(module(&import, "eessi.io/2023.06/zephyr").metadata["categories"], "chem, lib");
    let wind = release(&import, "eessi.io/2023.06/ext/python/wind:0.4-Zephyr-2.1-foss-2023b");
    assert_eq!(labels(wind), ["x86_64-generic"]);
    assert_eq!(module(&import, "eessi.io/2023.06/ext/python/wind").metadata["categories"], "math");
    assert_eq!(refusals(&import), 0, "{:?}", import.diagnostics);
}

#[test]
fn older_dialects_are_read() {
    let bytes = std::fs::read("tests/data/eessi/old_software.json").unwrap();
    let import = import(&[("old_software.json", bytes)]);
    let gust = release(&import, "eessi.io/2023.06/gust:0.9-GCC-12.3.0");
    assert_eq!(labels(gust), ["x86_64-generic-nvidia-cc70", "aarch64-neoverse_n1-nvidia-cc70"]);
    assert_eq!(gust.replay.as_ref().unwrap().inputs.len(), 1);
    assert!(import.diagnostics.is_empty(), "{:?}", import.diagnostics);
}

#[test]
fn one_eessi_version_or_no_extensions_can_be_asked_for() {
    let later = with(version("b/1", &[]), "required_modules", json!(["EESSI/2025.06"]));
    let files = [
        (SOFTWARE, file(json!({"a": entry(&[version("a/1", &[])]), "b": entry(&[later])}))),
        (PYTHON, file(json!({"wind": entry(&[extension("wind", "1", "a/1", &[])])}))),
    ];
    let run = |eessi_version: Option<&str>, extensions| {
        let options = Options { eessi_version: eessi_version.map(Into::into), extensions, ..Options::default() };
        let import = import_with(options, KnownNames::new(), &files);
        assert!(import.diagnostics.is_empty(), "{:?}", import.diagnostics);
        import.modules.iter().map(|module| module.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(run(Some("2025.06"), true), ["eessi.io/2025.06/b"]);
    assert_eq!(run(Some("2023.06"), true), ["eessi.io/2023.06/a", "eessi.io/2023.06/ext/python/wind"]);
    assert_eq!(run(None, false), ["eessi.io/2023.06/a", "eessi.io/2025.06/b"]);
}

#[test]
fn the_kind_of_a_file_is_told_by_name_argument_or_content() {
    let software = file(json!({"a": entry(&[version("a/1", &[])])}));
    let extensions = file(json!({"wind": entry(&[extension("wind", "1", "a/1", &[])])}));
    let mut importer = Importer::new(Options::default(), KnownNames::new());
    assert_eq!(importer.add_file("one.json", &software).unwrap().kind, FileKind::Software);
    assert!(matches!(importer.add_file("two.json", &extensions), Err(SourceError::KindUnknown { .. })));
    assert!(matches!(importer.add_file("one.json", &software), Err(SourceError::Repeated { .. })));
    let julia = FileKind::Extension("julia".parse().unwrap());
    assert_eq!(importer.add_file_as("two.json", julia, &extensions).unwrap().versions, 1);
    let import = importer.finish();
    assert_eq!(module(&import, "eessi.io/2023.06/ext/julia/wind").kind, "extension");
}
