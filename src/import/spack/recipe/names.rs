//! Spack's names of packages and versions, and the releases' names that come of versions.
//!
//! A release is named as its version. Characters that no path may hold become `-`; where
//! two versions would then meet, also on a file system that ignores case, all but the one
//! that is spelled like its release, or else the bytewise first, get `-` and the first
//! eight hexadecimal digits of the BLAKE3 of their spelling.

use std::collections::{BTreeSet, HashSet};

use crate::model::{ReleaseName, folded, upstream};
use crate::text::is_hidden;

/// Longest name of a package or version, in bytes.
const MAX_NAME: usize = 128;
/// Longest part of a version that a hash is added to, in bytes.
const MAX_PLAIN: usize = 100;

/// Whether a text can name a package: letters, digits and `. _ + -`, not first a sign.
pub(super) fn is_package(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
    text.len() <= MAX_NAME
        && text.bytes().all(letter)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a text can be a version: nothing in it is blank or hidden.
pub(super) fn is_version(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(|c| is_hidden(c) || c.is_whitespace())
}

/// The names of the releases of these versions.
pub(super) fn releases<'v>(versions: impl Iterator<Item = &'v str>) -> Vec<(&'v str, ReleaseName)> {
    let sorted: BTreeSet<&str> = versions.collect();
    let (plain, other): (Vec<&str>, Vec<&str>) =
        sorted.into_iter().partition(|text| text.parse::<ReleaseName>().is_ok());
    let mut taken = HashSet::new();
    let mut named = Vec::with_capacity(plain.len() + other.len());
    for version in plain.into_iter().chain(other) {
        let name = [mapped(version), hashed(version)]
            .into_iter()
            .filter_map(|text| text.parse::<ReleaseName>().ok())
            .find(|name| taken.insert(folded(name.as_str())));
        named.extend(name.map(|name| (version, name)));
    }
    named
}

fn mapped(version: &str) -> String {
    if version.parse::<ReleaseName>().is_ok() {
        return version.to_owned();
    }
    let safe = |c: char| if is_hidden(c) || r#"/\:*?"<>|"#.contains(c) { '-' } else { c };
    let mut text: String = version.chars().map(safe).collect();
    if text.starts_with(['.', '_', '~']) {
        text.replace_range(..1, "-");
    }
    if text.ends_with('.') {
        text.replace_range(text.len() - 1.., "-");
    }
    text
}

/// A name that no device has: Windows reserves what stands before the first dot.
fn hashed(version: &str) -> String {
    let plain: String = mapped(version).replace('.', "-").chars().take(MAX_PLAIN).collect();
    let hash = blake3::hash(version.as_bytes()).to_hex();
    format!("{plain}-{}", &hash[..upstream::SHORT])
}

#[cfg(test)]
mod tests {
    use super::{is_package, is_version, releases};

    fn names(versions: &[&str]) -> Vec<String> {
        releases(versions.iter().copied()).into_iter().map(|(version, name)| format!("{version} {name}")).collect()
    }

    #[test]
    fn a_release_is_named_as_its_version_where_a_path_can_be() {
        assert_eq!(names(&["1.0", "develop", "git.v1=2"]), ["1.0 1.0", "develop develop", "git.v1=2 git.v1=2"]);
        assert_eq!(names(&["git.a/b=1", ".5", "1.", "_1"]), [".5 -5", "1. 1-", "_1 -1", "git.a/b=1 git.a-b=1"]);
    }

    #[test]
    fn t07_no_two_releases_are_one_file_and_none_is_a_device() {
        let found = names(&["1-a", "1/a", "1A", "1a", "nul", "con.1"]);
        assert_eq!(found[..2], ["1-a 1-a", "1A 1A"]);
        let hashed = |plain: &str, of: &str| format!("{of} {plain}-{}", &blake3::hash(of.as_bytes()).to_hex()[..8]);
        let expected = [("1a", "1a"), ("1-a", "1/a"), ("con-1", "con.1"), ("nul", "nul")];
        assert_eq!(found[2..], expected.map(|(plain, of)| hashed(plain, of)));
    }

    #[test]
    fn t23_t25_what_is_no_name_is_refused() {
        assert!(is_package("py-numpy") && is_package("_7zip") && is_package("D") && is_package("r-c3net"));
        for bad in ["", "-x", "a b", "a;b", "a/b", "$(x)", "é", "a\n", &"x".repeat(129)] {
            assert!(!is_package(bad), "{bad:?}");
        }
        for bad in ["", " ", "1 2", "1\n", "\u{202e}1", &"1".repeat(129)] {
            assert!(!is_version(bad), "{bad:?}");
        }
    }
}
