//! The facets: what a result can be narrowed by.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{Architecture, metadata};

/// The value of a facet for what a module does not say.
const UNKNOWN: &str = "unknown";

/// Longest value of a facet, in characters; longer ones are no words to choose from.
const MAX_VALUE: usize = 100;
/// Most values of one facet that are taken from one module.
const MAX_VALUES: usize = 200;

/// What a result can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The first part of the module's name.
    Source,
    /// What kind of thing it is.
    Kind,
    /// The CPU's family.
    Arch,
    /// The CPU that an item is built for.
    Target,
    /// The accelerator that an item is built for.
    Accelerator,
    /// What a release was built with.
    Toolchain,
    /// An SPDX identifier of its licence.
    Licence,
    /// Upstream's category.
    Category,
    /// Who looks after the package.
    Maintainer,
    /// Whether a replay says how a release was made.
    Replay,
    /// Whether a release has a signature.
    Signed,
}

/// Every field, in the order in which views show them.
pub const FIELDS: &[Field] = &[
    Field::Source,
    Field::Kind,
    Field::Arch,
    Field::Target,
    Field::Accelerator,
    Field::Toolchain,
    Field::Licence,
    Field::Category,
    Field::Maintainer,
    Field::Replay,
    Field::Signed,
];

/// Other words that people write for a field.
pub const OTHER_WORDS: &[(&str, Field)] =
    &[("license", Field::Licence), ("family", Field::Arch), ("gpu", Field::Accelerator)];

impl Field {
    /// The word that stands for it in queries, in URLs and in data.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Kind => "kind",
            Self::Arch => "arch",
            Self::Target => "target",
            Self::Accelerator => "accelerator",
            Self::Toolchain => "toolchain",
            Self::Licence => "licence",
            Self::Category => "category",
            Self::Maintainer => "maintainer",
            Self::Replay => "replay",
            Self::Signed => "signed",
        }
    }

    /// The field of a word, as people write it.
    ///
    /// ```
    /// use warecat::search::Field;
    /// assert_eq!(Field::parse("License"), Some(Field::Licence));
    /// assert_eq!(Field::parse("family"), Some(Field::Arch));
    /// assert_eq!(Field::parse("archive"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        let also = OTHER_WORDS.iter().find(|(other, _)| *other == word).map(|(_, field)| *field);
        also.or_else(|| FIELDS.iter().copied().find(|field| field.as_str() == word))
    }

    /// What a module says of it: each value once, at least one where silence is a value.
    #[must_use]
    pub(super) fn values(self, entry: &ModuleEntry) -> BTreeSet<String> {
        let of_module = |key: &str| entry.metadata.get(key).map(String::as_str).into_iter();
        let list = |key| of_module(key).flat_map(|text| text.split(metadata::LIST_SEPARATOR)).map(str::to_owned);
        let found: Vec<String> = match self {
            Self::Source => entry.name.segments().next().map(str::to_owned).into_iter().collect(),
            Self::Kind => vec![entry.kind().unwrap_or("software").to_owned()],
            Self::Arch => labels(entry).filter_map(family).map(str::to_owned).collect(),
            Self::Target => labels(entry).filter_map(cpu).map(str::to_owned).collect(),
            Self::Accelerator => labels(entry).filter_map(accelerator).map(str::to_owned).collect(),
            Self::Toolchain => facts(entry, metadata::TOOLCHAIN).map(str::to_owned).collect(),
            Self::Licence => of_module(metadata::LICENSE).flat_map(licences).collect(),
            Self::Category => list(metadata::CATEGORIES).collect(),
            Self::Maintainer => list(metadata::MAINTAINERS).collect(),
            Self::Replay => vec![yes_or_no(facts(entry, metadata::REPLAY).next().is_some())],
            Self::Signed => vec![yes_or_no(entry.releases.iter().any(is_signed))],
        };
        let is_value = |value: &String| !value.is_empty() && value.chars().count() <= MAX_VALUE;
        let found = found.into_iter().map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "));
        let mut values: BTreeSet<String> = found.filter(is_value).take(MAX_VALUES).collect();
        if values.is_empty() && self == Self::Licence {
            values.insert(UNKNOWN.to_owned());
        }
        values
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn yes_or_no(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

fn is_signed(release: &ReleaseEntry) -> bool {
    release.fact(metadata::SIGNED_BY).is_some() || release.fact(metadata::VERIFIED_BY).is_some()
}

fn facts<'e>(entry: &'e ModuleEntry, key: &'static str) -> impl Iterator<Item = &'e str> {
    entry.releases.iter().filter_map(move |release| release.fact(key))
}

/// The labels of all items, each once.
fn labels(entry: &ModuleEntry) -> impl Iterator<Item = &str> {
    let all = entry.releases.iter().flat_map(|release| release.release.items.keys());
    all.map(|label| label.as_str()).collect::<BTreeSet<_>>().into_iter()
}

/// What announces an accelerator within an item's label.
const ACCELERATORS: &[&str] = &["-nvidia-cc", "-amd-gfx", "-intel-pvc"];

fn accelerator(label: &str) -> Option<&str> {
    ACCELERATORS.iter().find_map(|sign| label.find(sign)).map(|at| &label[at + 1..])
}

fn cpu(label: &str) -> Option<&str> {
    family(label)?;
    let end = accelerator(label).map_or(label.len(), |accelerator| label.len() - accelerator.len() - 1);
    Some(&label[..end])
}

fn family(label: &str) -> Option<&'static str> {
    match Architecture::of_label(label)?.as_str() {
        "amd64" => Some("x86_64"),
        "arm64" => Some("aarch64"),
        other => Some(other),
    }
}

/// The identifiers of a licence expression, and each exception with its own.
fn licences(expression: &str) -> Vec<String> {
    let parsed = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX);
    parsed.map(|found| found.requirements().map(|wanted| wanted.req.to_string()).collect()).unwrap_or_default()
}

