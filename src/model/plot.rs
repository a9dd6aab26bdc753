//! Plots: how a release was made, as a graph of steps (`Plot`, `ReplayCapsule`).
//!
//! The whole grammar of Warpforge's schema. Values that the schema writes as one string
//! (`catalog:m:r:i`, `mount:ro:/x`, `pipe:step:label`) are parsed, and written as
//! Warpforge writes them. A *replay* is a plot whose inputs are all fixed; whether a
//! plot is one is a question for `check`, not for its parser.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::cid::WarpforgeCid;
use super::codec;
use super::map::Map;
use super::present;
use super::refs::CatalogRef;
use super::ware::{Packtype, WareId};

/// The capsule that gives a plot its version; it has exactly one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlotCapsule {
    /// Version 1.
    #[serde(rename = "plot.v1")]
    V1(Plot),
}

impl PlotCapsule {
    /// The plot inside.
    #[must_use]
    pub fn into_inner(self) -> Plot {
        let Self::V1(plot) = self;
        plot
    }
}

/// Steps of computation, with named inputs and outputs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plot {
    /// What goes in, by label.
    pub inputs: Map<String, PlotInput>,
    /// The steps, by name.
    pub steps: Map<String, Step>,
    /// What comes out, by label.
    pub outputs: Map<String, PlotOutput>,
}

impl Plot {
    /// The plot's CID, by which a release names its replay: of the plot, without capsule.
    #[must_use]
    pub fn cid(&self) -> WarpforgeCid {
        WarpforgeCid::of_block(&codec::block(self))
    }

    /// Every input of the plot, of its steps and of plots within it.
    pub fn all_inputs(&self) -> Vec<&PlotInputSimple> {
        let mut found: Vec<_> = self.inputs.values().map(PlotInput::basis).collect();
        for step in self.steps.values() {
            match step {
                Step::Plot(plot) => found.extend(plot.all_inputs()),
                Step::Protoformula(formula) => found.extend(formula.inputs.values().map(PlotInput::basis)),
            }
        }
        found
    }

    /// Every catalog reference among the inputs, in order, each as often as it stands.
    pub fn catalog_refs(&self) -> Vec<&CatalogRef> {
        let mut found = Vec::new();
        for input in self.all_inputs() {
            if let PlotInputSimple::Catalog(reference) = input {
                found.push(reference);
            }
        }
        found
    }

    /// Why evaluating this plot would depend on the machine it runs on; empty for a
    /// hermetic one (`threats.md` T-36).
    #[must_use]
    pub fn leaks(&self) -> Vec<String> {
        let mut found = Vec::new();
        for input in self.all_inputs() {
            match input {
                PlotInputSimple::Mount(mount) => found.push(format!("the mount `mount:{}`", short(&mount.to_string()))),
                PlotInputSimple::Ingest(ingest) => {
                    found.push(format!("the ingest `ingest:{}`", short(&ingest.to_string())));
                }
                _ => {}
            }
            if found.len() >= MOST_LEAKS {
                return found;
            }
        }
        self.networked_steps("", &mut found);
        found
    }

    fn networked_steps(&self, within: &str, found: &mut Vec<String>) {
        for (name, step) in &self.steps {
            match step {
                _ if found.len() >= MOST_LEAKS => return,
                Step::Plot(plot) => plot.networked_steps(&short(&format!("{within}{}/", short(name))), found),
                Step::Protoformula(formula) if formula.action.has_network() => {
                    found.push(format!("the network in step `{within}{}`", short(name)));
                }
                Step::Protoformula(_) => {}
            }
        }
    }
}

/// So many leaks of one plot are told: a hostile one could hold millions.
pub const MOST_LEAKS: usize = 20;

/// The beginning of a text that may be of any length.
fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// A step: one computation, or a plot of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Steps within a step.
    #[serde(rename = "plot")]
    Plot(Plot),
    /// One computation.
    #[serde(rename = "protoformula")]
    Protoformula(Protoformula),
}

/// One computation: what is put where, what is run, what is gathered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protoformula {
    /// What is put in, by its place in the sandbox.
    pub inputs: Map<SandboxPort, PlotInput>,
    /// What is run.
    pub action: Action,
    /// What is gathered, by label.
    pub outputs: Map<String, GatherDirective>,
}

/// What a computation runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Nothing but printing the formula.
    #[serde(rename = "echo")]
    Echo(EchoAction),
    /// One process.
    #[serde(rename = "exec")]
    Exec(ExecAction),
    /// Commands for an interpreter.
    #[serde(rename = "script")]
    Script(ScriptAction),
}

