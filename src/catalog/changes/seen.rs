//! When a release was first seen: the time of the commit that added it.

use std::collections::HashMap;

use super::value::Changes;
use crate::model::{ModuleName, ReleaseName};

/// For each release that one of some commits added, when that commit was made, and for
/// each module when it last changed. Times are texts as commits have them, RFC 3339.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FirstSeen {
    releases: HashMap<ModuleName, HashMap<ReleaseName, String>>,
    modules: HashMap<ModuleName, String>,
}

impl FirstSeen {
    /// Gathers the times from commits, given newest first: each with its date and what it
    /// changed.
    pub fn of<'a>(commits: impl IntoIterator<Item = (&'a str, &'a Changes)>) -> Self {
        let mut found = Self::default();
        for (date, changes) in commits {
            for module in &changes.modules {
                found.modules.entry(module.name.clone()).or_insert_with(|| date.to_owned());
                let releases = found.releases.entry(module.name.clone()).or_default();
                // Later in this loop is earlier in time: the first commit stays.
                releases.extend(module.new.iter().map(|release| (release.name.clone(), date.to_owned())));
            }
        }
        found
    }

    /// When a release was first seen, if one of the commits added it.
    #[must_use]
    pub fn release(&self, module: &ModuleName, release: &ReleaseName) -> Option<&str> {
        self.releases.get(module)?.get(release).map(String::as_str)
    }

    /// Each release of a module that one of the commits added, and when, sorted by name.
    #[must_use]
    pub fn releases(&self, module: &ModuleName) -> Vec<(&ReleaseName, &str)> {
        let mut found: Vec<_> =
            (self.releases.get(module).into_iter().flatten()).map(|(name, date)| (name, date.as_str())).collect();
        found.sort_unstable();
        found
    }

    /// When a module last changed, if one of the commits changed it.
    #[must_use]
    pub fn module(&self, module: &ModuleName) -> Option<&str> {
        self.modules.get(module).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::FirstSeen;
    use crate::catalog::changes::{Changes, Kept, ModuleChange, NewRelease};

    fn adds(module: &str, releases: &[&str]) -> Changes {
        let new = releases.iter().map(|name| NewRelease { name: name.parse().unwrap(), items: None }).collect();
        let module = ModuleChange {
            name: module.parse().unwrap(),
            title: String::new(),
            kept: Kept::Changed,
            new,
            gone: Vec::new(),
            changed: Vec::new(),
            facts: Vec::new(),
            mirrors_added: 0,
            mirrors_dropped: 0,
        };
        Changes { modules: vec![module], ..Changes::default() }
    }

    #[test]
    fn the_first_commit_that_added_a_release_counts_and_the_last_that_changed_a_module() {
        let commits = [("3", adds("a/b", &["2"])), ("2", adds("a/b", &["1"])), ("1", adds("a/b", &["1", "2"]))];
        let seen = FirstSeen::of(commits.iter().map(|(date, changes)| (*date, changes)));
        let module = "a/b".parse().unwrap();
        assert_eq!(seen.release(&module, &"2".parse().unwrap()), Some("1"));
        assert_eq!(seen.release(&module, &"3".parse().unwrap()), None);
        assert_eq!(seen.module(&module), Some("3"));
    }
}
