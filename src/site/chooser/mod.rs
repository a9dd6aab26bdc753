//! "Which build fits me": what a page hands to the chooser's script.
//!
//! The items are on the page already, in their tables; the script learns here only what
//! each label means, in the order in which equal ones are taken. The lineage of
//! processors is one file for the whole site, read when the chooser is used. The rule is
//! `model::target`'s, and a test holds the script to it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Serialize;
use serde_json::json;

use super::templates::{Template, joined};
use crate::catalog::ReleaseEntry;
use crate::model::order::sort_natural;
use crate::model::target::{Accelerator, SENTENCES, Target, arm_vendors, integrated, microarchitectures, other_names};

/// The data file's name, as scripts ask for it.
pub(super) const DATA: &str = "targets";

/// The rule as the visitor's browser has it.
const RULE: &str = include_str!("rule.js");

/// Compute capabilities that NVIDIA's accelerators have, so that one can be chosen for
/// which nothing is built but which runs what is.
const NVIDIA: &[&str] = &["60", "61", "70", "75", "80", "86", "89", "90", "100", "103", "120", "121"];

/// The chooser of a page.
#[derive(Debug, Serialize)]
pub(super) struct Chooser {
    /// Changes when the data file does.
    version: String,
    /// A line for each label: the label, and after tabs its processor (empty for one that
    /// archspec does not know), accelerator, and platform other than Linux. A label that
    /// is for no target stands alone.
    labels: String,
    accelerators: Vec<String>,
    /// The one that is chosen at first stands first.
    releases: Vec<ChooserRelease>,
}

/// A release that can be chosen.
#[derive(Debug, Serialize)]
struct ChooserRelease {
    /// The anchor of its section.
    id: String,
    name: String,
}

/// The chooser for the releases that have a section on a page; `None` when no item of
/// them is for a target. `latest` is chosen at first, where it is one of them.
pub(super) fn chooser(releases: &[&ReleaseEntry], latest: Option<&ReleaseEntry>) -> Option<Chooser> {
    let labels: BTreeSet<&str> =
        releases.iter().flat_map(|release| release.release.items.keys()).map(|label| label.as_str()).collect();
    let mut labels: Vec<(&str, Option<Target>)> =
        labels.into_iter().map(|label| (label, Target::parse(label))).collect();
    sort_natural(&mut labels, |(label, _)| label);
    if labels.iter().all(|(_, target)| target.is_none()) {
        return None;
    }
    let has_targets =
        |release: &&&ReleaseEntry| release.release.items.keys().any(|label| Target::parse(label.as_str()).is_some());
    let is_latest = |release: &ReleaseEntry| latest.is_some_and(|latest| latest.name() == release.name());
    let mut shown: Vec<&ReleaseEntry> = releases.iter().filter(has_targets).copied().collect();
    // A stable sort: the latest first, the others as they were.
    shown.sort_by_key(|release| !is_latest(release));
    Some(Chooser {
        version: version().to_owned(),
        labels: labels.iter().map(|(label, target)| row(label, target.as_ref())).collect(),
        accelerators: accelerators(labels.iter().filter_map(|(_, target)| target.as_ref()?.accelerator.as_ref())),
        releases: shown
            .into_iter()
            .map(|release| ChooserRelease {
                id: super::links::anchor(release.name().as_str()),
                name: release.name().to_string(),
            })
            .collect(),
    })
}

fn row(label: &str, target: Option<&Target>) -> String {
    let Some(target) = target else { return format!("{label}\n") };
    let cpu = target.cpu.microarchitecture().map(|found| found.name).unwrap_or_default();
    let accelerator = target.accelerator.as_ref().map(ToString::to_string).unwrap_or_default();
    let platform = target.platform.as_deref().filter(|_| !target.is_for_linux()).unwrap_or_default();
    format!("{label}\t{cpu}\t{accelerator}\t{platform}\n")
}

/// The accelerators that can be chosen, in their order.
fn accelerators<'a>(built: impl Iterator<Item = &'a Accelerator>) -> Vec<String> {
    let mut found: BTreeSet<String> = built.map(ToString::to_string).collect();
    if found.iter().any(|name| name.starts_with("nvidia/")) {
        found.extend(NVIDIA.iter().map(|number| format!("nvidia/cc{number}")));
    }
    let mut found: Vec<String> = found.into_iter().collect();
    sort_natural(&mut found, |name| name);
    found
}

