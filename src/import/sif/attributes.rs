//! What an image says of itself: labels, scripts, apps.
//!
//! The shape is that of `apptainer inspect --json --all`, whose text an image holds as its
//! object `inspect-metadata.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Value;

/// Most members of another type that are told of one image.
const MAX_TOLD: usize = 20;

/// What `apptainer inspect` tells of an image. What is empty is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Attributes {
    /// Apps in the sense of SCIF, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub apps: BTreeMap<String, App>,
    /// Shell code that sets the environment, by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct App {
    /// Shell code that sets the environment, by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
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

impl Attributes {
    /// Reads the text of `inspect-metadata.json`. What has another type than it should is
    /// left out and told; Go's decoder, which Apptainer uses, takes `null` for nothing.
    ///
    /// # Errors
    /// In words: it is no JSON, or not of this shape at all.
    pub(super) fn parse(text: &[u8]) -> Result<(Self, Vec<String>), String> {
        // As a `Value`, keys that stand twice and numbers that two readers could read
        // differently are refused.
        let value: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let mut read = Reader { problems: Vec::new() };
        let attributes = value.get("data").and_then(|data| data.get("attributes"));
        let attributes = attributes.ok_or("it has no `data.attributes`")?;
        let found = read.attributes(attributes);
        Ok((found, read.problems))
    }
}

/// Reads members of their types, and collects what has another.
struct Reader {
    problems: Vec<String>,
}

impl Reader {
    fn tell(&mut self, problem: String) {
        if self.problems.len() < MAX_TOLD {
            self.problems.push(problem);
        }
    }

    fn attributes(&mut self, value: &Value) -> Attributes {
        let mut apps = BTreeMap::new();
        for (name, app) in self.map(value, "", "apps") {
            let at = format!("apps[{}]", serde_json::Value::from(name.as_str()));
            if !matches!(app, Value::Map(_) | Value::Null) {
                self.tell(format!("`{at}` is not a map"));
            }
            apps.insert(name.clone(), self.app(app, &format!("{at}.")));
        }
        Attributes {
            apps,
            environment: self.texts(value, "", "environment"),
            labels: self.texts(value, "", "labels"),
            runscript: self.text(value, "", "runscript"),
            test: self.text(value, "", "test"),
            helpfile: self.text(value, "", "helpfile"),
            deffile: self.text(value, "", "deffile"),
            startscript: self.text(value, "", "startscript"),
        }
    }

    fn app(&mut self, value: &Value, at: &str) -> App {
        App {
            environment: self.texts(value, at, "environment"),
            labels: self.texts(value, at, "labels"),
            runscript: self.text(value, at, "runscript"),
            test: self.text(value, at, "test"),
            helpfile: self.text(value, at, "helpfile"),
            startscript: self.text(value, at, "startscript"),
        }
    }

    fn text(&mut self, value: &Value, at: &str, key: &str) -> String {
        match value.get(key) {
            None | Some(Value::Null) => String::new(),
            Some(Value::Text(text)) => text.clone(),
            Some(_) => {
                self.tell(format!("`{at}{key}` is not text"));
                String::new()
            }
        }
    }

    fn map<'v>(&mut self, value: &'v Value, at: &str, key: &str) -> Vec<(&'v String, &'v Value)> {
        match value.get(key) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Map(map)) => map.iter().collect(),
            Some(_) => {
                self.tell(format!("`{at}{key}` is not a map"));
                Vec::new()
            }
        }
    }

    /// A map of texts; as Apptainer does, one that is not spoils the whole map.
    fn texts(&mut self, value: &Value, at: &str, key: &str) -> BTreeMap<String, String> {
        let map = self.map(value, at, key);
        texts(map).unwrap_or_else(|bad| {
            self.tell(format!("`{at}{key}`: {bad}"));
            BTreeMap::new()
        })
    }
}

/// Labels of a file of their own.
pub(super) fn parse_labels(text: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let value: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    match &value {
        Value::Null => Ok(BTreeMap::new()),
        Value::Map(map) => texts(map.iter()),
        _ => Err("the labels are not a map".into()),
    }
}

fn texts<'v>(map: impl IntoIterator<Item = (&'v String, &'v Value)>) -> Result<BTreeMap<String, String>, String> {
    let text_of = |(key, value): (&String, &Value)| match value.as_text() {
        Some(text) => Ok((key.clone(), text.to_owned())),
        None => Err(format!("`{}` is not text, so none is taken", crate::text::shown(key))),
    };
    map.into_iter().map(text_of).collect()
}

#[cfg(test)]
mod tests {
    use super::{Attributes, parse_labels};

    fn read(attributes: &str) -> (Attributes, Vec<String>) {
        Attributes::parse(format!(r#"{{"data": {{"attributes": {attributes}}}, "type": "container"}}"#).as_bytes())
            .unwrap()
    }

    #[test]
    fn what_has_another_type_is_left_out_alone_and_told() {
        let (said, problems) = read(
            r#"{"labels": {"Version": "1", "n": 2}, "runscript": "exec x", "test": ["y"],
                "apps": {"a": {"helpfile": "Help.", "labels": {"b": null}}, "c": 7}, "environment": 1}"#,
        );
        assert_eq!((said.labels.len(), said.runscript.as_str(), said.test.as_str()), (0, "exec x", ""));
        assert_eq!((said.apps.len(), said.apps["a"].helpfile.as_str()), (2, "Help."));
        let mut told = problems;
        told.sort();
        assert_eq!(
            told,
            [
                "`apps[\"a\"].labels`: `b` is not text, so none is taken",
                "`apps[\"c\"]` is not a map",
                "`environment` is not a map",
                "`labels`: `n` is not text, so none is taken",
                "`test` is not text",
            ]
        );
    }

    #[test]
    fn null_is_nothing_and_what_is_unknown_is_passed_over() {
        let (said, problems) = read(r#"{"labels": null, "apps": null, "runscript": null, "new": {"a": [1]}}"#);
        assert_eq!((said, problems), (Attributes::default(), Vec::new()));
        assert_eq!(parse_labels(b"null").unwrap().len(), 0);
    }

    #[test]
    fn another_shape_is_refused() {
        for bad in ["", "[]", "{}", r#"{"data": {}}"#, r#"{"data": {"attributes": {"a": 1, "a": 2}}}"#] {
            assert!(Attributes::parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse_labels(b"[]").is_err());
    }

    #[test]
    fn many_problems_are_told_up_to_a_limit() {
        let apps: Vec<String> = (0..100).map(|n| format!(r#""a{n}": 1"#)).collect();
        let (said, problems) = read(&format!(r#"{{"apps": {{{}}}}}"#, apps.join(", ")));
        assert_eq!((said.apps.len(), problems.len()), (100, 20));
    }
}
