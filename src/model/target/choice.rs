//! The rule: which item of a release fits a machine best.
//!
//! 1. An item fits when it is built for the machine's processor or for an ancestor of it,
//!    and needs no accelerator that the machine lacks.
//! 2. With an accelerator asked for, items built for that one come first; then, for
//!    NVIDIA, those for the highest compute capability below it that it runs; then those
//!    that use none.
//! 3. Of these, the most specific one: with the most ancestors, then with the most
//!    features.
//! 4. Of these, those for the operating system that was asked for, then those for Linux,
//!    then the first in the natural order of labels.

use std::cmp::Reverse;

use serde::Serialize;

use super::label::Target;
use super::say::{list, say};
use super::wanted::Wanted;
use crate::model::order::natural;

/// How what was chosen relates to the processor that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// It is built for that one.
    Exact,
    /// It is built for an ancestor of it.
    Ancestor,
    /// It is built for any processor of the family.
    Generic,
}

/// Why an item was not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It fits, without the accelerator that was asked for.
    Plain,
    /// It fits, and is less specific, or the same and later in the order.
    Less,
    /// The processor does not run it, as far as is known.
    Cpu,
    /// It is for an accelerator that the one asked for cannot stand in for.
    Accelerator,
    /// It needs an accelerator, and none was asked for.
    Needs,
    /// It is for another operating system.
    Platform,
    /// It is for no target: source, a spec, or a label that names none.
    None,
}

impl Why {
    /// The key of its sentence.
    fn key(self) -> &'static str {
        match self {
            Why::Plain => "plain",
            Why::Less => "less",
            Why::Cpu => "cpu",
            Why::Accelerator => "accelerator",
            Why::Needs => "needs",
            Why::Platform => "platform",
            Why::None => "none",
        }
    }
}

/// An item that was not chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Other {
    /// Its label.
    pub item: String,
    /// Why.
    pub why: Why,
}

/// What was chosen, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What was asked for.
    pub wanted: Wanted,
    /// The label of the item that fits best; `None` when none fits.
    pub item: Option<String>,
    /// How it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The explanation, a sentence each.
    pub explanation: Vec<String>,
    /// The items that were not chosen, in their natural order.
    pub others: Vec<Other>,
}

/// The order in which items that fit are taken: the greatest first.
type Rank = (u32, (usize, usize), bool, bool);

/// Chooses the item that fits best; `labels` are those of one release.
///
/// ```
/// use warecat::model::target::{Wanted, choose};
/// let labels = ["x86_64-generic", "x86_64-amd-zen2", "x86_64-intel-haswell", "src"];
/// let choice = choose(&Wanted::parse("zen4").unwrap(), labels);
/// assert_eq!(choice.item.as_deref(), Some("x86_64-amd-zen2"));
/// assert_eq!(choice.explanation[0], "x86_64-amd-zen2 is built for zen2, and zen4 runs what is built for zen2.");
/// ```
#[must_use]
pub fn choose<'a>(wanted: &Wanted, labels: impl IntoIterator<Item = &'a str>) -> Choice {
    let mut labels: Vec<&str> = labels.into_iter().collect();
    labels.sort_by(|a, b| natural(a, b));
    labels.dedup();
    let judged: Vec<_> = labels.into_iter().map(|label| (label, judge(wanted, label))).collect();
    let fitting = judged.iter().filter_map(|(label, verdict)| verdict.as_ref().ok().map(|fits| (*label, fits)));
    // Of equal ones the first in their order is taken.
    let best = fitting.min_by_key(|(_, (rank, _))| Reverse(*rank)).map(|(label, (_, target))| (label, target.clone()));
    let others = judged.iter().filter(|(label, _)| best.as_ref().is_none_or(|(chosen, _)| chosen != label));
    let others = others.map(|(label, verdict)| Other {
        item: (*label).to_owned(),
        why: match verdict {
            Ok(((0, ..), _)) if best.as_ref().is_some_and(|(_, target)| target.accelerator.is_some()) => Why::Plain,
            Ok(_) => Why::Less,
            Err(why) => *why,
        },
    });
    let others: Vec<Other> = others.collect();
    let fit = best.as_ref().map(|(_, target)| fit(wanted, target));
    Choice {
        explanation: explanation(wanted, best.as_ref().map(|(label, target)| (*label, target)), fit, &others),
        wanted: wanted.clone(),
        item: best.map(|(label, _)| label.to_owned()),
        fit,
        others,
    }
}

