//! A concrete spec and its builds as a release's section shows them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::pages::{Link, RecordView};
use super::record_view::{self, Node};
use super::release_section::Sections;
use super::spack::{self, Spec};
use super::words::{self, Shown, counted, one_line, shown};
use crate::catalog::ReleaseEntry;
use crate::model::{CatalogRef, Map, Record, RecordCid, Value, metadata};

/// Most rows of one table that are shown; the record has them all.
const MAX_ROWS: usize = 2000;
/// Longest list that is shown open.
const FEW: usize = 24;

/// A concrete spec.
#[derive(Debug, Serialize)]
pub(super) struct SpecView {
    parameters: Vec<Shown>,
    facts: Vec<SpecFact>,
    /// What is out of the ordinary with it, a sentence each.
    notes: Vec<Shown>,
    dependencies: Vec<DependencyRow>,
    dependencies_text: String,
    dependencies_open: bool,
    /// The best way to install it.
    command: Option<spack::Way>,
    withheld: bool,
}

/// Something that a spec says, with its name.
#[derive(Debug, Serialize)]
struct SpecFact {
    key: &'static str,
    value: Shown,
    /// Whether it is to be copied rather than read.
    is_id: bool,
}

/// A spec that another one needs.
#[derive(Debug, Serialize)]
struct DependencyRow {
    name: Link,
    types: Shown,
    virtuals: Shown,
    hash: Option<Shown>,
}

/// A build of a spec.
#[derive(Debug, Serialize)]
pub(super) struct BuildView {
    cid: String,
    id: Option<String>,
    status: Option<String>,
    /// Whether it succeeded, where the status says either.
    succeeded: Option<bool>,
    on: Option<String>,
    phases: Vec<PhaseView>,
    rest: Option<Node>,
    /// The whole record, when not all of it is shown.
    data: Option<String>,
}

/// A phase of a build.
#[derive(Debug, Serialize)]
struct PhaseView {
    name: String,
    status: Option<String>,
    output: Option<Shown>,
}

impl Sections<'_> {
    /// The concrete spec of a release, when its record holds one; takes the releases
    /// that its dependencies are out of `wanted`.
    pub(super) fn spec(&self, release: &ReleaseEntry, wanted: &mut Vec<&CatalogRef>) -> Option<SpecView> {
        let (_, record) = self.entry.record_of(release)?;
        let spec = Spec::of(record)?;
        let install = spack::install(self.entry, release);
        let dependencies = spec.dependencies();
        let by_hash = spack::by_hash(wanted);
        let found = |dependency: &spack::Dependency<'_>| by_hash.get(dependency.hash?).copied();
        let rows = dependencies.iter().take(MAX_ROWS).map(|needed| self.dependency(needed, found(needed))).collect();
        let met: BTreeSet<_> = dependencies.iter().filter_map(found).collect();
        wanted.retain(|reference| !met.contains(reference));
        Some(SpecView {
            parameters: spec.parameters().iter().take(MAX_ROWS).map(|word| shown(word)).collect(),
            facts: facts(&spec),
            notes: notes(&spec, release),
            dependencies_text: counted(dependencies.len(), "spec", "specs"),
            dependencies_open: dependencies.len() <= FEW,
            dependencies: rows,
            withheld: install.withheld,
            command: install.ways.into_iter().next(),
        })
    }

    fn dependency(&self, dependency: &spack::Dependency<'_>, release: Option<&CatalogRef>) -> DependencyRow {
        let id = release.and_then(|reference| self.index.release(&reference.module, &reference.release));
        let text = match id {
            Some(id) => {
                let version = version_of(self.index.release_name(id).as_str());
                format!("{} {version}", self.index.label(id.0).title)
            }
            None => shown(dependency.name).text,
        };
        DependencyRow {
            name: Link { text, href: id.map(|id| self.index.link_to(self.place, id)) },
            types: shown(&dependency.types.join(", ")),
            virtuals: shown(&dependency.virtuals.join(", ")),
            hash: dependency.hash.map(shown),
        }
    }

    /// The record of a concrete spec, its node taken apart.
    pub(super) fn spec_record(&mut self, cid: &RecordCid, record: &Record) -> Option<RecordView> {
        let spec = Spec::of(record)?;
        let Value::Map(data) = &record.data else { return None };
        let part = |(key, value): (&String, &Value)| {
            (key.clone(), if key == "node" { spec.node().clone() } else { value.clone() })
        };
        let data = Value::Map(data.iter().map(part).collect::<Map<_, _>>());
        Some(self.record_as(cid, record, &data))
    }

    /// The builds of a release, in the order in which it names them.
    pub(super) fn builds(&mut self, release: &ReleaseEntry) -> Vec<BuildView> {
        let entry = self.entry;
        entry.builds_of(release).take(MAX_ROWS).map(|(cid, record)| self.build(cid, record)).collect()
    }

    fn build(&mut self, cid: &RecordCid, record: &Record) -> BuildView {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_text).and_then(one_line);
        let mut cut = false;
        let phases = record.data.get("phases").map(Value::items).unwrap_or_default();
        cut |= phases.len() > MAX_ROWS;
        let phases = phases
            .iter()
            .take(MAX_ROWS)
            .map(|phase| {
                let output = phase.get("output").and_then(Value::as_text).filter(|text| !text.trim().is_empty());
                let output = output.map(shown);
                cut |= output.as_ref().is_some_and(|output| output.cut.is_some());
                PhaseView {
                    name: text(phase, "name").unwrap_or_else(|| "phase".into()),
                    status: text(phase, "status"),
                    output,
                }
            })
            .collect();
        let status = text(&record.data, "status");
        let rest = rest(&record.data).map(|rest| record_view::node(&rest, &mut cut));
        BuildView {
            cid: cid.to_string(),
            id: text(&record.data, "build_id").or_else(|| text(&record.data, "id")),
            succeeded: status.as_deref().and_then(succeeded),
            status,
            on: record.data.get("environment").and_then(|on| text(on, "host_os")),
            phases,
            rest,
            data: cut.then(|| self.record_data(cid, record)),
        }
    }
}

