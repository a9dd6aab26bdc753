//! The paths of layout 2 (Spack 0.12 to 0.23), below a cache's root.
//!
//! A spec lies at `build_cache/<stem>.spec.json`, or clearsigned at `….spec.json.sig`; its
//! tarball at `build_cache/<architecture>/<compiler>/<name>-<version>/<stem>.spack`, where
//! the stem is architecture, compiler, name, version and hash, joined with `-`
//! (`lib/spack/spack/binary_distribution.py` of 0.23, `tarball_name` and after).
//! What a path may not hold is `_` in both.
//!
//! Pure; paths are made from specs and never taken apart.

use crate::import::spack::spec::Node;

/// The folder of everything else.
pub const FOLDER: &str = "build_cache";

/// The index of all specs.
pub const INDEX: &str = "build_cache/index.json";

/// The SHA-256 of the index, in hexadecimal.
pub const INDEX_HASH: &str = "build_cache/index.json.hash";

/// What a spec's file is called that is signed, and one that is not; Spack looks for them
/// in this order.
pub const SPEC_ENDINGS: [&str; 2] = [".spec.json.sig", ".spec.json"];

/// The name with `_` for every character that Spack does not put into a path
/// (`polite_filename` in `llnl/util/filesystem.py`).
pub(super) fn polite(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || "_+.-".contains(c) { c } else { '_' };
    name.chars().map(letter).collect()
}

/// Where the files of one spec lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The spec's file without its ending.
    pub stem: String,
    /// The tarball.
    pub tarball: String,
}

impl Paths {
    /// The paths of a spec; none where it does not say what compiled it, as those of
    /// Spack 1.0 and later, which are not kept in this layout.
    #[must_use]
    pub fn of(node: &Node) -> Option<Self> {
        let compiler = node.compiler.as_ref()?;
        let arch = polite(&format!("{}-{}-{}", node.arch.platform, node.arch.os, node.arch.target));
        let compiler = polite(&format!("{}-{}", compiler.name, compiler.version));
        let release = polite(&format!("{}-{}", node.name, node.version));
        let stem = format!("{arch}-{compiler}-{release}-{}", node.hash);
        let tarball = format!("{FOLDER}/{arch}/{compiler}/{release}/{stem}.spack");
        Some(Self { stem: format!("{FOLDER}/{stem}"), tarball })
    }
}

/// Whether a file of the folder is a spec.
#[must_use]
pub fn is_spec(name: &str) -> bool {
    SPEC_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Of a spec that lies there signed and unsigned, the unsigned file is not read: what is
/// read must not depend on who left the other.
pub fn drop_unsigned_twins(names: &mut Vec<String>) {
    let signed: std::collections::HashSet<String> =
        names.iter().filter_map(|name| name.strip_suffix(".sig")).map(str::to_owned).collect();
    names.retain(|name| !signed.contains(name));
}

#[cfg(test)]
mod tests {
    use super::{drop_unsigned_twins, polite};

    #[test]
    fn what_a_path_may_not_hold_becomes_an_underscore() {
        assert_eq!(polite("git.0a=1.9+x/é"), "git.0a_1.9+x__");
    }

    #[test]
    fn a_signed_file_is_read_in_place_of_its_twin() {
        let mut names = ["a.spec.json", "a.spec.json.sig", "b.spec.json"].map(str::to_owned).to_vec();
        drop_unsigned_twins(&mut names);
        assert_eq!(names, ["a.spec.json.sig", "b.spec.json"]);
    }
}
