//! Sidecars: JSON files in which a site keeps what it knows of its images.
//!
//! One file for each image, named as it, with the fields `id`, `name`, `partition` (or
//! `type`), `path`, `size`, `version`, `description`, `apps`, `labels`,
//! `available_on_nodes`; others are kept. And `node_availability.json`, with lists of images
//! by partition and node. What a sidecar says never goes before what its image says: it
//! adds to it, and a contradiction is reported.

use std::collections::{BTreeMap, BTreeSet};

use super::image::ImageFile;
use crate::import::report::quoted;
use crate::model::{Map, Value};

/// Largest sidecar that is read, in bytes.
pub const MAX_SIDECAR: u64 = 1024 * 1024;
/// The file that says which nodes have which images.
pub(super) const NODES: &str = "node_availability.json";
/// Most contradictions of one sidecar that are told.
const MAX_TOLD: usize = 20;

/// A sidecar that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sidecar {
    /// Its file, below the root.
    pub(super) file: String,
    /// The name of its image's file, without `.sif`.
    pub(super) stem: String,
    /// What it says.
    pub(super) fields: Map<String, Value>,
}

impl Sidecar {
    /// Reads a sidecar.
    pub(super) fn parse(file: &str, bytes: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("it cannot be read: {error}"))?;
        let Value::Map(fields) = value else { return Err("it is not a map".into()) };
        let name = fields.get("name").and_then(Value::as_text).and_then(|name| name.strip_suffix(".sif"));
        let own = file.rsplit('/').next().unwrap_or_default().strip_suffix(".json").unwrap_or_default();
        let stem = name.or_else(|| fields.get("id").and_then(Value::as_text)).unwrap_or(own).to_owned();
        Ok(Self { file: file.to_owned(), stem, fields })
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_text).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The partition that it names.
    pub(super) fn partition(&self) -> Option<&str> {
        self.text("partition").or_else(|| self.text("type"))
    }

    /// What describes the image, when it is more than its name.
    pub(super) fn description(&self) -> Option<&str> {
        self.text("description").filter(|text| *text != self.stem)
    }

    /// What it says otherwise than its image, by field.
    pub(super) fn contradictions(&self, image: &ImageFile) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut odd = |field: &str, message: String| {
            if found.len() < MAX_TOLD {
                found.push((field.to_owned(), message));
            }
        };
        match self.fields.get("size") {
            Some(Value::Integer(size)) if u64::try_from(*size).ok() != Some(image.size) => {
                odd("size", format!("it says {size} bytes, but the image has {}", image.size));
            }
            Some(Value::Integer(_)) | None => {}
            Some(_) => odd("size", "it is not a number of bytes".into()),
        }
        if let Some(path) = self.text("path")
            && !(path == image.path || path.ends_with(&format!("/{}", image.place())))
        {
            odd("path", format!("it says {}, but the image is `{}`", quoted(path), image.path));
        }
        if let (Some(said), Some(partition)) = (self.partition(), &image.partition)
            && said != partition
        {
            odd("partition", format!("it says {}, but the image is in {}", quoted(said), quoted(partition)));
        }
        if let Some(version) = self.text("version").filter(|version| *version != "unknown") {
            let label = image.facts.version();
            if version != image.name.release && label.is_some_and(|label| label != version) {
                let (label, release) = (quoted(label.unwrap_or_default()), quoted(&image.name.release));
                odd(
                    "version",
                    format!("it says {}, but the image's label {label} and file {release}", quoted(version)),
                );
            }
        }
        self.labels(image, &mut odd);
        self.apps(image, &mut odd);
        found
    }

    fn labels(&self, image: &ImageFile, odd: &mut dyn FnMut(&str, String)) {
        let Some(Value::Map(labels)) = self.fields.get("labels") else { return };
        for (key, value) in labels {
            let field = format!("labels[{}]", serde_json::Value::from(key.as_str()));
            let said = value.as_text().map_or("something that is not text".to_owned(), quoted);
            match image.facts.attributes.labels.get(key) {
                Some(own) if Some(own.as_str()) == value.as_text() => {}
                Some(own) => odd(&field, format!("it says {said}, but the image {}", quoted(own))),
                None => odd(&field, format!("it says {said}, but the image has no such label")),
            }
        }
    }

    fn apps(&self, image: &ImageFile, odd: &mut dyn FnMut(&str, String)) {
        let said: BTreeSet<&str> =
            self.fields.get("apps").map(Value::items).unwrap_or_default().iter().filter_map(Value::as_text).collect();
        let own: BTreeSet<&str> = image.facts.attributes.apps.keys().map(String::as_str).collect();
        if !said.is_empty() && said != own {
            let list = |apps: BTreeSet<&str>| apps.into_iter().take(10).map(quoted).collect::<Vec<_>>().join(", ");
            odd(
                "apps",
                format!(
                    "it says {}, but the image {}",
                    list(said),
                    if own.is_empty() { "has none".into() } else { list(own) }
                ),
            );
        }
    }
}

/// Which nodes have which images: nodes by partition and the name of the image's file.
pub(super) type Nodes = BTreeMap<(String, String), BTreeSet<String>>;

/// Reads `node_availability.json`; what has another shape is left out.
pub(super) fn nodes(bytes: &[u8]) -> Result<Nodes, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    let Some(Value::Map(partitions)) = value.get("partitions") else {
        return Err("it has no map of `partitions`".into());
    };
    let mut found = Nodes::new();
    for (partition, nodes) in partitions {
        let Value::Map(nodes) = nodes else { continue };
        for (node, images) in nodes {
            for image in images.items().iter().filter_map(Value::as_text) {
                found.entry((partition.clone(), image.to_owned())).or_default().insert(node.clone());
            }
        }
    }
    Ok(found)
}