impl Action {
    fn has_network(&self) -> bool {
        match self {
            Self::Echo(_) => false,
            Self::Exec(exec) => exec.network == Some(true),
            Self::Script(script) => script.network == Some(true),
        }
    }
}

/// Echoes its formula; it has no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EchoAction {}

/// Runs one process in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecAction {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Whether it may use the network; an explicit `false` is kept, and hashes otherwise than an absent one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub network: Option<bool>,
}

/// Feeds commands to an interpreter in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptAction {
    /// The interpreter's path.
    pub interpreter: String,
    /// The commands, one after the other.
    pub contents: Vec<String>,
    /// Whether it may use the network; see [`ExecAction::network`].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub network: Option<bool>,
}

/// Filters of an input or output, by name, such as `uid` to `1000`.
pub type FilterMap = Map<String, String>;

/// What is gathered from the sandbox when the action ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatherDirective {
    /// From where.
    pub from: SandboxPort,
    /// How it is packed.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub packtype: Option<Packtype>,
    /// What is changed on the way.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub filters: Option<FilterMap>,
}

/// An input, alone or with filters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PlotInput {
    /// The input as it is.
    Simple(PlotInputSimple),
    /// The input through filters.
    Complex(PlotInputComplex),
}

impl PlotInput {
    /// The input, without its filters.
    #[must_use]
    pub fn basis(&self) -> &PlotInputSimple {
        match self {
            Self::Simple(basis) => basis,
            Self::Complex(complex) => &complex.basis,
        }
    }
}

/// By hand, since serde's untagged enums lose the reason and the place of an error.
impl<'de> Deserialize<'de> for PlotInput {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Input;
        impl<'de> serde::de::Visitor<'de> for Input {
            type Value = PlotInput;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an input: a text, or a map of `basis` and `filters`")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<PlotInput, E> {
                text.parse().map(PlotInput::Simple).map_err(E::custom)
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<PlotInput, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                PlotInputComplex::deserialize(map).map(PlotInput::Complex)
            }
        }
        deserializer.deserialize_any(Input)
    }
}

/// An input with filters; both fields must be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlotInputComplex {
    /// The input.
    pub basis: PlotInputSimple,
    /// What is changed on the way in.
    pub filters: FilterMap,
}

/// Why a text is not one of a plot's values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not {wanted}: {reason}", crate::text::shown(.text))]
pub struct PlotError {
    /// The text as it was given, shortened to 200 characters.
    pub text: String,
    /// What it should be.
    pub wanted: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl PlotError {
    fn new(text: &str, wanted: &'static str, reason: impl fmt::Display) -> Self {
        Self { text: text.chars().take(200).collect(), wanted, reason: reason.to_string() }
    }
}

/// Splits `a:b` into exactly two parts.
fn two_parts<'a>(text: &'a str, wanted: &'static str) -> Result<(&'a str, &'a str), PlotError> {
    match text.split_once(':') {
        Some((first, second)) if !second.contains(':') => Ok((first, second)),
        _ => Err(PlotError::new(text, wanted, "it has not exactly one colon")),
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = PlotError;
            fn try_from(text: String) -> Result<Self, PlotError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
    };
}

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PlotInputSimple {
    /// `ware:packtype:hash`.
    Ware(WareId),
    /// `mount:mode:path`: not hermetic.
    Mount(Mount),
    /// `literal:` and any text.
    Literal(String),
    /// `pipe:step:label`.
    Pipe(Pipe),
    /// `catalog:module:release:item`.
    Catalog(CatalogRef),
    /// `ingest:git:path:ref`: not hermetic.
    Ingest(Ingest),
}
as_text!(PlotInputSimple);

impl FromStr for PlotInputSimple {
    type Err = PlotError;
    fn from_str(text: &str) -> Result<Self, PlotError> {
        const WANTED: &str = "an input of a plot";
        let wrong = |reason: &dyn fmt::Display| PlotError::new(text, WANTED, reason);
        let (kind, rest) =
            text.split_once(':').ok_or_else(|| wrong(&"it has no prefix such as `ware:` or `catalog:`"))?;
        match kind {
            "ware" => rest.parse().map(Self::Ware).map_err(|error| wrong(&error)),
            "mount" => rest.parse().map(Self::Mount),
            "literal" => Ok(Self::Literal(rest.to_owned())),
            "pipe" => rest.parse().map(Self::Pipe),
            "catalog" => rest.parse().map(Self::Catalog).map_err(|error| wrong(&error)),
            "ingest" => rest.parse().map(Self::Ingest),
            _ => Err(wrong(&"its prefix is none of `ware:`, `mount:`, `literal:`, `pipe:`, `catalog:` and `ingest:`")),
        }
    }
}

