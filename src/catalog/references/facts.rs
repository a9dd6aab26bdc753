//! What an image's record says that a job may ask for: apps and versions.
//!
//! This is the one place that knows the shape of the records of kind `apptainer.image`:
//! below `images`, by item, the `file` name, `attributes` as `apptainer inspect` prints them, and in `sif`
//! the `problems` that reading the image met.

use std::collections::BTreeSet;

use crate::catalog::entry::{ModuleEntry, ReleaseEntry};
use crate::model::{ItemLabel, Value, metadata};

/// Labels that hold a version, the best first.
const VERSION_LABELS: &[&str] = &["Version", "VERSION", "version", "org.opencontainers.image.version"];

/// What is known of one image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The name of its file.
    pub(super) file: Option<String>,
    /// Its apps; `None` where nobody could look inside.
    pub(super) apps: Option<BTreeSet<String>>,
    /// Everything that is called its version, what it calls itself first.
    pub(super) versions: Vec<String>,
}

/// The facts of the image that is an item of a release.
pub(super) fn of(module: &ModuleEntry, release: &ReleaseEntry, item: &ItemLabel) -> Facts {
    let record = module.record_of(release).map(|(_, record)| &record.data);
    let image = record.and_then(|data| data.get("images")?.get(item.as_str()));
    let labels = image.and_then(|image| image.get("attributes")?.get("labels"));
    let label = |key: &&str| labels?.get(key)?.as_text().map(str::to_owned);
    let mut versions: Vec<String> = VERSION_LABELS.iter().filter_map(label).collect();
    versions.extend(release.fact(metadata::VERSION).map(str::to_owned));
    versions.push(release.name().to_string());
    let file = image.and_then(|image| image.get("file")?.as_text()).map(str::to_owned);
    Facts { file, apps: image.and_then(apps), versions }
}

/// The names of the apps. An image that could not be read as a whole, or says nothing of
/// itself, may have apps that nobody saw.
fn apps(image: &Value) -> Option<BTreeSet<String>> {
    let attributes = image.get("attributes")?;
    if image.get("sif").and_then(|sif| sif.get("problems")).is_some_and(|problems| !problems.items().is_empty()) {
        return None;
    }
    match attributes.get("apps") {
        Some(Value::Map(apps)) => Some(apps.keys().cloned().collect()),
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