/// The version that a spec's release is named after: its name without the hash.
fn version_of(release: &str) -> &str {
    release.rsplit_once('-').map_or(release, |(version, _)| version)
}

/// What a build says beyond its name, its status and its phases.
fn rest(data: &Value) -> Option<Value> {
    let Value::Map(data) = data else { return Some(data.clone()) };
    let further = data.iter().filter(|(key, _)| !matches!(key.as_str(), "build_id" | "id" | "status" | "phases"));
    let further: Map<_, _> = further.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!further.is_empty()).then_some(Value::Map(further))
}

fn succeeded(status: &str) -> Option<bool> {
    match status {
        "SUCCESS" => Some(true),
        "FAILED" | "ERROR" => Some(false),
        _ => None,
    }
}

fn facts(spec: &Spec) -> Vec<SpecFact> {
    let compiler = spec.compiler();
    let external = spec.external();
    let modules = external.as_ref().map(|external| external.modules.join(", ")).filter(|modules| !modules.is_empty());
    let known = [
        ("compiler", compiler.as_deref(), false),
        ("target", spec.target(), false),
        ("system", spec.os(), false),
        ("platform", spec.platform(), false),
        ("namespace", spec.namespace(), false),
        ("lies at", external.as_ref().and_then(|external| external.path), true),
        ("modules", modules.as_deref(), false),
        ("hash", spec.hash(), true),
        ("recipe hash", spec.package_hash(), true),
        ("built as", spec.built_as(), true),
    ];
    let fact = |(key, value, is_id): (&'static str, Option<&str>, bool)| {
        Some(SpecFact { key, value: words::shown(value?), is_id })
    };
    known.into_iter().filter_map(fact).collect()
}

/// What is out of the ordinary with a spec.
fn notes(spec: &Spec, release: &ReleaseEntry) -> Vec<Shown> {
    let kind = release.fact(metadata::KIND);
    let mut notes = Vec::new();
    if spec.external().is_some() || kind == Some("external") {
        notes.push("External: it was on the machine before Spack, which neither built it nor installs it.");
    }
    if spec.built_as().is_some() || kind == Some("spliced") {
        notes.push("Spliced: it was built with other dependencies, which were replaced afterwards; its hash is not that of the node below.");
    }
    notes.into_iter().map(shown).collect()
}

/// What is known of the signature of a release's tarball, a sentence each.
pub(super) fn signature(release: &ReleaseEntry) -> Vec<Shown> {
    let (signed, verified) = (release.fact(metadata::SIGNED_BY), release.fact(metadata::VERIFIED_BY));
    let sentence = match (signed, verified) {
        (_, Some(key)) => format!("Signed, and verified at import with the key {key}."),
        (Some(key), None) => format!("Signed by {key}, not verified here: whether the signature is good is not known."),
        (None, None) if release.release.items.values().any(|ware| ware.packtype() == "spack") => "Not signed.".into(),
        (None, None) => return Vec::new(),
    };
    vec![shown(&sentence)]
}
