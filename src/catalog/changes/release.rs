//! Two releases against each other: one release in two states, or a release and the one
//! before it.
//!
//! Pure, and as cheap as the documents are long.

use std::collections::{BTreeMap, BTreeSet};

use super::value::{FactChange, Moved, ReleaseChange, Yanking, cut};
use crate::model::{CatalogRef, ItemLabel, Metadata, ModuleName, Release, ReleaseName, ReleaseRef, metadata};

/// Keys in which two releases of a module always differ, or which say nothing to people.
const OWN: &[&str] = &[
    metadata::VERSION,
    metadata::DATE,
    metadata::MODULE,
    metadata::REPLAY,
    metadata::RECORD,
    metadata::BUILDS,
    metadata::PARENT,
    metadata::YANKED,
    metadata::SIGNED_BY,
    metadata::VERIFIED_BY,
];

/// A release, and what its replay takes as inputs.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The release.
    pub release: &'a Release,
    /// The inputs of its replay; empty when it has none.
    pub inputs: &'a [&'a CatalogRef],
}

/// How a release differs from the one before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Items that only the later one has, in its order.
    pub gained: Vec<ItemLabel>,
    /// Items that only the earlier one has, in its order.
    pub lost: Vec<ItemLabel>,
    /// Releases that only the later one requires.
    pub required: Vec<ReleaseRef>,
    /// Releases that only the earlier one requires.
    pub released: Vec<ReleaseRef>,
    /// Modules of which both require one release, but not the same: before and after.
    pub exchanged: Vec<(ModuleName, ReleaseName, ReleaseName)>,
    /// Metadata that differ, by key, without what is each release's own.
    pub facts: Vec<FactChange>,
}

impl Difference {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How `after` differs from `before`, another release of the same module.
#[must_use]
pub fn compare(before: Side<'_>, after: Side<'_>) -> Difference {
    let mut found = Difference {
        gained: missing(after.release, before.release),
        lost: missing(before.release, after.release),
        facts: facts(&before.release.metadata, &after.release.metadata, OWN),
        ..Difference::default()
    };
    // A release whose replay is not known requires nothing that is known.
    if before.inputs.is_empty() || after.inputs.is_empty() {
        return found;
    }
    let (old, new) = (by_module(before.inputs), by_module(after.inputs));
    let none = BTreeSet::new();
    for module in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.get(module).unwrap_or(&none), new.get(module).unwrap_or(&none));
        let only = |a: &BTreeSet<&'_ ReleaseName>, b: &BTreeSet<&'_ ReleaseName>| -> Vec<ReleaseName> {
            a.difference(b).map(|name| (*name).clone()).collect()
        };
        let named = |release: ReleaseName| ReleaseRef { module: (*module).clone(), release };
        match (only(was, is).as_mut_slice(), only(is, was).as_mut_slice()) {
            ([a], [b]) => found.exchanged.push(((*module).clone(), a.clone(), b.clone())),
            (gone, come) => {
                found.released.extend(gone.iter().cloned().map(named));
                found.required.extend(come.iter().cloned().map(named));
            }
        }
    }
    found
}

/// What changed of one release between two states.
pub(super) fn changed(before: &Release, after: &Release) -> ReleaseChange {
    let moved = |(label, now): (&ItemLabel, &crate::model::WareId)| {
        let was = before.items.get(label).filter(|was| *was != now)?;
        Some(Moved { item: label.clone(), before: was.clone(), after: now.clone() })
    };
    let yanked = |release: &Release| release.metadata.get(metadata::YANKED).cloned();
    let yanking = match (yanked(before), yanked(after)) {
        (was, Some(reason)) if was.as_ref() != Some(&reason) => Some(Yanking::Yanked(cut(&reason))),
        (Some(_), None) => Some(Yanking::Unyanked),
        _ => None,
    };
    ReleaseChange {
        name: after.release_name.clone(),
        gained: missing(after, before),
        lost: missing(before, after),
        moved: after.items.iter().filter_map(moved).collect(),
        yanking,
        facts: facts(&before.metadata, &after.metadata, &[metadata::YANKED]),
    }
}

/// The items of one release that the other has not.
fn missing(of: &Release, from: &Release) -> Vec<ItemLabel> {
    of.items.keys().filter(|label| !from.items.contains_key(*label)).cloned().collect()
}

