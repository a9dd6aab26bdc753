//! One build: from its files to its record.

use std::collections::BTreeMap;

use super::name::{BuildId, Kind};
use super::{files, output, secrets};
use crate::import::report::{Diagnostics, quoted};
use crate::import::spack::spec::DagHash;
use crate::model::{Map, Record, RecordCapsule, Value};

const RECORD: &str = "spack.build";
/// The fields of the metadata that say where it was built.
const ENVIRONMENT: [&str; 5] = ["hostname", "platform", "host_os", "host_target", "kernel_version"];
/// The states of builds. Phases have `SUCCESS` and `ERROR`.
const STATES: [&str; 4] = ["NOTRUN", "SUCCESS", "FAILED", "CANCELLED"];
const ERROR: &str = "ERROR";
const FAILED: &str = "FAILED";
/// Only these variables of the environment are kept.
const VARIABLES: &str = "SPACK_";

/// Most phases, tags and variables of a build, each.
const MOST: usize = 256;
/// Longest text that is no output, in bytes.
const MAX_TEXT: usize = 4096;

/// The files of a build, in any number.
#[derive(Debug, Default)]
pub(super) struct Parts {
    metadata: Option<Map<String, Value>>,
    status: Option<Map<String, Value>>,
    analysis: Option<Map<String, Value>>,
    phases: BTreeMap<String, (String, Map<String, Value>)>,
    /// The smallest name of its files.
    first: Option<String>,
}

/// A build as it is recorded.
#[derive(Debug)]
pub(super) struct Build {
    pub(super) record: RecordCapsule,
    /// Whether it, or one of its phases, failed.
    pub(super) has_failed: bool,
}

impl Parts {
    /// Adds a file.
    pub(super) fn add(&mut self, file: &str, kind: Kind, fields: Map<String, Value>) {
        if self.first.as_deref().is_none_or(|first| file < first) {
            self.first = Some(file.to_owned());
        }
        match kind {
            Kind::Spec => {}
            Kind::Metadata(_) => self.metadata = Some(fields),
            Kind::Status(_) => self.status = Some(fields),
            Kind::Analysis(_) => self.analysis = Some(fields),
            Kind::Phase(_, name) => drop(self.phases.insert(name, (file.to_owned(), fields))),
        }
    }

    /// The file that stands for the build in diagnostics.
    pub(super) fn file(&self, id: &BuildId) -> String {
        match &self.metadata {
            Some(_) => id.metadata_file(),
            None => self.first.clone().unwrap_or_default(),
        }
    }

    /// The hash of the build's spec: its `full_hash`, from 0.18 on its `dag_hash` under the
    /// same key.
    pub(super) fn spec_hash(&self) -> Option<&str> {
        self.metadata.as_ref()?.get("full_hash").and_then(Value::as_text)
    }

    /// The record of the build, of the spec with this hash.
    pub(super) fn into_build(self, id: &BuildId, hash: &DagHash, diagnostics: &mut Diagnostics) -> Build {
        let file = self.file(id);
        let mut data = Map::new();
        data.insert("build_id".to_owned(), Value::from(id.id()));
        add_metadata(&mut data, &self.metadata.unwrap_or_default());
        let status = self.status.as_ref().and_then(|status| status.get("status")).and_then(Value::as_text);
        if let Some(status) = status {
            if !STATES.contains(&status) {
                diagnostics.odd(&file, "status", format!("{} is no state of a build", quoted(status)));
            }
            data.insert("status".to_owned(), Value::Text(short(status)));
        }
        let failed_in = add_phases(&mut data, &self.phases, diagnostics);
        let analysis = self.analysis.as_ref().and_then(|analysis| analysis.get("metadata"));
        add_variables(&mut data, analysis.and_then(|analysis| analysis.get("environment_variables")));
        files::add(&mut data, analysis.and_then(|analysis| analysis.get("install_files")), hash);
        let has_failed = failed_in || status == Some(FAILED);
        let record = RecordCapsule::V1(Record { kind: RECORD.to_owned(), data: Value::Map(data) });
        Build { record, has_failed }
    }
}

