//! A module as `SoftwareApplication`.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{CONTEXT, text};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::metadata;
use crate::site::index;
use crate::site::safe::web_link;
use crate::site::words::one_line;

/// A piece of software, in schema.org's fields.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Software<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    of_type: &'static str,
    name: String,
    identifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    software_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operating_system: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processor_requirements: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_as: Option<&'a str>,
}

/// The JSON-LD of a module; `url` is where its page will be, when that is known.
pub(in crate::site) fn software(entry: &ModuleEntry, latest: Option<&ReleaseEntry>, url: Option<&str>) -> String {
    let fact = |key: &str| entry.metadata.get(key).map(String::as_str);
    text(&Software {
        context: CONTEXT,
        of_type: "SoftwareApplication",
        name: index::title(entry),
        identifier: entry.name.as_str(),
        url,
        software_version: latest.and_then(version),
        license: fact(metadata::LICENSE).and_then(licence_id).map(|id| format!("https://spdx.org/licenses/{id}")),
        operating_system: latest.filter(|release| is_for_linux(release)).map(|_| "Linux"),
        processor_requirements: latest.and_then(processors),
        description: fact(metadata::DESCRIPTION).and_then(one_line),
        same_as: fact(metadata::HOMEPAGE).and_then(web_link),
    })
}

/// A release's version: what its metadata says, or its name.
fn version(release: &ReleaseEntry) -> Option<String> {
    one_line(release.fact(metadata::VERSION).unwrap_or(release.name().as_str()))
}

/// The SPDX identifier that a licence is, when it is one and not an expression of several.
pub(in crate::site) fn licence_id(text: &str) -> Option<&'static str> {
    spdx::license_id(text).map(|id| id.name).filter(|name| *name == text)
}

/// Whether a release is for Linux, as far as its items say: EESSI's places and images
/// are for nothing else.
fn is_for_linux(release: &ReleaseEntry) -> bool {
    let items = &release.release.items;
    let says_linux = |label: &str| label.starts_with("linux-") || label.starts_with("linux_");
    let is_of_linux = |packtype: &str| matches!(packtype, "cvmfs" | "sif");
    !items.is_empty() && items.iter().all(|(label, ware)| is_of_linux(ware.packtype()) || says_linux(label.as_str()))
}

/// Families of processors, as items name them and as they are called here.
const FAMILIES: &[(&str, &str)] = &[
    ("aarch64", "aarch64"),
    ("amd64", "x86_64"),
    ("arm64", "aarch64"),
    ("ppc64le", "ppc64le"),
    ("riscv64", "riscv64"),
    ("x86_64", "x86_64"),
];

/// The families of processors that a release has items for.
fn processors(release: &ReleaseEntry) -> Option<String> {
    let family = |part: &str| FAMILIES.iter().find(|(label, _)| *label == part).map(|(_, name)| *name);
    let labels = release.release.items.keys();
    let families: BTreeSet<&str> = labels.filter_map(|label| label.as_str().split('-').find_map(family)).collect();
    (!families.is_empty()).then(|| families.into_iter().collect::<Vec<_>>().join(", "))
}
