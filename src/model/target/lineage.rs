//! archspec's microarchitectures: names, ancestors, and what a machine must have to be
//! one of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use archspec::schema::{Microarchitecture as Data, MicroarchitecturesSchema};

/// One of archspec's microarchitectures.
#[derive(Debug, PartialEq, Eq)]
pub struct Microarchitecture {
    /// Its name, `zen2`.
    pub name: &'static str,
    /// The name of the oldest ancestor, `x86_64`; its own when it has none.
    pub family: &'static str,
    /// Who makes it, as machines of it say (`AuthenticAMD`); `generic` for none in particular.
    pub vendor: &'static str,
    /// What it is derived from, in archspec's order.
    pub parents: Vec<&'static str>,
    /// All that it is derived from: it runs what is built for these.
    pub ancestors: BTreeSet<&'static str>,
    /// The features that a machine of it has.
    pub features: BTreeSet<&'static str>,
    /// Its generation, where those of a family are counted (`9` for POWER9), else 0.
    pub generation: usize,
    /// What its machines say under `CPU part`, where that tells two apart.
    pub part: Option<&'static str>,
}

impl Microarchitecture {
    /// Whether it is the generic one of its family.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.parents.is_empty()
    }

    /// How specific it is: the more ancestors, the more; then the more features.
    #[must_use]
    pub fn depth(&self) -> (usize, usize) {
        (self.ancestors.len(), self.features.len())
    }
}

/// All that archspec knows, by name.
#[must_use]
pub fn microarchitectures() -> &'static BTreeMap<&'static str, Microarchitecture> {
    static ALL: OnceLock<BTreeMap<&'static str, Microarchitecture>> = OnceLock::new();
    ALL.get_or_init(|| {
        let data = &MicroarchitecturesSchema::schema().microarchitectures;
        data.iter().map(|(name, one)| (name.as_str(), read(data, name, one))).collect()
    })
}

/// The microarchitecture of a name.
///
/// ```
/// use warecat::model::target::microarchitecture;
/// let zen2 = microarchitecture("zen2").unwrap();
/// assert!(zen2.ancestors.contains("x86_64_v3") && !zen2.ancestors.contains("haswell"));
/// assert!(microarchitecture("zen99").is_none());
/// ```
#[must_use]
pub fn microarchitecture(name: &str) -> Option<&'static Microarchitecture> {
    microarchitectures().get(name)
}

/// What ARM machines say under `CPU implementer`, and the vendor that it stands for.
#[must_use]
pub fn arm_vendors() -> BTreeMap<&'static str, &'static str> {
    let vendors = &MicroarchitecturesSchema::schema().conversions.arm_vendors;
    vendors.iter().map(|(code, vendor)| (code.as_str(), vendor.as_str())).collect()
}

fn read(all: &'static HashMap<String, Data>, name: &'static str, one: &'static Data) -> Microarchitecture {
    let mut ancestors = BTreeSet::new();
    let mut open: Vec<&'static str> = one.from.iter().map(String::as_str).collect();
    while let Some(parent) = open.pop() {
        if ancestors.insert(parent) {
            open.extend(all.get(parent).into_iter().flat_map(|data| data.from.iter().map(String::as_str)));
        }
    }
    let is_root = |name: &&&str| all.get(**name).is_none_or(|data| data.from.is_empty());
    Microarchitecture {
        name,
        family: ancestors.iter().find(is_root).copied().unwrap_or(name),
        vendor: &one.vendor,
        parents: one.from.iter().map(String::as_str).collect(),
        ancestors,
        features: one.features.iter().map(String::as_str).collect(),
        generation: one.generation.unwrap_or(0),
        part: one.cpupart.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::microarchitectures;

    /// What the rule takes for granted of archspec's data, whatever its version.
    #[test]
    fn the_data_is_a_forest_of_families() {
        let all = microarchitectures();
        assert!(all.len() > 50);
        for one in all.values() {
            assert!(!one.ancestors.contains(one.name), "{} is its own ancestor", one.name);
            assert!(one.parents.iter().all(|parent| all.contains_key(parent)), "{}", one.name);
            let roots = one.ancestors.iter().filter(|name| all[**name].parents.is_empty());
            assert!(roots.count() <= 1, "{} has two families", one.name);
            assert_eq!(all[one.family].family, one.family);
        }
    }

    #[test]
    fn ancestors_reach_over_several_parents() {
        let zen4 = &microarchitectures()["zen4"];
        assert!(["zen3", "zen", "x86_64_v4", "x86_64_v3", "x86_64"].iter().all(|name| zen4.ancestors.contains(name)));
        assert!(zen4.depth() > microarchitectures()["zen3"].depth());
        assert_eq!(microarchitectures()["power9le"].generation, 9);
        assert_eq!(microarchitectures()["neoverse_v2"].part, Some("0xd4f"));
    }
}