/// The environment as a map, the tags as a list, Spack's version and the hash as they are;
/// other texts apart, so that none of them passes for one of ours; what a secret name has is
/// not kept.
fn add_metadata(data: &mut Map<String, Value>, metadata: &Map<String, Value>) {
    let (mut environment, mut more) = (Map::new(), Map::new());
    for (key, value) in metadata.iter().take(MOST) {
        let Value::Text(text) = value else { continue };
        match key.as_str() {
            "build_id" => {}
            "tags" => {
                let tags = text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).take(MOST);
                data.insert(key.clone(), Value::List(tags.map(|tag| Value::Text(short(tag))).collect()));
            }
            _ if ENVIRONMENT.contains(&key.as_str()) => drop(environment.insert(key.clone(), Value::Text(short(text)))),
            "spack_version" | "full_hash" => drop(data.insert(key.clone(), Value::Text(short(text)))),
            _ if secrets::is_secret_name(key) => drop(more.insert(short(key), Value::Text("…".to_owned()))),
            _ => drop(more.insert(short(key), Value::Text(short(text)))),
        }
    }
    data.insert("environment".to_owned(), Value::Map(environment));
    if !more.is_empty() {
        data.insert("more".to_owned(), Value::Map(more));
    }
}

/// The phases, and whether one of them failed; those that did are named apart, since the
/// build's own status does not tell where it failed.
fn add_phases(
    data: &mut Map<String, Value>,
    phases: &BTreeMap<String, (String, Map<String, Value>)>,
    diagnostics: &mut Diagnostics,
) -> bool {
    let (mut list, mut failed) = (Vec::new(), Vec::new());
    for (name, (file, fields)) in phases {
        if list.len() == MOST {
            diagnostics.refused(file, ".", format!("the build has more than {MOST} phases: this one is left out"));
            continue;
        }
        if fields.get("phase_name").is_some_and(|own| own.as_text() != Some(name)) {
            diagnostics.odd(file, "phase_name", format!("it is not that of the file's name, {}", quoted(name)));
        }
        let mut phase = Map::new();
        phase.insert("name".to_owned(), Value::Text(short(name)));
        if let Some(status) = fields.get("status").and_then(Value::as_text) {
            phase.insert("status".to_owned(), Value::Text(short(status)));
            if status == ERROR {
                failed.push(Value::Text(short(name)));
            }
        }
        output::add(&mut phase, fields.get("output"));
        list.push(Value::Map(phase));
    }
    let has_failed = !failed.is_empty();
    data.insert("phases".to_owned(), Value::List(list));
    if has_failed {
        data.insert("failed_in".to_owned(), Value::List(failed));
    }
    has_failed
}

/// Spack's own variables; what a secret name has is not kept.
fn add_variables(data: &mut Map<String, Value>, variables: Option<&Value>) {
    let Some(Value::Map(variables)) = variables else { return };
    let kept = variables.iter().filter_map(|(name, value)| {
        let text = value.as_text()?;
        let value = if secrets::is_secret_name(name) { "…".to_owned() } else { short(text) };
        name.starts_with(VARIABLES).then(|| (short(name), Value::Text(value)))
    });
    let mut kept: Vec<(String, Value)> = kept.take(MOST).collect();
    kept.sort_by(|(a, _), (b, _)| a.cmp(b));
    data.insert("environment_variables".to_owned(), Value::Map(kept.into_iter().collect()));
}

/// A text without secrets, and of no great length.
fn short(text: &str) -> String {
    let clean = secrets::clean(text);
    let cut = (0..=MAX_TEXT.min(clean.len())).rev().find(|at| clean.is_char_boundary(*at)).unwrap_or(0);
    clean[..cut].to_owned()
}
