//! A job template: what it is called, where it runs, which image it names, and the shell
//! texts in it.

use super::path;
use super::script::{IMAGE_VARIABLE, Lines, Script};
use super::slurm;
use super::yaml::{Node, Text};
use crate::model::{Architecture, Demand, Job, JobPlace, WantedImage};

/// Reads a template. What it does not have is absent; a file of another kind asks for
/// nothing.
pub(super) fn read(root: &Node) -> Job {
    let field = |section: &str, key: &str| root.get(section)?.get(key)?.text();
    let value = |section: &str, key: &str| field(section, key).map(|text| text.text.trim().to_owned());
    let place = JobPlace {
        partitions: value("slurm", "partition").map_or_else(Vec::new, |names| slurm::partitions(&names)),
        architecture: value("slurm", "constraint").and_then(|features| slurm::architecture(&features)),
    };
    let mut demands = Vec::new();
    let image = field("apptainer", "image_name");
    if let Some(text) = image {
        let asked = WantedImage {
            app: value("apptainer", "app"),
            version: value("apptainer", "version"),
            architecture: value("apptainer", "arch").and_then(|name| Architecture::parse(&name)),
            ..WantedImage::default()
        };
        demands.extend(demand(text, asked));
    }
    let script = root.get("script");
    for text in other_texts(root).filter(|text| text.text.starts_with("catalog:")) {
        if !image.is_some_and(|image| std::ptr::eq(image, text)) {
            demands.extend(demand(text, WantedImage::default()));
        }
    }
    let mut reader = Script::default();
    if let Some(image) = image {
        reader.set(IMAGE_VARIABLE, image.text.trim());
    }
    for text in script.map(Node::texts).unwrap_or_default() {
        let lines = if text.is_block { Lines::From(text.line) } else { Lines::All(text.line) };
        reader.read(&text.text, lines);
    }
    demands.extend(reader.into_demands());
    Job { template_id: value("template", "id"), place, demands }
}

/// The texts outside `script`.
fn other_texts(root: &Node) -> impl Iterator<Item = &Text> {
    let members = match root {
        Node::Map(members) => members.as_slice(),
        _ => &[],
    };
    members.iter().filter(|(key, _)| key != "script").flat_map(|(_, node)| node.texts())
}

fn demand(text: &Text, image: WantedImage) -> Option<Demand> {
    let word = text.text.trim();
    let wanted = path::wanted(word, image)?;
    Some(Demand { line: text.line, text: word.to_owned(), wanted })
}
