//! What a build or a machine is called: a family and a name within it.

use std::fmt;

use serde::Serialize;

use super::lineage::{Microarchitecture, microarchitecture};
use crate::model::Architecture;

/// Names that others use for one of archspec's: EESSI's for a processor sold under a name
/// of its own, and those that archspec itself used before.
const ALIASES: &[(&str, &str)] = &[
    ("axion", "neoverse_v2"),
    ("grace", "neoverse_v2"),
    ("graviton", "cortex_a72"),
    ("graviton2", "neoverse_n1"),
    ("graviton3", "neoverse_v1"),
    ("graviton4", "neoverse_v2"),
];

/// Names under which a microarchitecture of archspec is also known, in order.
pub fn other_names(name: &str) -> impl Iterator<Item = &'static str> {
    ALIASES.iter().filter(move |(_, known)| *known == name).map(|(alias, _)| *alias)
}

/// Makers that stand before a processor's name in EESSI's targets.
const MAKERS: &[&str] =
    &["amd", "ampere", "apple", "arm", "cavium", "fujitsu", "google", "ibm", "intel", "nvidia", "sifive", "spacemit"];

/// OCI's names of architectures, and the families of archspec that they are. Those that
/// archspec does not know are families of their own.
const FAMILIES: &[(&str, &str)] = &[("amd64", "x86_64"), ("arm64", "aarch64"), ("386", "x86")];

/// A processor that something is built for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Cpu {
    /// The family, by archspec's name (`x86_64`, `aarch64`) or, where archspec has none,
    /// by OCI's (`s390x`). `None` for an unknown name that stands alone.
    pub family: Option<&'static str>,
    /// archspec's name (`zen2`; the family's own for the generic one), or, for a
    /// processor that archspec does not know, the name that was given.
    pub name: String,
}

impl Cpu {
    /// One of archspec's.
    pub(super) fn known(found: &Microarchitecture) -> Self {
        Self { family: Some(found.family), name: found.name.to_owned() }
    }

    /// The family of a spelling, as the generic processor of it.
    pub(super) fn of_family(text: &str) -> Option<Self> {
        // `i686` is an architecture elsewhere, and a processor of one here.
        if let Some(found) = microarchitecture(text) {
            return found.is_generic().then(|| Self::known(found));
        }
        let oci = Architecture::parse(text)?.as_str();
        let family = FAMILIES.iter().find(|(name, _)| *name == oci).map_or(oci, |(_, family)| family);
        Some(Self { family: Some(family), name: family.to_owned() })
    }

    /// The processor that these words name within a family, a maker before it or not.
    pub(super) fn within(family: &'static str, words: &[&str]) -> Self {
        let name = match words {
            [] | ["generic"] => return Self { family: Some(family), name: family.to_owned() },
            [""] => "-".to_owned(),
            words => words.join("-"),
        };
        let is_of_family = |found: &Microarchitecture| found.family == family;
        let found = Self::named(words).filter(|found| is_of_family(found)).or_else(|| variant(family, &name));
        found.map_or(Self { family: Some(family), name }, Self::known)
    }

    /// The one of archspec's that these words name, a maker before it or not.
    pub(super) fn named(words: &[&str]) -> Option<&'static Microarchitecture> {
        let one = |name: &str| {
            let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
            microarchitecture(alias)
        };
        match words {
            [name] => one(name),
            [maker, name] if MAKERS.contains(maker) => one(name),
            _ => None,
        }
    }

    /// archspec's entry of it; `None` for one that it does not know.
    #[must_use]
    pub fn microarchitecture(&self) -> Option<&'static Microarchitecture> {
        microarchitecture(&self.name).filter(|found| Some(found.family) == self.family)
    }

    /// Whether it stands for any processor of its family.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.family == Some(self.name.as_str())
    }

    /// Its name below that of its family: `generic` for the one that stands for all.
    #[must_use]
    pub fn short(&self) -> &str {
        if self.is_generic() { "generic" } else { &self.name }
    }

    /// Whether it runs what is built for another: its own and its ancestors'.
    ///
    /// ```
    /// use warecat::model::target::Target;
    /// let cpu = |label| Target::parse(label).unwrap().cpu;
    /// assert!(cpu("x86_64-amd-zen4").runs(&cpu("x86_64-generic")));
    /// assert!(!cpu("x86_64-amd-zen4").runs(&cpu("x86_64-intel-haswell")));
    /// ```
    #[must_use]
    pub fn runs(&self, built: &Self) -> bool {
        if self.family.is_none() || built.family.is_none() {
            return self.name == built.name;
        }
        let is_ancestor = || match (self.microarchitecture(), built.microarchitecture()) {
            (Some(this), Some(built)) => this.ancestors.contains(built.name),
            _ => built.is_generic(),
        };
        self.family == built.family && (self.name == built.name || is_ancestor())
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The microarchitecture of an OCI variant, `v8` of arm64 or `v3` of amd64, and of a name
/// that archspec writes with more to it.
fn variant(family: &str, name: &str) -> Option<&'static Microarchitecture> {
    let found = match (family, name) {
        ("x86_64", "v1") | ("aarch64", "v8" | "v8.0") => family.to_owned(),
        ("x86_64", level) if level.starts_with('v') => format!("x86_64_{level}"),
        ("aarch64", "v9") => "armv9.0a".to_owned(),
        ("aarch64", level) if level.starts_with('v') => format!("arm{level}a"),
        ("ppc64le", power) => format!("{power}le"),
        _ => return None,
    };
    super::lineage::microarchitecture(&found).filter(|found| found.family == family)
}

#[cfg(test)]
mod tests {
    use super::{ALIASES, Cpu};
    use crate::model::target::microarchitecture;

    #[test]
    fn aliases_lead_to_names_of_archspec_and_hide_none() {
        for (alias, name) in ALIASES {
            assert!(microarchitecture(name).is_some(), "{name}");
            assert!(microarchitecture(alias).is_none(), "archspec knows {alias} itself now");
        }
    }

    #[test]
    fn families_are_archspecs_or_else_ocis() {
        let family = |text| Cpu::of_family(text).map(|cpu| cpu.name);
        for (text, expected) in [
            ("x86_64", "x86_64"),
            ("amd64", "x86_64"),
            ("arm64", "aarch64"),
            ("powerpc64le", "ppc64le"),
            ("i386", "x86"),
            ("s390x", "s390x"),
            ("sparc", "sparc"),
        ] {
            assert_eq!(family(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(family("zen2"), None, "a processor is no family");
        assert_eq!(family("src"), None);
    }

    #[test]
    fn a_family_without_lineage_runs_its_own_and_the_generic() {
        let of = |words: &[&str]| Cpu::within("s390x", words);
        assert!(of(&["z15"]).runs(&of(&["generic"])) && of(&["z15"]).runs(&of(&["z15"])));
        assert!(!of(&["z15"]).runs(&of(&["z14"])) && !of(&[]).runs(&of(&["z14"])));
    }
}
