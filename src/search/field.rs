//! The facets: what a result can be narrowed by.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::metadata;
use crate::model::target::{Target, other_names};

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
    pub(super) fn values(self, entry: &ModuleEntry, targets: &[Target]) -> BTreeSet<String> {
        let of_module = |key: &str| entry.metadata.get(key).map(String::as_str).into_iter();
        let list = |key| of_module(key).flat_map(|text| text.split(metadata::LIST_SEPARATOR)).map(str::to_owned);
        let found: Vec<String> = match self {
            Self::Source => entry.name.segments().next().map(str::to_owned).into_iter().collect(),
            Self::Kind => vec![entry.kind().unwrap_or("software").to_owned()],
            Self::Arch => targets.iter().map(|target| target.family().to_owned()).collect(),
            Self::Target => targets.iter().map(cpu_value).collect(),
            Self::Accelerator => {
                targets.iter().filter_map(|target| Some(target.accelerator.as_ref()?.to_string())).collect()
            }
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

/// The labels of all items.
pub(super) fn labels(entry: &ModuleEntry) -> impl Iterator<Item = &str> {
    let all = entry.releases.iter().flat_map(|release| release.release.items.keys());
    all.map(|label| label.as_str())
}

/// The value of a processor: its family, and its name within it.
pub(super) fn cpu_value(target: &Target) -> String {
    match target.family() {
        "" => target.cpu.name.clone(),
        family => format!("{family}-{}", target.cpu.short()),
    }
}

/// What else people write for the processor that a label is for: the label without its
/// accelerator, and the names that others give the processor.
pub(super) fn cpu_names(label: &str, target: &Target) -> Vec<String> {
    let accelerator = target.accelerator.as_ref().map(|found| format!("-{}", accelerator_name(&found.to_string())));
    let bare = accelerator.and_then(|end| label.strip_suffix(end.as_str())).unwrap_or(label);
    let others = other_names(&target.cpu.name).map(|name| format!("{}-{name}", target.family()));
    [bare.to_lowercase()].into_iter().chain(others).collect()
}

/// An accelerator as labels have it.
pub(super) fn accelerator_name(value: &str) -> String {
    value.to_lowercase().replace('/', "-")
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
/// assert!(is_meant("gpl-3.0", "gpl-3.0-only") && !is_meant("gpl-3.0-o", "gpl-3.0-only"));
/// ```
#[must_use]
pub fn is_meant(asked: &str, value: &str) -> bool {
    let begins = value.strip_prefix(asked).is_some_and(|rest| rest.starts_with(['-', '/', '.']));
    begins || value.strip_suffix(asked).is_some_and(|rest| rest.ends_with(['-', '/']))
}

#[cfg(test)]
mod tests {
    use super::{cpu_names, cpu_value, is_meant, licences};
    use crate::model::target::Target;

    #[test]
    fn a_processor_has_one_value_and_many_names() {
        let check = |label, value: &str, names: &[&str]| {
            let target = Target::parse(label).unwrap();
            assert_eq!(
                (cpu_value(&target).as_str(), cpu_names(label, &target)),
                (value, names.iter().map(|n| (*n).to_owned()).collect())
            );
        };
        check("x86_64-amd-zen4", "x86_64-zen4", &["x86_64-amd-zen4"]);
        check("x86_64-amd-zen2-nvidia-cc80", "x86_64-zen2", &["x86_64-amd-zen2"]);
        check("linux-amd64", "x86_64-generic", &["linux-amd64"]);
        check("linux-rocky9-zen3", "x86_64-zen3", &["linux-rocky9-zen3"]);
        let grace = ["aarch64-nvidia-grace", "aarch64-axion", "aarch64-grace", "aarch64-graviton4"];
        check("aarch64-nvidia-grace", "aarch64-neoverse_v2", &grace);
    }

    #[test]
    fn a_licence_is_its_identifiers() {
        assert_eq!(licences("MIT OR Apache-2.0"), ["MIT", "Apache-2.0"]);
        assert_eq!(licences("GPL-2.0-only WITH Classpath-exception-2.0").len(), 1);
        assert!(licences("see the file").is_empty());
    }

    #[test]
    fn a_part_of_a_value_means_it() {
        assert!(is_meant("x86_64-amd", "x86_64-amd-zen4") && is_meant("cc80", "nvidia/cc80"));
        assert!(!is_meant("zen", "x86_64-amd-zen4") && !is_meant("mi", "mit") && !is_meant("it", "mit"));
    }
}
