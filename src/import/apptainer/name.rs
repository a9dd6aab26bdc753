//! A file's name to a module's spelling, a release and an architecture: one rule.
//!
//! 1. `.sif` goes from the end, and `.oci` before it.
//! 2. A word for an architecture at the end, after `_`, `-` or `.`, goes too: `amd64`,
//!    `x86_64`, `arm64`, `aarch64`, … It is not part of the release.
//! 3. What is left is cut in two, name and release, at the first of these that is there:
//!    1. the first `_` before a version: a digit, `v` and a digit, or one of `latest`,
//!       `stable`, `main`, `master`, `devel`, `dev`, `nightly`, `edge`, `testing`
//!    2. the first `-` before digits that end there or go on with `.`, `-` or `_`; a `v`
//!       may stand before them
//!    3. the last `_`: `apptainer pull` writes the tag behind it
//! 4. Where there is none, the release is `latest`.

use crate::import::sif::Architecture;

/// The release of an image whose name has no version.
pub(super) const LATEST: &str = "latest";
/// The ending of an image's file.
pub(super) const ENDING: &str = ".sif";

const MOVING: [&str; 9] = ["latest", "stable", "main", "master", "devel", "dev", "nightly", "edge", "testing"];

/// What architectures are called in file names beside their own name.
const SPELLINGS: [(&str, &str); 5] =
    [("x86_64", "amd64"), ("x86-64", "amd64"), ("aarch64", "arm64"), ("i386", "386"), ("i686", "386")];
const PLAIN: [&str; 6] = ["amd64", "arm64", "ppc64le", "s390x", "riscv64", "loong64"];

/// What a file's name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageName {
    /// The image's name, as it is spelt.
    pub(super) name: String,
    /// The part that becomes the release.
    pub(super) release: String,
    /// The architecture, where the name says one.
    pub(super) architecture: Option<Architecture>,
}

impl ImageName {
    /// Reads the name of a file; nothing when it does not end in `.sif` or has no name
    /// before that.
    pub(super) fn of_file(file: &str) -> Option<Self> {
        let stem = file.strip_suffix(ENDING)?;
        let stem = stem.strip_suffix(".oci").unwrap_or(stem);
        let (stem, architecture) = without_architecture(stem);
        let (name, release) = cut(stem).unwrap_or((stem, LATEST));
        (!name.is_empty()).then(|| Self { name: name.to_owned(), release: release.to_owned(), architecture })
    }
}

fn without_architecture(stem: &str) -> (&str, Option<Architecture>) {
    let words = SPELLINGS.iter().copied().chain(PLAIN.iter().map(|name| (*name, *name)));
    for (word, name) in words {
        if let Some(before) = stem.strip_suffix(word)
            && let Some(before) = before.strip_suffix(['_', '-', '.'])
            && !before.is_empty()
        {
            return (before, Architecture::of_name(name));
        }
    }
    (stem, None)
}

fn cut(stem: &str) -> Option<(&str, &str)> {
    let cuts = |sign: char| stem.match_indices(sign).map(|(at, _)| (&stem[..at], &stem[at + 1..]));
    let mut whole = cuts('_').filter(|(name, rest)| !name.is_empty() && !rest.is_empty());
    let last = whole.clone().next_back();
    let before_version = whole.find(|(_, rest)| is_version(rest));
    before_version.or_else(|| cuts('-').find(|(name, rest)| !name.is_empty() && is_number(rest))).or(last)
}

/// Whether a text begins as a version or a moving tag does.
fn is_version(text: &str) -> bool {
    let word = text.split(['_', '-', '.']).next().unwrap_or_default();
    let digits = text.strip_prefix('v').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) || MOVING.contains(&word)
}

/// Whether a text begins with digits that end there or go on with `.`, `-` or `_`.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or(text);
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < digits.len() && (rest.is_empty() || rest.starts_with(['.', '-', '_']))
}

#[cfg(test)]
mod tests {
    use super::ImageName;

    #[test]
    fn file_names_become_names_and_releases_by_the_documented_rule() {
        for (file, name, release, architecture) in [
            ("pytorch-cuda_2.1.2-cuda12.1.sif", "pytorch-cuda", "2.1.2-cuda12.1", None),
            ("gromacs_2024.4.sif", "gromacs", "2024.4", None),
            ("gromacs_2024.4_arm64.sif", "gromacs", "2024.4", Some("arm64")),
            ("gromacs_2024.4-x86_64.sif", "gromacs", "2024.4", Some("amd64")),
            ("gromacs-2024.4.aarch64.sif", "gromacs", "2024.4", Some("arm64")),
            ("alpine_latest.sif", "alpine", "latest", None),
            ("lammps_stable_2Aug2023.sif", "lammps", "stable_2Aug2023", None),
            ("openfoam_v2312.sif", "openfoam", "v2312", None),
            ("nwchem_7.2.2.oci.sif", "nwchem", "7.2.2", None),
            ("hpl_2.3_encrypted.sif", "hpl", "2.3_encrypted", None),
            ("quantum-espresso_7.3.sif", "quantum-espresso", "7.3", None),
            ("miniconda3_24.1.2-0.sif", "miniconda3", "24.1.2-0", None),
            ("my_tool_1.2.sif", "my_tool", "1.2", None),
            ("my_tool-1.2.sif", "my_tool", "1.2", None),
            ("ubuntu_jammy.sif", "ubuntu", "jammy", None),
            ("blender-3d.sif", "blender-3d", "latest", None),
            ("h5-1.sif", "h5", "1", None),
            ("tool.sif", "tool", "latest", None),
            ("tool_arm64.sif", "tool", "latest", Some("arm64")),
            ("Foo_Bar.sif", "Foo", "Bar", None),
            ("_1.0.sif", "_1.0", "latest", None),
            ("tool_.sif", "tool_", "latest", None),
            ("arm64.sif", "arm64", "latest", None),
            ("a.tar.sif", "a.tar", "latest", None),
        ] {
            let found = ImageName::of_file(file).unwrap();
            let said = (found.name.as_str(), found.release.as_str(), found.architecture.map(|a| a.as_str()));
            assert_eq!(said, (name, release, architecture), "{file}");
        }
    }

    #[test]
    fn what_is_no_image_has_no_name() {
        for file in [".sif", "sif", "tool.SIF", "tool.sif.part", "", ".oci.sif"] {
            assert_eq!(ImageName::of_file(file), None, "{file}");
        }
    }
}
