//! The data of "Use it", for pages and for their JSON.

use serde::Serialize;

use crate::site::pages::Link;

/// A tool that a visitor may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tool {
    /// Its name in data and in the visitor's browser.
    pub(super) id: &'static str,
    /// Its name on the page.
    pub(super) name: &'static str,
}

/// EESSI, mounted by CernVM-FS.
pub(super) const EESSI: Tool = Tool { id: "eessi", name: "EESSI" };
/// Environment modules of another origin.
pub(super) const MODULE: Tool = Tool { id: "module", name: "Environment module" };
/// Spack.
pub(super) const SPACK: Tool = Tool { id: "spack", name: "Spack" };
/// Apptainer, and Singularity.
pub(super) const APPTAINER: Tool = Tool { id: "apptainer", name: "Apptainer" };
/// Docker, and what takes its commands.
pub(super) const DOCKER: Tool = Tool { id: "docker", name: "Docker" };
/// This program.
pub(super) const WARECAT: Tool = Tool { id: "warecat", name: "warecat" };

/// What to type for a release.
#[derive(Debug, Serialize)]
pub(in crate::site) struct UseIt {
    pub(in crate::site) heading: String,
    /// The anchor of the release's section.
    pub(in crate::site) id: String,
    pub(in crate::site) release: Link,
    pub(in crate::site) panels: Vec<Panel>,
    /// Whether a command is not shown, since a shell would read more into a name.
    pub(in crate::site) withheld: bool,
}

/// The commands of one tool.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Panel {
    pub(in crate::site) tool: &'static str,
    pub(in crate::site) name: &'static str,
    pub(in crate::site) commands: Vec<Command>,
}

/// Lines to type, and what they do.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Command {
    pub(in crate::site) label: String,
    /// The item that they are for, where each has lines of its own.
    pub(in crate::site) item: Option<String>,
    pub(in crate::site) lines: Vec<Vec<Part>>,
}

/// A part of a line.
#[derive(Debug, Serialize)]
pub(in crate::site) struct Part {
    pub(in crate::site) text: String,
    /// What takes its place when a visitor chooses another item: `item` or `ware`.
    pub(in crate::site) of: Option<&'static str>,
}

impl Part {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), of: None }
    }

    pub(super) fn of(of: &'static str, text: &str) -> Self {
        Self { text: text.to_owned(), of: Some(of) }
    }

    /// A line that is the same for every item.
    pub(super) fn line(text: String) -> Vec<Self> {
        vec![Self::text(text)]
    }
}

/// Lines to type, as data.
#[derive(Debug, Serialize)]
pub(in crate::site) struct UseData {
    tool: &'static str,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<String>,
    lines: Vec<String>,
}

impl Panel {
    pub(super) fn into_data(self) -> impl Iterator<Item = UseData> {
        let line = |parts: Vec<Part>| parts.into_iter().map(|part| part.text).collect();
        self.commands.into_iter().map(move |command| UseData {
            tool: self.tool,
            label: command.label,
            item: command.item,
            lines: command.lines.into_iter().map(line).collect(),
        })
    }
}
