//! Replays of concrete specs, derived from their dependencies.
//!
//! The inputs are the releases of the direct dependencies, of every type (build, link,
//! run, test), at the item of their tarball where it is known and else at `spec`. The one
//! step asks Spack for the very spec, by its hash. What Spack fetches for it (its sources,
//! its recipe) is not named, so the plot says what was built from what, not every byte.

use std::collections::BTreeMap;

use super::hash::DagHash;
use super::node::{Dependency, Node};
use super::propose::PACKTYPE;
use crate::model::{
    Action, CatalogRef, ExecAction, GatherDirective, ItemLabel, Map, ModuleName, Pipe, Plot, PlotInput,
    PlotInputSimple, PlotOutput, Protoformula, ReleaseName, SandboxPort, Step,
};

const STEP: &str = "install";
const OUTPUT: &str = "out";
/// The folder of the sandbox that holds installed specs, as Spack's own default has it.
const TREE: &str = "opt/spack";

/// Where a node's release lies in the catalog, and the item by which others use it.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) module: ModuleName,
    pub(super) release: ReleaseName,
    pub(super) item: ItemLabel,
}

/// The replay of a node; a dependency that has no site is no input.
pub(super) fn plot(node: &Node, sites: &BTreeMap<DagHash, Site>, is_input: impl Fn(&DagHash) -> bool) -> Plot {
    let mut inputs = Map::new();
    let mut ports = Map::new();
    let mut dependencies: Vec<&Dependency> = node.dependencies.iter().filter(|one| is_input(&one.hash)).collect();
    dependencies.sort_by(|a, b| (&a.name, a.hash).cmp(&(&b.name, b.hash)));
    for dependency in dependencies {
        let Some(site) = sites.get(&dependency.hash) else { continue };
        let label = format!("{}-{}", site.module.last_segment(), dependency.hash);
        let reference =
            CatalogRef { module: site.module.clone(), release: site.release.clone(), item: site.item.clone() };
        inputs.insert(label.clone(), PlotInput::Simple(PlotInputSimple::Catalog(reference)));
        let pipe = Pipe { step: String::new(), label: label.clone() };
        ports.insert(port(&label), PlotInput::Simple(PlotInputSimple::Pipe(pipe)));
    }
    let command = vec!["spack".to_owned(), "install".to_owned(), format!("/{}", node.hash)];
    let place = port(&format!("{}-{}", node.name, node.hash));
    let gather = GatherDirective { from: place, packtype: PACKTYPE.parse().ok(), filters: None };
    let step = Protoformula {
        inputs: ports,
        action: Action::Exec(ExecAction { command, network: None }),
        outputs: [(OUTPUT.to_owned(), gather)].into_iter().collect(),
    };
    let output = PlotOutput(Pipe { step: STEP.to_owned(), label: OUTPUT.to_owned() });
    Plot {
        inputs,
        steps: [(STEP.to_owned(), Step::Protoformula(step))].into_iter().collect(),
        outputs: [(OUTPUT.to_owned(), output)].into_iter().collect(),
    }
}

fn port(name: &str) -> SandboxPort {
    SandboxPort::Path(format!("{TREE}/{name}"))
}
