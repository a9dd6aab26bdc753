//! CPU architectures, which every upstream spells in its own way.

use std::fmt;

/// The spellings of each architecture; the first is OCI's and Apptainer's, which we use.
const SPELLINGS: &[&[&str]] = &[
    &["amd64", "x86_64", "x86-64", "x64"],
    &["arm64", "aarch64"],
    &["386", "i386", "i486", "i586", "i686", "x86"],
    &["arm", "armv7l", "armhf"],
    &["ppc64le", "powerpc64le"],
    &["ppc64", "powerpc64"],
    &["riscv64"],
    &["s390x"],
    &["loong64", "loongarch64"],
    &["mips64le", "mips64el"],
];

/// A known CPU architecture, by the name that OCI gives it.
///
/// ```
/// use warecat::model::Architecture;
/// assert_eq!(Architecture::parse("AArch64").unwrap().as_str(), "arm64");
/// assert_eq!(Architecture::of_label("x86_64-amd-zen2").unwrap().as_str(), "amd64");
/// assert_eq!(Architecture::of_label("linux-arm64").unwrap().as_str(), "arm64");
/// assert!(Architecture::of_label("src").is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Architecture(&'static str);

impl Architecture {
    /// The architecture of this spelling, whatever its case; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let found = SPELLINGS.iter().find(|names| names.iter().any(|name| name.eq_ignore_ascii_case(text)))?;
        Some(Self(found[0]))
    }

    /// The architecture that an item's label names in one of its parts.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        label.split('-').find_map(Self::parse)
    }

    /// OCI's name of it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