/// What people call a vendor, by what its machines say.
fn maker(vendor: &str) -> &str {
    match vendor {
        "GenuineIntel" => "Intel",
        "AuthenticAMD" => "AMD",
        "generic" => "generic",
        other => other,
    }
}

/// The data file: the rule as a function, called with archspec's microarchitectures, how
/// machines name them, and the sentences of an explanation.
pub(super) fn data() -> &'static [u8] {
    static DATA_FILE: OnceLock<Vec<u8>> = OnceLock::new();
    DATA_FILE.get_or_init(|| {
        let words = |found: &mut dyn Iterator<Item = &str>| found.collect::<Vec<_>>().join(" ");
        let mut all: Vec<_> = microarchitectures().values().collect();
        // The families that most machines are of first.
        let family = |name: &str| ["x86_64", "aarch64"].iter().position(|known| *known == name).unwrap_or(9);
        all.sort_by_key(|one| {
            (family(one.family), one.family, one.vendor != "generic", maker(one.vendor), one.depth(), one.name)
        });
        let rows = all.into_iter().map(|one| {
            json!([
                one.name,
                words(&mut one.parents.iter().copied()),
                one.vendor,
                words(&mut one.features.iter().copied()),
                one.part.unwrap_or_default(),
                one.generation,
                format!("{} {}", one.family, maker(one.vendor)),
                other_names(one.name).collect::<Vec<_>>().join(", "),
            ])
        });
        let sentences: serde_json::Map<_, _> =
            SENTENCES.iter().map(|(key, text)| ((*key).to_owned(), json!(text))).collect();
        let value = json!({
            "targets": rows.collect::<Vec<_>>(),
            "arm": arm_vendors(),
            "integrated": integrated(),
            "say": sentences,
        });
        let rule = joined(&[Template { name: "rule.js".into(), text: RULE.into() }], ".js");
        format!("warecat.data({}, ({})({value}));\n", json!(DATA), rule.trim_end()).into_bytes()
    })
}

/// A short hash of the data file.
fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| blake3::hash(data()).to_hex().chars().take(8).collect())
}

#[cfg(test)]
mod tests {
    use super::{accelerators, data, row};
    use crate::model::target::Target;

    #[test]
    fn a_label_says_what_the_rule_reads_in_it() {
        let check = |label: &str, expected: &str| assert_eq!(row(label, Target::parse(label).as_ref()), expected);
        check("x86_64-amd-zen2", "x86_64-amd-zen2\tzen2\t\t\n");
        check("aarch64-nvidia-grace-nvidia-cc90", "aarch64-nvidia-grace-nvidia-cc90\tneoverse_v2\tnvidia/cc90\t\n");
        check("windows-amd64", "windows-amd64\tx86_64\t\twindows\n");
        check("x86_64-amd-zen99", "x86_64-amd-zen99\t\t\t\n");
        check("src", "src\n");
    }

    #[test]
    fn nvidias_accelerators_are_all_offered_where_one_is_there() {
        let of = |text: &[&str]| {
            let found: Vec<_> = text.iter().map(|text| text.parse().unwrap()).collect();
            accelerators(found.iter())
        };
        assert_eq!(of(&["gfx90a"]), ["amd/gfx90a"]);
        assert!(of(&["cc80"]).windows(2).any(|pair| pair == ["nvidia/cc80", "nvidia/cc86"]));
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn the_data_file_is_a_script_that_hands_over_one_value() {
        let text = std::str::from_utf8(data()).unwrap();
        let value = text.strip_prefix("warecat.data(\"targets\", ((T) => {\n").unwrap();
        let value = value.rsplit_once("\n})(").unwrap().1.strip_suffix("));\n").unwrap();
        let value: serde_json::Value = serde_json::from_str(value).unwrap();
        assert!(value["targets"].as_array().unwrap().len() > 50);
        // A script in a page's own character set: nothing that ends a line or a script.
        assert!(text.is_ascii() && !text.contains("</"));
    }
}
