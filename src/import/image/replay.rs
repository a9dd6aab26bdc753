//! Replays of images, derived from their definition files.
//!
//! An image holds the definition that it was built from, and no more of how: the plot runs
//! `apptainer build` on that text and is marked `derived`. A base that the catalog has is an
//! input, the release that is there now. One that the definition reads as a file
//! (`Bootstrap: localimage`) lies where it looks for it; one of a registry lies beside the
//! definition, to say which it was, and is fetched by its name all the same, so the step
//! says that it uses the network. Any other base is named in the record only. A definition
//! without its secrets may not build.

use super::definition::{Definition, Stage};
use super::secrets;
use crate::model::{
    Action, CatalogRef, ExecAction, GatherDirective, Map, Pipe, Plot, PlotInput, PlotInputSimple, PlotOutput,
    Protoformula, SandboxPort, Step,
};

/// Longest definition that becomes a replay, in bytes.
const MAX_DEFINITION: usize = 256 * 1024;
const STEP: &str = "build";
const OUTPUT: &str = "image";
const DEFINITION: &str = "definition";
/// Where the definition stands in the sandbox, and where it runs.
const FOLDER: &str = "build";

/// A base that the catalog has.
pub(in crate::import) enum Base {
    /// The definition reads it as a file, by this path.
    File(String, CatalogRef),
    /// The definition fetches it from a registry.
    Fetched(CatalogRef),
}

/// What is wrong with a definition, so that there is no replay; nothing when it is well, or
/// there is none.
pub(in crate::import) fn problem(definition: &str) -> Option<String> {
    let is_long = definition.len() > MAX_DEFINITION;
    is_long.then(|| format!("its definition has more than {MAX_DEFINITION} bytes: there is no replay"))
}

/// The replay of an image with this definition; `base` finds what a stage is built from, and
/// is told of the last stage, which becomes the image. Nothing where there is no definition,
/// or too long a one.
pub(in crate::import) fn plot(definition: &str, base: impl Fn(&Stage, bool) -> Option<Base>) -> Option<Plot> {
    if definition.trim().is_empty() || definition.len() > MAX_DEFINITION {
        return None;
    }
    let text = PlotInputSimple::Literal(format!("{}\n", secrets::without(definition)));
    let mut inputs = vec![(DEFINITION.to_owned(), format!("{FOLDER}/image.def"), text)];
    let mut has_all = true;
    let stages = Definition::parse(definition).stages;
    for (number, stage) in stages.iter().enumerate() {
        let label = format!("base-{}", inputs.len());
        let (port, reference) = match base(stage, number + 1 == stages.len()) {
            Some(Base::File(path, reference)) => match port(&path) {
                Some(port) => (port, reference),
                None => {
                    has_all = false;
                    continue;
                }
            },
            Some(Base::Fetched(reference)) => {
                has_all = false;
                (format!("{FOLDER}/{label}"), reference)
            }
            None => {
                has_all &= stage.base().0.is_some_and(|agent| agent.eq_ignore_ascii_case("scratch"));
                continue;
            }
        };
        let input = PlotInputSimple::Catalog(reference);
        let is_there = |(_, other, same): &(String, String, PlotInputSimple)| *other == port || *same == input;
        if !inputs.iter().any(is_there) {
            inputs.push((label, port, input));
        }
    }
    Some(build(inputs, has_all))
}

/// The plot that builds a definition with these inputs: label, place in the sandbox, what it
/// is.
fn build(inputs: Vec<(String, String, PlotInputSimple)>, is_closed: bool) -> Plot {
    let pipe = |label: &str| PlotInputSimple::Pipe(Pipe { step: String::new(), label: label.to_owned() });
    let ports = inputs.iter().map(|(label, port, _)| (SandboxPort::Path(port.clone()), PlotInput::Simple(pipe(label))));
    let ports: Map<SandboxPort, PlotInput> = ports.collect();
    let inputs = inputs.into_iter().map(|(label, _, input)| (label, PlotInput::Simple(input))).collect();
    let out = format!("{FOLDER}/out.sif");
    let command = ["sh", "-c", "cd /build && exec apptainer build out.sif image.def"].map(str::to_owned).to_vec();
    let gather = GatherDirective { from: SandboxPort::Path(out), packtype: super::SIF.parse().ok(), filters: None };
    let step = Protoformula {
        inputs: ports,
        action: Action::Exec(ExecAction { command, network: (!is_closed).then_some(true) }),
        outputs: [(OUTPUT.to_owned(), gather)].into_iter().collect(),
    };
    let pipe = Pipe { step: STEP.to_owned(), label: OUTPUT.to_owned() };
    Plot {
        inputs,
        steps: [(STEP.to_owned(), Step::Protoformula(step))].into_iter().collect(),
        outputs: [(OUTPUT.to_owned(), PlotOutput(pipe))].into_iter().collect(),
    }
}

/// Where the sandbox has what the definition calls by this path; nothing for a path that is
/// not plain.
fn port(from: &str) -> Option<String> {
    let (folder, path) = match from.strip_prefix('/') {
        Some(path) => (String::new(), path),
        None => (format!("{FOLDER}/"), from.strip_prefix("./").unwrap_or(from)),
    };
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(|c: char| c.is_control());
    path.split('/').all(is_plain).then(|| format!("{folder}{path}"))
}
