//! Repositories to modules: `<prefix>/<repository>/image`.
//!
//! Each part of the repository's name goes by the rule of [`crate::model::upstream`].
//! Repositories lie below others and modules must not, so every module is called `image`,
//! and a part that is `image` already gets the hash: no repository's module lies below
//! another's. Where two repositories meet in one module, the last part of all but one gets
//! the hash of the whole name: the catalog's known one keeps it, else the bytewise smallest.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ModuleName, upstream};

/// The last part of every module.
pub(super) const LAST: &str = "image";

/// The module of each repository, by its name; `known` are the modules that the catalog has,
/// with upstream's spelling. What has too long a name is left out.
pub(super) fn assign<'r>(
    prefix: &ModuleName,
    repositories: impl IntoIterator<Item = &'r str>,
    known: &BTreeMap<ModuleName, String>,
) -> BTreeMap<String, ModuleName> {
    let by_spelling: BTreeMap<&str, &ModuleName> = known
        .iter()
        .rev()
        .filter(|(module, _)| module.is_within(prefix))
        .map(|(module, spelling)| (spelling.as_str(), module))
        .collect();
    let mut taken: BTreeSet<ModuleName> = known.keys().cloned().collect();
    let mut assigned = BTreeMap::new();
    let repositories: BTreeSet<&str> = repositories.into_iter().collect();
    for repository in repositories {
        let module = match by_spelling.get(repository) {
            Some(module) => Some((*module).clone()),
            None => module(prefix, repository, false).filter(|module| !taken.contains(module)),
        };
        let hashed = || self::module(prefix, repository, true).filter(|module| !taken.contains(module));
        if let Some(module) = module.or_else(hashed) {
            taken.insert(module.clone());
            assigned.insert(repository.to_owned(), module);
        }
    }
    assigned
}

/// The module of a repository, with the hash of the whole name in the last part or without.
fn module(prefix: &ModuleName, repository: &str, hashed: bool) -> Option<ModuleName> {
    let count = repository.split('/').count();
    let parts = repository.split('/').enumerate().map(|(number, part)| {
        if hashed && number + 1 == count {
            let digits = blake3::hash(repository.as_bytes()).to_hex();
            let plain = segment(part);
            let room = plain.len().min(54);
            return format!("{}-{}", plain[..room].trim_end_matches(['-', '.']), &digits[..upstream::SHORT]);
        }
        segment(part)
    });
    let path: Vec<String> = parts.chain([LAST.to_owned()]).collect();
    prefix.join(&path.join("/")).ok()
}

fn segment(part: &str) -> String {
    let plain = upstream::segment(part).filter(|plain| plain != LAST);
    plain.unwrap_or_else(|| upstream::hashed_segment(part, upstream::SHORT))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::assign;
    use crate::model::ModuleName;

    fn names(repositories: &[&str], known: &[(&str, &str)]) -> Vec<String> {
        let known: BTreeMap<ModuleName, String> =
            known.iter().map(|(module, name)| (module.parse().unwrap(), (*name).to_owned())).collect();
        let assigned = assign(&"r.example".parse().unwrap(), repositories.iter().copied(), &known);
        repositories.iter().map(|repository| assigned[*repository].as_str().to_owned()).collect()
    }

    #[test]
    fn repositories_nest_and_modules_do_not() {
        let found = names(&["hpc", "hpc/python", "hpc/image", "image"], &[]);
        assert_eq!(found[..2], ["r.example/hpc/image", "r.example/hpc/python/image"]);
        assert!(found[2].starts_with("r.example/hpc/image-") && found[3].starts_with("r.example/image-"), "{found:?}");
    }

    #[test]
    fn who_was_there_first_keeps_a_name_that_two_want() {
        let found = names(&["a/b_c", "a/b-c"], &[]);
        assert!(found[1] == "r.example/a/b-c/image" && found[0].starts_with("r.example/a/b-c-"), "{found:?}");
        let found = names(&["a/b_c", "a/b-c"], &[("r.example/a/b-c/image", "a/b_c")]);
        assert!(found[0] == "r.example/a/b-c/image" && found[1].starts_with("r.example/a/b-c-"), "{found:?}");
        assert!(names(&["ext"], &[])[0].starts_with("r.example/ext-"));
    }

    proptest::proptest! {
        #[test]
        fn no_two_repositories_share_or_nest_modules(
            repositories in proptest::collection::btree_set(
                "(image|ext|nul|a_b|a-b|a__b|a|b[.]c)(/(image|ext|a_b|a-b|x)){0,3}", 1..12)
        ) {
            let repositories: Vec<&str> = repositories.iter().map(String::as_str).collect();
            let prefix: ModuleName = "r.example".parse().unwrap();
            let assigned = assign(&prefix, repositories.iter().copied(), &BTreeMap::new());
            proptest::prop_assert_eq!(assigned.len(), repositories.len());
            let modules: Vec<&ModuleName> = assigned.values().collect();
            for (number, one) in modules.iter().enumerate() {
                proptest::prop_assert!(one.is_strict());
                let nested = modules.iter().enumerate().any(|(other, two)| other != number && one.is_within(two));
                proptest::prop_assert!(!nested, "{:?}", modules);
            }
        }
    }
}
