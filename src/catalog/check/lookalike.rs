//! Module names that are easily taken for each other (`threats.md` T-08).

use std::collections::BTreeMap;

use super::finding::Finding;
use crate::code::Code;
use crate::model::ModuleName;

/// Pairs of modules side by side whose names differ only in signs that look alike.
pub(super) fn findings(modules: &mut [ModuleName]) -> Vec<Finding> {
    modules.sort_unstable();
    let mut seen: BTreeMap<String, &ModuleName> = BTreeMap::new();
    let mut found = Vec::new();
    for module in modules.iter() {
        match seen.entry(skeleton(module.as_str())) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(module);
            }
            std::collections::btree_map::Entry::Occupied(entry) => {
                let message = format!("it is easily taken for `{}`", entry.get());
                found.push(Finding::new(Code::NameLookalike, module.as_str(), message));
            }
        }
    }
    found
}

/// A name with what looks alike made the same: `1`, `l` and `i`, `0` and `o`, `rn` and
/// `m`, `vv` and `w`, and without the marks between words.
fn skeleton(name: &str) -> String {
    let lower = name.to_ascii_lowercase().replace("rn", "m").replace("vv", "w");
    let alike = |c| match c {
        '1' | 'l' | 'i' | '|' => Some('l'),
        '0' | 'o' => Some('o'),
        '-' | '_' => None,
        other => Some(other),
    };
    let mut parts = Vec::new();
    for (at, part) in lower.split('/').enumerate() {
        // Numbers of versions in the path are no words.
        let is_number = part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        parts.push(if at == 0 || is_number { part.to_owned() } else { part.chars().filter_map(alike).collect() });
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn t08_names_that_look_alike_are_told() {
        let mut names: Vec<_> = ["a.org/numpy", "a.org/nurnpy", "a.org/libl", "a.org/lib1", "b.org/numpy", "a.org/x"]
            .iter()
            .map(|name| name.parse().unwrap())
            .collect();
        let found: Vec<_> = findings(&mut names).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["a.org/libl", "a.org/nurnpy"]);
    }
}
