//! From paths that differ to the modules whose documents have to be read.

use std::collections::{BTreeMap, BTreeSet};

use crate::git::{Changed, Look};
use crate::model::{ModuleName, ReleaseName};
use crate::store::{Place, layout};

/// What of the catalog's files differs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) modules: BTreeMap<ModuleName, Parts>,
    pub(super) sources: BTreeSet<ModuleName>,
    pub(super) configuration: bool,
}

/// What of a module's files differs.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    /// The releases whose documents differ, in order.
    pub(super) releases: Vec<ReleaseName>,
    /// Whether its mirrors differ.
    pub(super) mirrors: bool,
}

/// What is wanted of a folder: no private one, and none of the folders that only say
/// again what a module's document does, where they came or went as a whole.
pub(super) fn look(path: &str) -> Look {
    match path.rsplit('/').next().unwrap_or(path) {
        layout::RELEASES | layout::REPLAYS | layout::RECORDS => Look::Whole,
        name if name.starts_with(['.', '_']) => Look::Not,
        _ => Look::Into,
    }
}

/// Sorts paths by what they are documents of; other files say nothing of the catalog.
pub(super) fn touched(paths: &[Changed]) -> Touched {
    let mut found = Touched::default();
    for changed in paths {
        let module = match Place::parse(&changed.path) {
            Some(Place::Config) => {
                found.configuration = true;
                continue;
            }
            Some(Place::Source(prefix)) => {
                found.sources.insert(prefix);
                continue;
            }
            Some(Place::Mirrors(module)) => {
                found.modules.entry(module).or_default().mirrors = true;
                continue;
            }
            Some(Place::Release(module, release)) => {
                found.modules.entry(module).or_default().releases.push(release);
                continue;
            }
            Some(Place::Module(module) | Place::Replay(module, _) | Place::Record(module, _)) => Some(module),
            None if changed.is_folder => changed.path.rsplit_once('/').and_then(|(module, _)| module.parse().ok()),
            None => None,
        };
        if let Some(module) = module {
            found.modules.entry(module).or_default();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{look, touched};
    use crate::git::{Changed, How, Look};

    #[test]
    fn paths_are_sorted_by_what_they_are_documents_of() {
        let changed = |path: &str, how, is_folder| Changed { path: path.into(), how, is_folder };
        let found = touched(&[
            changed("README.md", How::Added, false),
            changed("a.org/_source.json", How::Modified, false),
            changed("a.org/new/_module.json", How::Added, false),
            changed("a.org/new/_releases", How::Added, true),
            changed("a.org/old/_releases/1.json", How::Modified, false),
            changed("a.org/old/_mirrors.json", How::Added, false),
            changed("catalog.toml", How::Modified, false),
            changed("a.org/../x/_module.json", How::Added, false),
            changed("_releases", How::Added, true),
        ]);
        let names: Vec<_> = found.modules.keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["a.org/new", "a.org/old"]);
        let parts: Vec<_> = found.modules.values().map(|parts| (parts.releases.len(), parts.mirrors)).collect();
        assert_eq!(parts, [(0, false), (1, true)]);
        assert!(found.configuration && found.sources.len() == 1);
    }

    #[test]
    fn private_folders_are_not_looked_into() {
        assert_eq!(look("a/_releases"), Look::Whole);
        assert_eq!(look("_site"), Look::Not);
        assert_eq!(look(".warecat"), Look::Not);
        assert_eq!(look("a/b"), Look::Into);
    }
}