/// Whether an item fits, and how well.
fn judge(wanted: &Wanted, label: &str) -> Result<(Rank, Target), Why> {
    let target = Target::parse(label).ok_or(Why::None)?;
    if !wanted.cpu.runs(&target.cpu) {
        return Err(Why::Cpu);
    }
    let accelerator = match (&wanted.accelerator, &target.accelerator) {
        (_, None) => 0,
        (None, Some(_)) => return Err(Why::Needs),
        (Some(there), Some(built)) if there == built => u32::MAX,
        (Some(there), Some(built)) if built.runs_on(there) => built.capability().map_or(1, u32::from),
        _ => return Err(Why::Accelerator),
    };
    let is_elsewhere = |wanted: &String| match wanted.as_str() {
        "linux" | "cray" => !target.is_for_linux(),
        wanted => target.platform.as_deref().is_some_and(|platform| platform != wanted),
    };
    if wanted.platform.as_ref().is_some_and(is_elsewhere) {
        return Err(Why::Platform);
    }
    let depth = target.cpu.microarchitecture().map_or((0, 0), super::Microarchitecture::depth);
    // An unknown processor's own build is above its family's generic one.
    let depth = if target.cpu == wanted.cpu { (usize::MAX, 0) } else { depth };
    let same_os = wanted.os.is_some() && wanted.os == target.os;
    Ok(((accelerator, depth, same_os, target.is_for_linux()), target))
}

fn fit(wanted: &Wanted, target: &Target) -> Fit {
    if target.cpu == wanted.cpu {
        Fit::Exact
    } else if target.cpu.is_generic() {
        Fit::Generic
    } else {
        Fit::Ancestor
    }
}

