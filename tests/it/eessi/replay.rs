//! Derived replays.

use serde_json::json;
use warecat::model::{Plot, PlotCapsule, codec};

use super::*;

fn plot<'i>(import: &'i Import, reference: &str) -> &'i Plot {
    release(import, reference).replay.as_ref().unwrap()
}

fn inputs(plot: &Plot) -> Vec<String> {
    plot.catalog_refs().into_iter().map(ToString::to_string).collect()
}

/// `a` requires `b` and `c`, and `b` requires `c`.
fn chain() -> Value {
    json!({
        "A": entry(&[version("A/1", &["C/1", "B/1"])]),
        "B": entry(&[version("B/1", &["C/1"])]),
        "C": entry(&[version("C/1", &[])])
    })
}

#[test]
fn inputs_are_the_direct_requirements() {
    let import = software(chain());
    let plot = plot(&import, "eessi.io/2023.06/a:1");
    assert_eq!(inputs(plot), ["eessi.io/2023.06/b:1:x86_64-generic"]);
    assert!(plot.leaks().is_empty());
    let text = String::from_utf8(codec::encode(&PlotCapsule::V1(plot.clone()))).unwrap();
    let at = |name: &str| {
        format!("/cvmfs/software.eessi.io/versions/2023.06/software/linux/x86_64/generic/software/{name}/1")
    };
    assert!(text.contains(&format!("\"{}\": \"pipe::B/1\"", at("B"))), "{text}");
    assert!(text.contains(&format!("\"from\": \"{}\",\n\t\t\t\t\t\t\t\"packtype\": \"cvmfs\"", at("A"))), "{text}");
    assert!(text.contains("\"A-1.eb\"") && text.contains("\"out\": \"pipe:install:out\""), "{text}");
    assert_eq!(codec::decode::<PlotCapsule>(text.as_bytes()).unwrap().into_inner(), *plot);
}

#[test]
fn a_new_target_changes_neither_replay_nor_wares() {
    let before = software(chain());
    let mut entries = chain();
    for name in ["A", "B", "C"] {
        entries[name]["versions"][0]["cpu_arch"] =
            json!(["aarch64/a64fx", "x86_64/amd/zen1", "x86_64/generic", "x86_64/amd/zen2"]);
    }
    let after = software(entries);
    for name in ["a", "b", "c"] {
        let name = format!("eessi.io/2023.06/{name}:1");
        let (old, new) = (release(&before, &name), release(&after, &name));
        assert_eq!(old.replay, new.replay);
        assert!(old.items.iter().all(|(label, ware)| new.items.get(label) == Some(ware)));
    }
}

#[test]
fn the_order_of_loading_changes_no_replay() {
    let run = |required: &[&str]| {
        let entries = json!({
            "A": entry(&[version("A/1", required)]), "B": entry(&[version("B/1", &[])]), "C": entry(&[version("C/1", &[])])
        });
        plot(&software(entries), "eessi.io/2023.06/a:1").clone()
    };
    assert_eq!(run(&["B/1", "C/1"]), run(&["C/1", "B/1"]));
}

#[test]
fn an_alias_of_java_is_told_and_never_made_up() {
    let import = software(json!({"A": entry(&[version("A/1", &["Java/17"])])}));
    assert!(inputs(plot(&import, "eessi.io/2023.06/a:1")).is_empty());
    assert_eq!(found(&import), ["entry-odd software[\"A\"].versions[0].required_modules"]);
    assert!(import.diagnostics[0].message.contains("`Java/17`"));
}

#[test]
fn accelerator_builds_use_the_items_of_bare_cpus_where_there_are_some() {
    let gpu = |name: &str, required: &[&str], list: Value| {
        with(version(name, required), "gpu_arch", json!({"x86_64/generic": list}))
    };
    let import = software(json!({
        "A": entry(&[gpu("A/1", &["B/1", "C/1"], json!(["nvidia/cc100", "nvidia/cc80"]))]),
        "B": entry(&[gpu("B/1", &[], json!(["nvidia/cc80"]))]),
        "C": entry(&[version("C/1", &[])])
    }));
    let plot = plot(&import, "eessi.io/2023.06/a:1");
    assert_eq!(
        inputs(plot),
        ["eessi.io/2023.06/b:1:x86_64-generic-nvidia-cc80", "eessi.io/2023.06/c:1:x86_64-generic"]
    );
    let text = serde_json::to_string(plot).unwrap();
    assert!(text.contains("--cuda-compute-capabilities=8.0") && text.contains("generic/accel/nvidia/cc80"), "{text}");
}

#[test]
fn a_dependency_without_the_target_is_told_and_left_out() {
    let import = software(json!({
        "A": entry(&[version("A/1", &["B/1"])]),
        "B": entry(&[with(version("B/1", &[]), "cpu_arch", json!(["x86_64/amd/zen2"]))])
    }));
    assert!(inputs(plot(&import, "eessi.io/2023.06/a:1")).is_empty());
    assert_eq!(import.diagnostics.len(), 1);
}

#[test]
fn modules_that_require_each_other_make_no_cycle() {
    let import = software(json!({
        "A": entry(&[version("A/1", &["B/1"])]), "B": entry(&[version("B/1", &["A/1"])])
    }));
    assert!(inputs(plot(&import, "eessi.io/2023.06/a:1")).is_empty());
    assert_eq!(import.diagnostics.len(), 2);
}

#[test]
fn a_stack_without_x86_64_takes_a_generic_target() {
    let cpu = json!(["aarch64/a64fx", "riscv64/generic", "aarch64/generic"]);
    let import = software(json!({"A": entry(&[with(version("A/1", &[]), "cpu_arch", cpu)])}));
    assert!(serde_json::to_string(plot(&import, "eessi.io/2023.06/a:1")).unwrap().contains("/linux/aarch64/generic/"));
}
