//! Which build fits a machine: labels of items taken apart, the lineage of processors,
//! and the one rule that chooses an item.
//!
//! The lineage is archspec's data (<https://github.com/archspec/archspec-json>), which the
//! crate `archspec` carries; `docs/targets.md` has the rule in words. `warecat resolve
//! --target`, the site's chooser, its matrix and the search all use this module, so they
//! agree.
//!
//! Invariants: everything is a pure function of its arguments and of the data that is
//! built in; no label, however made, is an error; an unknown processor keeps its own name
//! and fits only itself. Deliberately absent: looking at this machine, which is the
//! program's affair.

mod accelerator;
mod choice;
mod cpu;
mod detect;
mod label;
mod lineage;
mod say;
mod wanted;

pub use accelerator::{Accelerator, integrated};
pub use choice::{Choice, Fit, Other, Why, choose};
pub use cpu::{Cpu, other_names};
pub use detect::{CpuInfo, detect, detect_cpuinfo};
pub use label::Target;
pub use lineage::{Microarchitecture, arm_vendors, microarchitecture, microarchitectures};
pub use say::{SENTENCES, Sentence};
pub use wanted::{Wanted, WantedError};
