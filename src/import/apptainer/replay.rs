//! Replays of images, derived from their definition files.
//!
//! An image holds the definition that it was built from, and no more of how: the plot runs
//! `apptainer build` on that text and is marked `derived`. A base that is an image of the
//! same root (`Bootstrap: localimage`) is an input, the release that lies there now; any
//! other base is named in the record only, and the step says that it uses the network. A
//! definition without its secrets may not build.

use super::definition::{Definition, Stage};
use super::image::ImageFile;
use super::secrets;
use crate::model::{
    Action, CatalogRef, ExecAction, GatherDirective, Map, Pipe, Plot, PlotInput, PlotInputSimple, PlotOutput,
    Protoformula, SandboxPort, Step,
};

/// Longest definition that becomes a replay, in bytes.
pub(super) const MAX_DEFINITION: usize = 256 * 1024;
const STEP: &str = "build";
const OUTPUT: &str = "image";
const DEFINITION: &str = "definition";
/// Where the definition stands in the sandbox, and where it runs.
const FOLDER: &str = "build";

/// The replay of an image; `base` finds the release of an image by the path that a
/// definition gives. Nothing where the image says no definition, or too long a one.
pub(super) fn plot(image: &ImageFile, base: impl Fn(&str) -> Option<CatalogRef>) -> Option<Plot> {
    let text = &image.facts.attributes.deffile;
    if text.trim().is_empty() || text.len() > MAX_DEFINITION {
        return None;
    }
    let mut inputs = vec![(
        DEFINITION.to_owned(),
        format!("{FOLDER}/image.def"),
        PlotInputSimple::Literal(format!("{}\n", secrets::without(text))),
    )];
    let mut has_all = true;
    for (agent, from) in Definition::parse(text).stages.iter().map(Stage::base) {
        let is = |name: &str| agent.is_some_and(|agent| agent.eq_ignore_ascii_case(name));
        match from.filter(|_| is("localimage")).and_then(|from| Some((port(from)?, base(from)?))) {
            Some((port, _)) if inputs.iter().any(|(_, other, _)| *other == port) => {}
            Some((port, reference)) => {
                inputs.push((format!("base-{}", inputs.len()), port, PlotInputSimple::Catalog(reference)));
            }
            None => has_all &= is("scratch"),
        }
    }
    let pipe = |label: &str| PlotInputSimple::Pipe(Pipe { step: String::new(), label: label.to_owned() });
    let ports = inputs.iter().map(|(label, port, _)| (SandboxPort::Path(port.clone()), PlotInput::Simple(pipe(label))));
    let ports: Map<SandboxPort, PlotInput> = ports.collect();
    let inputs = inputs.into_iter().map(|(label, _, input)| (label, PlotInput::Simple(input))).collect();
    let out = format!("{FOLDER}/out.sif");
    let command = ["sh", "-c", "cd /build && exec apptainer build out.sif image.def"].map(str::to_owned).to_vec();
    let gather = GatherDirective { from: SandboxPort::Path(out), packtype: "sif".parse().ok(), filters: None };
    let step = Protoformula {
        inputs: ports,
        action: Action::Exec(ExecAction { command, network: (!has_all).then_some(true) }),
        outputs: [(OUTPUT.to_owned(), gather)].into_iter().collect(),
    };
    let pipe = Pipe { step: STEP.to_owned(), label: OUTPUT.to_owned() };
    Some(Plot {
        inputs,
        steps: [(STEP.to_owned(), Step::Protoformula(step))].into_iter().collect(),
        outputs: [(OUTPUT.to_owned(), PlotOutput(pipe))].into_iter().collect(),
    })
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
