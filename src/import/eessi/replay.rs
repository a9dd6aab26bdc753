//! Replays of installed versions, derived from what they require.
//!
//! EESSI publishes what a module loads, never how it was built; what is written here is
//! marked `derived`. The inputs are the modules that it requires *directly*: the closure
//! less all that another required module requires as well. The one step runs EasyBuild
//! with the module's easyconfig, whose name is the module's, and gathers the place where
//! the release lies, with packtype `cvmfs`: packing that place gives the very ware that
//! the release's item names. Each input stands in the sandbox at its own place below
//! `/cvmfs`, where the module looks for it. The compatibility layer, EasyBuild and
//! sources are not named, so the plot says what was built from what, not every byte.
//!
//! The plot is at one named target: `x86_64/generic` where there is one, else the first
//! other `…/generic` in sorted order, else the first in sorted order; with accelerators,
//! the one of the shortest and then smallest name (`cc70` before `cc100`), to which
//! upstream adds newer ones. So a new target that upstream adds does not change a replay,
//! unless it adds the first generic one. An input is the dependency's item for the bare
//! CPU target, or, when it lies below `accel/` as well, its item for the same accelerator.

use super::entry::Place;
use super::entry::Reader;
use super::software::{Installed, Stock};
use super::target::Target;
use crate::import::report::quoted;
use crate::model::{
    Action, CatalogRef, ExecAction, GatherDirective, Map, ModuleName, Pipe, Plot, PlotInput, PlotInputSimple,
    PlotOutput, Protoformula, SandboxPort, Step,
};

const STEP: &str = "install";
const OUTPUT: &str = "out";

/// Which versions each version requires, as numbers in the stock.
#[derive(Debug)]
pub(super) struct Requirements(Vec<Vec<usize>>);

impl Requirements {
    /// Finds every required module in the stock; what is not there is reported.
    pub(super) fn of(stock: &Stock<'_>, reader: &mut Reader<'_>) -> Self {
        let find = |one: &Installed<'_>| {
            let mut found = Vec::new();
            for module in one.facts.required.modules.iter().filter(|module| **module != one.facts.module.full) {
                match stock.find(&one.facts.stack.version, module) {
                    Some(number) => found.push(number),
                    None => report_unknown(one.place.get(), module, reader),
                }
            }
            found.sort_unstable();
            found
        };
        Self(stock.all.iter().map(find).collect())
    }

    fn requires(&self, one: usize, other: usize) -> bool {
        self.0[one].binary_search(&other).is_ok()
    }

    /// The direct requirements of a version. Two that require each other are both kept.
    pub(super) fn direct(&self, one: usize) -> Vec<usize> {
        let required = &self.0[one];
        let is_direct = |candidate: usize| {
            !required
                .iter()
                .any(|&via| via != candidate && self.requires(via, candidate) && !self.requires(candidate, via))
        };
        required.iter().copied().filter(|candidate| is_direct(*candidate)).collect()
    }
}

fn report_unknown(place: Place<'_>, module: &str, reader: &mut Reader<'_>) {
    let message = format!("{} is not among the modules of this EESSI version: the replay lacks it", quoted(module));
    reader.odd(place, "required_modules", message);
}

