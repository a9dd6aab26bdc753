//! What a visitor types to use a release.
//!
//! A word from the catalog stands in a command only when no shell reads anything into
//! it; else the page says that a command is withheld (`threats.md` T-25).

use super::index::{Index, ReleaseId};
use super::pages::{Command, Link, UseIt};
use super::safe::is_shell_word;
use super::spack;
use crate::catalog::{ModuleEntry, ReleaseEntry};

/// Items that are taken for an example, when a release has them.
const PREFERRED: &[&str] = &["x86_64-generic", "linux-amd64", "amd64", "src"];

/// The commands for a release, below a heading with a link; `id` is its place in the index.
pub(super) fn use_it(
    index: &Index,
    entry: &ModuleEntry,
    release: &ReleaseEntry,
    id: ReleaseId,
    (heading, href): (&str, String),
) -> UseIt {
    let mut found = UseIt {
        heading: heading.to_owned(),
        release: Link { text: release.name().to_string(), href: Some(href) },
        commands: Vec::new(),
        withheld: false,
    };
    found.load(index, id);
    found.spack(entry, release);
    found.resolve(entry, release);
    found
}

impl UseIt {
    /// `module load`, and before it what makes the module known.
    fn load(&mut self, index: &Index, id: ReleaseId) {
        let card = index.release_card(id);
        let holder = card.parent.unwrap_or(id);
        let Some(module) = card.module.as_deref().or(index.environment_module(holder)) else { return };
        if !is_shell_word(module) {
            self.withheld = true;
            return;
        }
        let eessi = index.label(id.0).eessi.or(index.label(holder.0).eessi);
        let init = eessi.map(|version| format!("source /cvmfs/software.eessi.io/versions/{version}/init/lmod/bash"));
        let label = if init.is_some() { "On a machine with EESSI" } else { "Load the environment module" };
        let lines = init.into_iter().chain([format!("module load {module}")]).collect();
        self.commands.push(Command { label: label.into(), lines });
    }

    /// `spack install`, and before it what makes a build cache known.
    fn spack(&mut self, entry: &ModuleEntry, release: &ReleaseEntry) {
        let install = spack::install(entry, release);
        let command = |way: spack::Way| Command { label: way.label.into(), lines: way.lines };
        self.commands.extend(install.ways.into_iter().map(command));
        self.withheld |= install.withheld;
    }

    /// `warecat resolve`.
    fn resolve(&mut self, entry: &ModuleEntry, release: &ReleaseEntry) {
        // A concrete spec is nowhere.
        let items = || release.release.items.iter().filter(|(_, ware)| ware.packtype() != "spec").map(|(item, _)| item);
        let preferred = PREFERRED.iter().find_map(|label| items().find(|item| item.as_str() == *label));
        let Some(item) = preferred.or(items().next()) else { return };
        let reference = format!("{}:{}:{item}", entry.name, release.name());
        if is_shell_word(&reference) {
            let lines = vec![format!("warecat resolve {reference}")];
            self.commands.push(Command { label: "Ask the catalog where it is".into(), lines });
        } else {
            self.withheld = true;
        }
    }
}