impl fmt::Display for PlotInputSimple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ware(ware) => write!(f, "ware:{ware}"),
            Self::Mount(mount) => write!(f, "mount:{mount}"),
            Self::Literal(text) => write!(f, "literal:{text}"),
            Self::Pipe(pipe) => write!(f, "pipe:{pipe}"),
            Self::Catalog(reference) => write!(f, "catalog:{reference}"),
            Self::Ingest(ingest) => write!(f, "ingest:{ingest}"),
        }
    }
}

/// A folder of the host: `mode:path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// How it is mounted.
    pub mode: MountMode,
    /// The host's path; without a colon.
    pub host_path: String,
}

/// How a folder of the host is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountMode {
    /// `ro`, also read as `readonly`.
    ReadOnly,
    /// `rw`, also read as `readwrite`.
    ReadWrite,
    /// `overlay`.
    Overlay,
}

impl FromStr for Mount {
    type Err = PlotError;
    fn from_str(text: &str) -> Result<Self, PlotError> {
        let (mode, host_path) = two_parts(text, "a mount")?;
        let mode = match mode {
            "ro" | "readonly" => MountMode::ReadOnly,
            "rw" | "readwrite" => MountMode::ReadWrite,
            "overlay" => MountMode::Overlay,
            _ => return Err(PlotError::new(text, "a mount", "its mode is none of `ro`, `rw` and `overlay`")),
        };
        Ok(Self { mode, host_path: host_path.to_owned() })
    }
}

impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            MountMode::ReadOnly => "ro",
            MountMode::ReadWrite => "rw",
            MountMode::Overlay => "overlay",
        };
        write!(f, "{mode}:{}", self.host_path)
    }
}

/// The output of a sibling step, or an input of the plot around it: `step:label`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipe {
    /// The step; empty for the inputs of the plot around it.
    pub step: String,
    /// The label of that step's output or of that input.
    pub label: String,
}

impl FromStr for Pipe {
    type Err = PlotError;
    fn from_str(text: &str) -> Result<Self, PlotError> {
        let (step, label) = two_parts(text, "a pipe")?;
        Ok(Self { step: step.to_owned(), label: label.to_owned() })
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.step, self.label)
    }
}

/// Something of the host that becomes a ware when the plot is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ingest {
    /// `git:path:ref`.
    Git {
        /// The path of the repository on the host; without a colon.
        host_path: String,
        /// The git reference.
        reference: String,
    },
}

impl FromStr for Ingest {
    type Err = PlotError;
    fn from_str(text: &str) -> Result<Self, PlotError> {
        let rest =
            text.strip_prefix("git:").ok_or_else(|| PlotError::new(text, "an ingest", "its prefix is not `git:`"))?;
        let (host_path, reference) = two_parts(rest, "a git ingest")?;
        Ok(Self::Git { host_path: host_path.to_owned(), reference: reference.to_owned() })
    }
}

impl fmt::Display for Ingest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Git { host_path, reference } = self;
        write!(f, "git:{host_path}:{reference}")
    }
}

/// What a plot gives out: always a pipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PlotOutput(
    /// Where it comes from.
    pub Pipe,
);
as_text!(PlotOutput);

impl FromStr for PlotOutput {
    type Err = PlotError;
    fn from_str(text: &str) -> Result<Self, PlotError> {
        let rest = text
            .strip_prefix("pipe:")
            .ok_or_else(|| PlotError::new(text, "an output of a plot", "its prefix is not `pipe:`"))?;
        rest.parse().map(Self)
    }
}

impl fmt::Display for PlotOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pipe:{}", self.0)
    }
}

/// A place in the sandbox: a path or a variable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SandboxPort {
    /// `/` and a path, kept without its first slash.
    Path(String),
    /// `$` and the name of a variable.
    Var(String),
}
as_text!(SandboxPort);

impl FromStr for SandboxPort {
    type Err = PlotError;
    fn from_str(text: &str) -> Result<Self, PlotError> {
        match (text.strip_prefix('/'), text.strip_prefix('$')) {
            (Some(path), _) => Ok(Self::Path(path.to_owned())),
            (_, Some(variable)) => Ok(Self::Var(variable.to_owned())),
            _ => Err(PlotError::new(text, "a place in the sandbox", "it begins with neither `/` nor `$`")),
        }
    }
}

impl fmt::Display for SandboxPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "/{path}"),
            Self::Var(variable) => write!(f, "${variable}"),
        }
    }
}