/// The replay of a version; `module` gives the catalog's name of a version's module.
pub(super) fn plot<'s>(
    number: usize,
    stock: &'s Stock<'_>,
    requirements: &Requirements,
    module: impl Fn(&'s Installed<'_>) -> ModuleName,
    reader: &mut Reader<'_>,
) -> Option<Plot> {
    let one = &stock.all[number];
    let home = one.facts.targets.list.iter().min_by_key(|target| preference(target))?;
    let at = one.facts.targets.list.iter().position(|target| target == home)?;
    let mut direct = direct_inputs(number, stock, requirements, reader);
    direct.sort_by(|a, b| a.facts.module.full.cmp(&b.facts.module.full));
    let mut inputs = Map::new();
    let mut ports = Map::new();
    for dependency in direct {
        let label = &dependency.facts.module.full;
        let Some(item) = item_of(dependency, home) else {
            let message = format!("`{label}` is not built for {}: the replay lacks it", quoted(&home.folder()));
            reader.odd(one.place.get(), "required_modules", message);
            continue;
        };
        let reference = CatalogRef {
            module: module(dependency),
            release: dependency.release.clone(),
            item: dependency.facts.targets.list[item].label.clone(),
        };
        inputs.insert(label.clone(), PlotInput::Simple(PlotInputSimple::Catalog(reference)));
        let pipe = Pipe { step: String::new(), label: label.clone() };
        ports.insert(port(&dependency.locations[item].mounted()), PlotInput::Simple(PlotInputSimple::Pipe(pipe)));
    }
    let step = protoformula(one, home, &one.locations[at].mounted(), ports);
    let outputs = [(OUTPUT.to_owned(), PlotOutput(Pipe { step: STEP.to_owned(), label: OUTPUT.to_owned() }))];
    let steps = [(STEP.to_owned(), Step::Protoformula(step))];
    Some(Plot { inputs, steps: steps.into_iter().collect(), outputs: outputs.into_iter().collect() })
}

/// The direct requirements, without those that require the version as well.
fn direct_inputs<'s>(
    number: usize,
    stock: &'s Stock<'_>,
    requirements: &Requirements,
    reader: &mut Reader<'_>,
) -> Vec<&'s Installed<'s>> {
    let place = stock.all[number].place.get();
    let (both_ways, direct): (Vec<usize>, Vec<usize>) =
        requirements.direct(number).into_iter().partition(|other| requirements.requires(*other, number));
    for other in both_ways {
        let message =
            format!("`{}` requires this module as well: the replay lacks it", stock.all[other].facts.module.full);
        reader.odd(place, "required_modules", message);
    }
    direct.into_iter().map(|other| &stock.all[other]).collect()
}

/// Smaller is taken first.
fn preference(target: &Target) -> (u8, &str, usize, &str) {
    let rank = match target.cpu.as_str() {
        "x86_64/generic" => 0,
        cpu if cpu.ends_with("/generic") => 1,
        _ => 2,
    };
    let accelerator = target.accelerator.as_deref().unwrap_or_default();
    (rank, &target.cpu, accelerator.len(), accelerator)
}

/// The number of the dependency's target that is used at `home`.
fn item_of(dependency: &Installed<'_>, home: &Target) -> Option<usize> {
    let list = &dependency.facts.targets.list;
    let find = |accelerator: &Option<String>| {
        list.iter().position(|target| target.cpu == home.cpu && target.accelerator == *accelerator)
    };
    find(&None).or_else(|| find(&home.accelerator))
}

fn port(path: &str) -> SandboxPort {
    SandboxPort::Path(path.trim_start_matches('/').to_owned())
}

fn protoformula(one: &Installed<'_>, home: &Target, place: &str, inputs: Map<SandboxPort, PlotInput>) -> Protoformula {
    let module = &one.facts.module;
    let mut command = vec!["eb".to_owned(), format!("{}-{}.eb", module.name, module.version), "--robot".to_owned()];
    if let Some((prefix, _)) = place.split_once("/software/linux/") {
        command.push(format!("--installpath={prefix}/software/linux/{}", home.folder()));
    }
    if let Some(capability) = home.accelerator.as_deref().and_then(cuda_capability) {
        command.push(format!("--cuda-compute-capabilities={capability}"));
    }
    let packtype = crate::model::CVMFS.parse().ok();
    let gather = GatherDirective { from: port(place), packtype, filters: None };
    Protoformula {
        inputs,
        action: Action::Exec(ExecAction { command, network: None }),
        outputs: [(OUTPUT.to_owned(), gather)].into_iter().collect(),
    }
}

/// `nvidia/cc80` is compute capability `8.0`.
fn cuda_capability(accelerator: &str) -> Option<String> {
    let digits = accelerator.strip_prefix("nvidia/cc")?;
    let is_number = (2..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("{}.{}", &digits[..digits.len() - 1], &digits[digits.len() - 1..]))
}
