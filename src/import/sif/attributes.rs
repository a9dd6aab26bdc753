//! What an image says of itself: labels, scripts, apps.
//!
//! The shape is that of `apptainer inspect --json --all`, whose text an image holds as its
//! object `inspect-metadata.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Value;

/// What `apptainer inspect` tells of an image. What is empty is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    /// Apps in the sense of SCIF, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub apps: BTreeMap<String, App>,
    /// Shell code that sets the environment, by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "labels")]
    pub labels: BTreeMap<String, String>,
    /// What `run` runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runscript: String,
    /// What `test` runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub test: String,
    /// What `run-help` shows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub helpfile: String,
    /// The definition file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub deffile: String,
    /// What `instance start` runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub startscript: String,
}

/// An app of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    /// Shell code that sets the environment, by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "labels")]
    pub labels: BTreeMap<String, String>,
    /// What `run --app` runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub runscript: String,
    /// What `test --app` runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub test: String,
    /// What `run-help --app` shows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub helpfile: String,
    /// What `instance start --app` runs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub startscript: String,
}

#[derive(Deserialize)]
struct Report {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    attributes: Attributes,
}

impl Attributes {
    /// Reads the text of `inspect-metadata.json`.
    ///
    /// # Errors
    /// In words, what is wrong with it.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        // Parsed as a value first: keys that stand twice and numbers that two readers could
        // read differently are refused.
        let checked: Result<Value, _> = serde_json::from_slice(text);
        checked.map_err(|error| error.to_string())?;
        let report: Report = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        Ok(report.data.attributes)
    }
}

/// Labels are text; as Apptainer does, one that is not spoils the whole map.
pub(super) fn parse_labels(text: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let value: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let Value::Map(map) = value else { return Err("the labels are not a map".into()) };
    let text_of = |(key, value): (&String, &Value)| match value.as_text() {
        Some(text) => Ok((key.clone(), text.to_owned())),
        None => Err(format!("the label `{}` is not text, so none is taken", crate::text::shown(key))),
    };
    map.iter().map(text_of).collect()
}

/// A missing map of labels may be written as `null`.
fn labels<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::<BTreeMap<String, String>>::deserialize(deserializer)?.unwrap_or_default())
}
