//! Foreign names to modules: the rule of [`crate::model::upstream`], and who keeps a name.
//!
//! Where two spellings give the same part, one keeps it and the others get a hash: the
//! spelling that the catalog already knows by it, or else the bytewise smallest. A
//! spelling that the catalog knows keeps the name that it has there, so that a name does
//! not move when upstream adds another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{ModuleName, NameError, upstream};

/// Digits of the short hash, then of longer ones should two short hashes be equal.
const DIGITS: [usize; 3] = [upstream::SHORT, 16, 32];

/// The modules that a catalog has, by upstream's spelling of their names.
#[derive(Debug, Clone, Default)]
pub struct KnownNames {
    spelling: BTreeMap<ModuleName, String>,
    module: HashMap<(String, String), ModuleName>,
}

impl KnownNames {
    /// A catalog without modules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a module and upstream's spelling of its last part: its metadata `name`, or
    /// that part itself.
    pub fn insert(&mut self, module: ModuleName, spelling: &str) {
        let key = (scope_of(&module).to_owned(), spelling.to_owned());
        let held = self.module.entry(key).or_insert_with(|| module.clone());
        if module < *held {
            held.clone_from(&module);
        }
        self.spelling.insert(module, spelling.to_owned());
    }

    fn module_of(&self, scope: &ModuleName, spelling: &str) -> Option<&ModuleName> {
        self.module.get(&(scope.as_str().to_owned(), spelling.to_owned()))
    }
}

impl FromIterator<(ModuleName, String)> for KnownNames {
    fn from_iter<I: IntoIterator<Item = (ModuleName, String)>>(modules: I) -> Self {
        let mut known = Self::new();
        for (module, spelling) in modules {
            known.insert(module, &spelling);
        }
        known
    }
}

fn scope_of(module: &ModuleName) -> &str {
    module.as_str().rsplit_once('/').map_or("", |(scope, _)| scope)
}

/// Gives each spelling its module below `scope`, by the rule at the head of this file.
///
/// # Errors
/// `name-invalid` when the whole name is too long, because `scope` is.
pub fn assign(
    scope: &ModuleName,
    spellings: &BTreeSet<&str>,
    known: &KnownNames,
) -> Result<HashMap<String, ModuleName>, NameError> {
    let mut assigned = HashMap::with_capacity(spellings.len());
    let mut taken: BTreeSet<ModuleName> =
        known.spelling.keys().filter(|m| scope_of(m) == scope.as_str()).cloned().collect();
    for spelling in spellings {
        let module = match known.module_of(scope, spelling) {
            Some(module) => module.clone(),
            None => free_name(scope, spelling, &taken)?,
        };
        taken.insert(module.clone());
        assigned.insert((*spelling).to_owned(), module);
    }
    Ok(assigned)
}

fn free_name(scope: &ModuleName, spelling: &str, taken: &BTreeSet<ModuleName>) -> Result<ModuleName, NameError> {
    if let Some(plain) = upstream::segment(spelling) {
        let module = scope.join(&plain)?;
        if !taken.contains(&module) {
            return Ok(module);
        }
    }
    let mut last = scope.join(&upstream::hashed_segment(spelling, DIGITS[0]))?;
    for digits in &DIGITS[1..] {
        if !taken.contains(&last) {
            break;
        }
        last = scope.join(&upstream::hashed_segment(spelling, *digits))?;
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::{KnownNames, assign};
    use crate::model::ModuleName;
    use std::collections::BTreeSet;

    fn scope() -> ModuleName {
        "eessi.io/2023.06".parse().unwrap()
    }

    fn parts(spellings: &[&str], known: &KnownNames) -> Vec<String> {
        let set: BTreeSet<&str> = spellings.iter().copied().collect();
        let names = assign(&scope(), &set, known).unwrap();
        assert!(names.values().all(ModuleName::is_strict), "{names:?}");
        spellings.iter().map(|s| names[*s].last_segment().to_owned()).collect()
    }

    fn part(spelling: &str) -> String {
        parts(&[spelling], &KnownNames::new()).remove(0)
    }

    fn hashed(plain: &str, spelling: &str) -> String {
        format!("{plain}-{}", &blake3::hash(spelling.as_bytes()).to_hex()[..8])
    }

    #[test]
    fn real_names_map_by_the_documented_rule() {
        for (spelling, expected) in [
            ("GROMACS", "gromacs"),
            ("Archive::Zip", "archive-zip"),
            ("jupyter_packaging", "jupyter-packaging"),
            ("MAFFT Extensions", "mafft-extensions"),
            ("BLAST+", "blast-plus"),
            ("Voro++", "voro-plus-plus"),
            ("netCDF-C++4", "netcdf-c-plus-plus4"),
            ("Boost.MPI", "boost.mpi"),
            ("R", "r"),
        ] {
            assert_eq!(part(spelling), expected);
        }
    }

    #[test]
    fn hostile_and_reserved_names_become_safe_ones() {
        assert_eq!(part("../../etc/passwd"), "etcpasswd");
        assert_eq!(part("ext"), hashed("ext", "ext"));
        assert_eq!(part("NUL"), hashed("nul", "NUL"));
        assert_eq!(part("aux.c"), hashed("aux-c", "aux.c"));
        assert_eq!(part("漢字"), hashed("", "漢字")[1..]);
        assert_eq!(part(""), hashed("", "")[1..]);
        assert_eq!(part("\u{202e}x\0y"), "xy");
        assert!(part(&"x".repeat(64)).len() == 63 && part(&"é.".repeat(400)).len() <= 63);
    }

    #[test]
    fn the_smallest_spelling_keeps_a_name_that_two_want() {
        let found = parts(&["werkzeug", "Werkzeug"], &KnownNames::new());
        assert_eq!(found, [hashed("werkzeug", "werkzeug"), "werkzeug".to_owned()]);
    }

    #[test]
    fn a_spelling_keeps_the_name_that_the_catalog_knows_it_by() {
        let known = |part: &str, spelling: &str| -> KnownNames {
            [(scope().join(part).unwrap(), spelling.to_owned())].into_iter().collect()
        };
        let plain = known("werkzeug", "werkzeug");
        assert_eq!(parts(&["werkzeug", "Werkzeug"], &plain), ["werkzeug".to_owned(), hashed("werkzeug", "Werkzeug")]);
        assert_eq!(parts(&["Werkzeug"], &plain), [hashed("werkzeug", "Werkzeug")], "the plain name stays occupied");
        let other = known(&hashed("werkzeug", "werkzeug"), "werkzeug");
        assert_eq!(parts(&["werkzeug"], &other), [hashed("werkzeug", "werkzeug")]);
    }

    #[test]
    fn the_order_of_known_modules_does_not_matter() {
        let pair = [("a", "X"), ("b", "X")].map(|(p, s)| (scope().join(p).unwrap(), s.to_owned()));
        let (one, mut two) = (pair.clone(), pair);
        two.reverse();
        let found = |pairs: [(ModuleName, String); 2]| parts(&["X"], &pairs.into_iter().collect());
        assert_eq!(found(one), found(two));
    }
}
