//! The rules for paths below a catalog, as this layer takes them.
//!
//! The stricter rules of names are the model's; these are the ones without which a path
//! could leave the catalog, reach git's own files or nest without end.

use super::error::GitError;

/// How many folders deep a path may go.
pub(super) const MAX_DEPTH: usize = 64;

/// Checks a path below the catalog: relative, plain components, `/` between them.
pub(super) fn check(path: &str) -> Result<(), GitError> {
    match broken_rule(path) {
        None => Ok(()),
        Some(reason) => Err(GitError::PathInvalid {
            path: path.to_owned(),
            reason,
        }),
    }
}

/// Checks the path of a folder, where the catalog itself is the empty path.
pub(super) fn check_folder(path: &str) -> Result<(), GitError> {
    if path.is_empty() {
        return Ok(());
    }
    check(path)
}

/// Whether a tree entry's name can be a path component at all.
pub(super) fn is_plain_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && !name.eq_ignore_ascii_case(".git")
        && !name.contains(['/', '\0'])
}

/// Joins a folder's path, which may be empty, and a name below it.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// Splits a path into its folder, which may be empty, and its last component.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn broken_rule(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("it is empty");
    }
    if path.contains('\0') {
        return Some("it holds a NUL byte");
    }
    if !path.split('/').all(is_plain_name) {
        return Some("a component is empty, `.`, `..` or `.git`");
    }
    if path.split('/').count() > MAX_DEPTH {
        return Some("it is nested too deeply");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{check, check_folder, split};

    #[test]
    fn paths_that_leave_the_catalog_are_refused() {
        for path in [
            "",
            "/a",
            "a/",
            "a//b",
            "..",
            "a/../b",
            "./a",
            ".git/config",
            "a/.GIT/hooks",
            "a\0b",
        ] {
            assert!(check(path).is_err(), "{path:?}");
        }
        assert!(check(&["a"; 65].join("/")).is_err());
    }

    #[test]
    fn plain_paths_are_taken() {
        for path in ["a", "a.b/_releases/v1.json", ".gitignore", "ünï/c"] {
            check(path).unwrap();
        }
        check_folder("").unwrap();
        assert_eq!(split("a/b/c"), ("a/b", "c"));
        assert_eq!(split("a"), ("", "a"));
    }
}