fn explanation(wanted: &Wanted, best: Option<(&str, &Target)>, fit: Option<Fit>, others: &[Other]) -> Vec<String> {
    let mut said = Vec::new();
    let acc = wanted.accelerator.as_ref().map(ToString::to_string).unwrap_or_default();
    if let Some(((item, target), fit)) = best.zip(fit) {
        let had = target.accelerator.as_ref().map(ToString::to_string).unwrap_or_default();
        let gaps =
            [("item", item), ("for", &*target.cpu.name), ("cpu", &*wanted.cpu.name), ("acc", &acc), ("had", &had)];
        said.push(match fit {
            Fit::Exact if target.cpu.is_generic() => say("generic", &gaps),
            Fit::Exact => say("exact", &gaps),
            Fit::Ancestor => say("ancestor", &gaps),
            Fit::Generic => say("generic", &gaps),
        });
        if wanted.accelerator.is_some() {
            let key = if had.is_empty() {
                "without"
            } else if had == acc {
                "same"
            } else {
                "earlier"
            };
            said.push(say(key, &gaps));
        }
    } else {
        said.push(say("nothing", &[("cpu", &wanted.cpu.name)]));
    }
    if wanted.cpu.microarchitecture().is_none() && !wanted.cpu.is_generic() {
        said.push(say("unknown", &[("cpu", &wanted.cpu.name)]));
    }
    for why in [Why::Plain, Why::Less, Why::Needs, Why::Accelerator, Why::Platform, Why::Cpu, Why::None] {
        let labels: Vec<&str> = others.iter().filter(|other| other.why == why).map(|other| &*other.item).collect();
        if !labels.is_empty() {
            said.push(say(why.key(), &[("list", &list(&labels))]));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::{Choice, Fit, Why, choose};
    use crate::model::target::{Wanted, microarchitectures};

    const EESSI: &[&str] = &[
        "x86_64-generic",
        "x86_64-amd-zen2",
        "x86_64-amd-zen3",
        "x86_64-intel-haswell",
        "x86_64-intel-skylake_avx512",
        "aarch64-generic",
        "aarch64-neoverse_n1",
        "aarch64-neoverse_v1",
        "aarch64-nvidia-grace",
    ];

    fn ask(cpu: &str, accelerator: &str, labels: &[&str]) -> Choice {
        let accelerator = (!accelerator.is_empty()).then(|| accelerator.parse().unwrap());
        choose(&Wanted::parse(cpu).unwrap().with(accelerator), labels.iter().copied())
    }

    fn check(cpu: &str, accelerator: &str, labels: &[&str], expected: &str) {
        let found = ask(cpu, accelerator, labels);
        assert_eq!(found.item.as_deref().unwrap_or("-"), expected, "{cpu} {accelerator}: {:?}", found.explanation);
    }

    #[test]
    fn the_most_specific_ancestor_is_chosen() {
        check("zen2", "", EESSI, "x86_64-amd-zen2");
        check("zen4", "", EESSI, "x86_64-amd-zen3");
        check("zen", "", EESSI, "x86_64-generic");
        check("broadwell", "", EESSI, "x86_64-intel-haswell");
        check("sapphirerapids", "", EESSI, "x86_64-intel-skylake_avx512");
        check("x86_64_v3", "", EESSI, "x86_64-generic");
        check("neoverse_n2", "", EESSI, "aarch64-neoverse_n1");
        check("grace", "", EESSI, "aarch64-nvidia-grace");
        check("graviton3", "", EESSI, "aarch64-neoverse_v1");
        check("a64fx", "", EESSI, "aarch64-generic");
        check("power9le", "", EESSI, "-");
        check("riscv64", "", EESSI, "-");
    }

    #[test]
    fn accelerators_are_used_only_when_asked_for() {
        let labels = &[
            "x86_64-amd-zen3",
            "x86_64-amd-zen2-nvidia-cc70",
            "x86_64-amd-zen2-nvidia-cc80",
            "x86_64-amd-zen2-nvidia-cc86",
            "x86_64-amd-zen3-nvidia-cc80",
            "x86_64-amd-zen3-amd-gfx90a",
        ];
        check("zen4", "", labels, "x86_64-amd-zen3");
        check("zen4", "cc80", labels, "x86_64-amd-zen3-nvidia-cc80");
        check("zen4", "cc89", labels, "x86_64-amd-zen2-nvidia-cc86");
        check("zen4", "cc75", labels, "x86_64-amd-zen2-nvidia-cc70");
        check("zen4", "cc90", labels, "x86_64-amd-zen3");
        check("zen4", "gfx90a", labels, "x86_64-amd-zen3-amd-gfx90a");
        check("zen4", "gfx942", labels, "x86_64-amd-zen3");
        check("zen", "cc80", labels, "-");
        let only = &["x86_64-amd-zen2-nvidia-cc80"];
        check("zen4", "", only, "-");
        assert_eq!(ask("zen4", "", only).others[0].why, Why::Needs);
    }

    #[test]
    fn images_and_spack_builds_follow_the_same_rule() {
        check("zen4", "", &["linux-amd64", "linux-arm64-v8"], "linux-amd64");
        check("neoverse_v1", "", &["linux-amd64", "linux-arm64"], "linux-arm64");
        check("zen4", "", &["linux-amd64", "linux-amd64-v3", "linux-amd64-v4"], "linux-amd64-v4");
        let builds = &["linux-ubuntu22.04-zen3", "linux-rocky9-zen3", "darwin-ventura-m1", "linux-rocky9-x86_64_v3"];
        check("zen4", "", builds, "linux-rocky9-zen3");
        check("linux-ubuntu22.04-zen4", "", builds, "linux-ubuntu22.04-zen3");
        check("m2", "", builds, "darwin-ventura-m1");
        check("linux-debian12-m2", "", builds, "-");
        check("x86_64", "", &["windows-amd64", "linux-amd64"], "linux-amd64");
    }

    #[test]
    fn an_unknown_processor_fits_only_itself() {
        let labels = &["x86_64-amd-zen99", "x86_64-generic", "src"];
        check("x86_64-amd-zen99", "", labels, "x86_64-amd-zen99");
        check("x86_64/amd/zen98", "", labels, "x86_64-generic");
        check("zen99", "", labels, "-");
        check("zen5", "", labels, "x86_64-generic");
    }

    #[test]
    fn a_choice_is_explained() {
        let found = ask("zen4", "", EESSI);
        assert_eq!(found.fit, Some(Fit::Ancestor));
        assert_eq!(
            found.explanation,
            [
                "x86_64-amd-zen3 is built for zen3, and zen4 runs what is built for zen3.",
                "Would fit too, and is less specific or the same: x86_64-amd-zen2, x86_64-generic.",
                "Not for this processor: aarch64-generic, aarch64-neoverse_n1, aarch64-neoverse_v1, \
                 aarch64-nvidia-grace, x86_64-intel-haswell, x86_64-intel-skylake_avx512.",
            ]
        );
        let found = ask("zen99", "cc80", &["src"]);
        assert_eq!(found.explanation.len(), 3);
        assert!(found.explanation[1].starts_with("zen99 is no processor that archspec knows"));
    }

    #[test]
    fn the_order_and_repetition_of_labels_decide_nothing() {
        let reversed: Vec<&str> = EESSI.iter().rev().chain(EESSI).copied().collect();
        for name in microarchitectures().keys() {
            assert_eq!(ask(name, "", EESSI), ask(name, "", &reversed), "{name}");
        }
        assert_eq!(ask("zen4", "", &[]).item, None);
    }

    #[test]
    fn hostile_labels_choose_nothing_and_stay_text() {
        let labels = &["x86_64-{item}", "x86_64-\u{202e}", "", "linux-\u{0}-\u{0}", "x86_64-amd-zen4;ls"];
        let found = ask("zen4", "", labels);
        assert_eq!(found.item, None);
        assert!(found.explanation.iter().any(|line| line.contains("x86_64-{item}")));
    }
}
