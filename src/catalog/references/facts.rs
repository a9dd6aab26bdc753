//! What an image's record says that a job may ask for: apps and versions.
//!
//! This is the one place that knows the shape of the records of kind `apptainer.image`:
//! `attributes` as `apptainer inspect` prints them, and the image's `file` name.

use std::collections::BTreeSet;

use crate::catalog::entry::{ModuleEntry, ReleaseEntry};
use crate::model::{Record, Value, metadata};

/// Labels that hold a version, the best first.
const VERSION_LABELS: &[&str] = &["Version", "VERSION", "version", "org.opencontainers.image.version"];

/// What is known of one image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Its apps; `None` where nobody looked inside.
    pub(super) apps: Option<BTreeSet<String>>,
    /// Everything that is called its version, what it calls itself first.
    pub(super) versions: Vec<String>,
}

/// The facts of a release's image in a file of this name.
pub(super) fn of(module: &ModuleEntry, release: &ReleaseEntry, file: &str) -> Facts {
    let named = module.record_of(release).into_iter().chain(module.builds_of(release));
    let records: Vec<&Record> = named.map(|(_, record)| record).collect();
    let is_of = |record: &&&Record| record.data.get("file").and_then(Value::as_text) == Some(file);
    // A release has several images where there are several architectures; a record that
    // names no file is of all of them.
    let own = records.iter().find(is_of).or_else(|| records.iter().find(|record| record.data.get("file").is_none()));
    let attributes = own.and_then(|record| record.data.get("attributes"));
    let labels = attributes.and_then(|attributes| attributes.get("labels"));
    let label = |key: &&str| labels?.get(key)?.as_text().map(str::to_owned);
    let mut versions: Vec<String> = VERSION_LABELS.iter().filter_map(label).collect();
    versions.extend(release.fact(metadata::VERSION).map(str::to_owned));
    versions.push(release.name().to_string());
    Facts { apps: attributes.and_then(apps), versions }
}

/// The names of the apps. An image that says nothing at all of itself could not be read.
fn apps(attributes: &Value) -> Option<BTreeSet<String>> {
    match (attributes.get("apps"), attributes) {
        (Some(Value::Map(apps)), _) => Some(apps.keys().cloned().collect()),
        (_, Value::Map(said)) if said.is_empty() => None,
        _ => Some(BTreeSet::new()),
    }
}

/// Whether a version is the one that is asked for: equal, or a refinement of it, as
/// `2.1.2-cuda12.1` is of `2.1.2`. A leading `v` says nothing.
pub(super) fn satisfies(version: &str, asked: &str) -> bool {
    let plain = |text: &str| match text.strip_prefix(['v', 'V']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        _ => text.to_owned(),
    };
    let rest = plain(version);
    rest.strip_prefix(&plain(asked)).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_', '+']))
}

#[cfg(test)]
mod tests {
    use super::satisfies;

    #[test]
    fn a_version_is_met_by_itself_and_by_its_refinements() {
        for (version, asked) in
            [("2.1.2", "2.1.2"), ("2.1.2-cuda12.1", "2.1.2"), ("2.1.2", "2.1"), ("v2312", "2312"), ("3.11", "v3.11")]
        {
            assert!(satisfies(version, asked), "{version} {asked}");
        }
        for (version, asked) in [("2.1.2", "2.3.0"), ("2.11", "2.1"), ("2.1", "2.1.2"), ("vmd", "md"), ("latest", "1")]
        {
            assert!(!satisfies(version, asked), "{version} {asked}");
        }
    }
}