/// The metadata that differ, by key, without some.
pub(super) fn facts(before: &Metadata, after: &Metadata, without: &[&str]) -> Vec<FactChange> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = |key: &&String| !without.contains(&key.as_str()) && before.get(*key) != after.get(*key);
    let change = |key: &String| FactChange {
        key: cut(key),
        before: before.get(key).map(|text| cut(text)),
        after: after.get(key).map(|text| cut(text)),
    };
    keys.into_iter().filter(differing).map(change).collect()
}

fn by_module<'a>(inputs: &[&'a CatalogRef]) -> BTreeMap<&'a ModuleName, BTreeSet<&'a ReleaseName>> {
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for input in inputs {
        found.entry(&input.module).or_default().insert(&input.release);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Side, changed, compare};
    use crate::catalog::changes::Yanking;
    use crate::model::{CatalogRef, Release};

    fn release(name: &str, items: &[(&str, &str)], facts: &[(&str, &str)]) -> Release {
        let mut release = Release::new(name.parse().unwrap());
        release.items = items.iter().map(|(item, ware)| (item.parse().unwrap(), ware.parse().unwrap())).collect();
        release.metadata = facts.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        release
    }

    fn refs(texts: &[&str]) -> Vec<CatalogRef> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_ware_that_changed_under_its_name_is_told_apart_from_items_gained_and_lost() {
        let before = release("1", &[("a", "tar:x"), ("b", "tar:y")], &[]);
        let after = release("1", &[("b", "tar:z"), ("c", "tar:x")], &[]);
        let found = changed(&before, &after);
        assert_eq!((found.gained[0].as_str(), found.lost[0].as_str()), ("c", "a"));
        assert_eq!(found.moved.len(), 1);
        let moved = &found.moved[0];
        assert_eq!((moved.item.as_str(), moved.before.hash(), moved.after.hash()), ("b", "y", "z"));
    }

    #[test]
    fn yanking_is_no_mere_fact() {
        let (free, yanked) = (release("1", &[], &[]), release("1", &[], &[("yanked", "broken")]));
        assert_eq!(changed(&free, &yanked).yanking, Some(Yanking::Yanked("broken".into())));
        assert_eq!(changed(&yanked, &free).yanking, Some(Yanking::Unyanked));
        assert!(changed(&free, &yanked).facts.is_empty());
        let other = release("1", &[], &[("yanked", "worse")]);
        assert_eq!(changed(&yanked, &other).yanking, Some(Yanking::Yanked("worse".into())));
        assert!(changed(&yanked, &yanked).is_empty());
    }

    #[test]
    fn a_release_is_compared_with_the_one_before_it() {
        let before = release("1", &[("zen2", "tar:x")], &[("version", "1"), ("toolchain", "foss/2022b")]);
        let after =
            release("2", &[("zen2", "tar:y"), ("zen4", "tar:z")], &[("version", "2"), ("toolchain", "foss/2023b")]);
        let (old, new) =
            (refs(&["m/gcc:12:x", "m/old:1:x", "m/same:1:x"]), refs(&["m/gcc:13:x", "m/new:1:x", "m/same:1:y"]));
        let (old, new): (Vec<_>, Vec<_>) = (old.iter().collect(), new.iter().collect());
        let found = compare(Side { release: &before, inputs: &old }, Side { release: &after, inputs: &new });
        assert_eq!(found.gained.iter().map(|l| l.as_str()).collect::<Vec<_>>(), ["zen4"]);
        assert!(found.lost.is_empty(), "a ware of another release is no change");
        assert_eq!(found.facts.iter().map(|f| f.key.as_str()).collect::<Vec<_>>(), ["toolchain"]);
        let (module, was, is) = &found.exchanged[0];
        assert_eq!((module.as_str(), was.as_str(), is.as_str()), ("m/gcc", "12", "13"));
        assert_eq!(
            (found.required[0].to_string(), found.released[0].to_string()),
            ("m/new:1".into(), "m/old:1".into())
        );
        assert_eq!(found.exchanged.len() + found.required.len() + found.released.len(), 3);
    }

    #[test]
    fn without_a_replay_nothing_is_said_of_requirements() {
        let (a, b) = (release("1", &[], &[]), release("2", &[], &[]));
        let inputs = refs(&["m/gcc:12:x"]);
        let inputs: Vec<_> = inputs.iter().collect();
        assert!(compare(Side { release: &a, inputs: &[] }, Side { release: &b, inputs: &inputs }).is_empty());
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let (a, b) = (release("1", &[], &[]), release("1", &[], &[("note", &"ä".repeat(5000))]));
        let found = changed(&a, &b);
        assert_eq!(found.facts[0].after.as_ref().unwrap().chars().count(), 241);
    }
}