/// Whether someone who asks for `asked` means the value `value`; both in lower case. A
/// value that is there as it was asked for is meant alone, which the caller looks after.
///
/// ```
/// use warecat::search::is_meant;
/// assert!(is_meant("zen4", "x86_64-amd-zen4") && is_meant("foss", "foss/2023b"));
/// assert!(is_meant("gpl-3.0", "gpl-3.0-only") && !is_meant("gpl-3", "gpl-3.0-only-x"));
/// ```
#[must_use]
pub fn is_meant(asked: &str, value: &str) -> bool {
    let begins = value.strip_prefix(asked).is_some_and(|rest| rest.starts_with(['-', '/', '.']));
    begins || value.strip_suffix(asked).is_some_and(|rest| rest.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::{accelerator, cpu, family, is_meant, licences};

    #[test]
    fn a_label_says_family_target_and_accelerator() {
        let check = |label, expected| assert_eq!((family(label), cpu(label), accelerator(label)), expected, "{label}");
        check("x86_64-amd-zen4", (Some("x86_64"), Some("x86_64-amd-zen4"), None));
        check("x86_64-amd-zen2-nvidia-cc80", (Some("x86_64"), Some("x86_64-amd-zen2"), Some("nvidia-cc80")));
        check("aarch64-nvidia-grace", (Some("aarch64"), Some("aarch64-nvidia-grace"), None));
        check("linux-amd64", (Some("x86_64"), Some("linux-amd64"), None));
        check("src", (None, None, None));
    }

    #[test]
    fn a_licence_is_its_identifiers() {
        assert_eq!(licences("MIT OR Apache-2.0"), ["MIT", "Apache-2.0"]);
        assert_eq!(licences("GPL-2.0-only WITH Classpath-exception-2.0").len(), 1);
        assert!(licences("see the file").is_empty());
    }

    #[test]
    fn a_part_of_a_value_means_it() {
        assert!(is_meant("x86_64-amd", "x86_64-amd-zen4") && is_meant("eessi", "eessi.io"));
        assert!(!is_meant("zen", "x86_64-amd-zen4") && !is_meant("mi", "mit") && !is_meant("it", "mit"));
    }
}
