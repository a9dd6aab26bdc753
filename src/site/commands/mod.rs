//! What a visitor types to use a release, for each tool that can.
//!
//! A line is made from words that were each checked, since it is copied into a shell: a
//! word stands in it only when no shell reads anything into it (`threats.md` T-25). Where
//! one does not pass, there is no command, and the page says so.

mod image;
mod view;

pub(super) use view::{UseData, UseIt};

use super::index::{Index, ReleaseId};
use super::pages::Link;
use super::safe::is_shell_word;
use super::spack;
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::target::Target;
use crate::model::{ItemLabel, WareId};
use view::{Command, EESSI, MODULE, Panel, Part, SPACK, WARECAT};

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
    let mut panels = Panels::default();
    panels.fill(index, entry, release, id);
    UseIt {
        heading: heading.to_owned(),
        id: super::links::anchor(release.name().as_str()),
        release: Link { text: release.name().to_string(), href: Some(href) },
        withheld: panels.withheld,
        panels: panels.found,
    }
}

/// The same as data: a tool, what its lines do, and the lines.
pub(super) fn use_data(index: &Index, entry: &ModuleEntry, release: &ReleaseEntry, id: ReleaseId) -> Vec<UseData> {
    let mut panels = Panels::default();
    panels.fill(index, entry, release, id);
    panels.found.into_iter().flat_map(Panel::into_data).collect()
}

/// Commands by tool, while they are gathered.
#[derive(Default)]
struct Panels {
    found: Vec<Panel>,
    withheld: bool,
}

impl Panels {
    fn fill(&mut self, index: &Index, entry: &ModuleEntry, release: &ReleaseEntry, id: ReleaseId) {
        self.load(index, id);
        self.spack(entry, release);
        self.images(entry, release);
        self.warecat(entry, release);
    }

    /// Adds a command to its tool's panel; without lines, one of its words did not pass.
    fn add(&mut self, tool: view::Tool, label: &str, item: Option<&ItemLabel>, lines: Option<Vec<Vec<Part>>>) {
        let Some(lines) = lines else {
            self.withheld = true;
            return;
        };
        let command = Command { label: label.to_owned(), item: item.map(ToString::to_string), lines };
        match self.found.iter_mut().find(|panel| panel.tool == tool.id) {
            Some(panel) => panel.commands.push(command),
            None => self.found.push(Panel { tool: tool.id, name: tool.name, commands: vec![command] }),
        }
    }

    /// `module load`, and before it what makes the module known.
    fn load(&mut self, index: &Index, id: ReleaseId) {
        let card = index.release_card(id);
        let holder = card.parent.unwrap_or(id);
        let Some(module) = card.module.as_deref().or(index.environment_module(holder)) else { return };
        let eessi = index.label(id.0).eessi.or(index.label(holder.0).eessi);
        let init = eessi.map(|version| format!("source /cvmfs/software.eessi.io/versions/{version}/init/lmod/bash"));
        let (tool, label) = match init {
            Some(_) => (EESSI, "On a machine with EESSI"),
            None => (MODULE, "Load the environment module"),
        };
        let lines = || init.into_iter().chain([format!("module load {module}")]).map(Part::line).collect();
        self.add(tool, label, None, is_shell_word(module).then(lines));
    }

    /// `spack install`, and before it what makes a build cache known.
    fn spack(&mut self, entry: &ModuleEntry, release: &ReleaseEntry) {
        let install = spack::install(entry, release);
        self.withheld |= install.withheld;
        for way in install.ways {
            self.add(SPACK, way.label, None, Some(way.lines.into_iter().map(Part::line).collect()));
        }
    }

    /// What pulls and runs each image of the release.
    fn images(&mut self, entry: &ModuleEntry, release: &ReleaseEntry) {
        let images: Vec<_> =
            release.release.items.iter().filter(|(_, ware)| matches!(ware.packtype(), "oci" | "sif")).collect();
        let is_one = images.len() == 1;
        for (item, ware) in images.into_iter().take(image::MOST) {
            let addresses = entry.mirrors.addresses(&entry.name, ware);
            let item = (!is_one).then_some(item);
            for (tool, label, lines) in image::ways(ware.packtype(), &addresses) {
                self.add(tool, label, item, lines.map(|lines| lines.into_iter().map(Part::line).collect()));
            }
        }
    }

    /// What asks the catalog, and what names the item in other catalogs and in plots.
    fn warecat(&mut self, entry: &ModuleEntry, release: &ReleaseEntry) {
        let Some((item, ware)) = example(release) else { return };
        let name = format!("{}:{}", entry.name, release.name());
        let is_fine = is_shell_word(&name) && is_shell_word(item.as_str());
        let line = |before: &str, after: Option<&WareId>| {
            let mut line = vec![Part::text(format!("{before}{name}:")), Part::of("item", item.as_str())];
            line.extend(after.into_iter().flat_map(|ware| [Part::text(" "), Part::of("ware", &ware.to_string())]));
            vec![line]
        };
        let mut add = |label: &str, is_fine: bool, lines: Vec<Vec<Part>>| {
            self.add(WARECAT, label, None, is_fine.then_some(lines));
        };
        if release.release.items.keys().any(|item| Target::parse(item.as_str()).is_some()) {
            let host = Part::line(format!("warecat resolve {name} --target host"));
            add("Find the build that fits this machine, and where it is", is_shell_word(&name), vec![host]);
        }
        add("Ask the catalog where an item is", is_fine, line("warecat resolve ", None));
        if ware.packtype() != "spec" {
            let is_fine = is_fine && is_shell_word(&ware.to_string());
            add("Take the item over into your own catalog", is_fine, line("warecat add ", Some(ware)));
        }
        add("Name the item as an input of a plot", is_fine, line("catalog:", None));
    }
}

/// The item that the lines name until a visitor chooses one: not a spec, which is nowhere.
fn example(release: &ReleaseEntry) -> Option<(&ItemLabel, &WareId)> {
    let items = || release.release.items.iter().filter(|(_, ware)| ware.packtype() != "spec");
    let preferred = PREFERRED.iter().find_map(|label| items().find(|(item, _)| item.as_str() == *label));
    preferred.or(items().next())
}

#[cfg(test)]
mod tests {
    use super::{Panels, Part, view::WARECAT};

    #[test]
    fn t25_a_command_without_lines_is_withheld() {
        let mut panels = Panels::default();
        panels.add(WARECAT, "a", None, None);
        assert!(panels.withheld && panels.found.is_empty());
        panels.add(WARECAT, "a", None, Some(vec![Part::line("x".into())]));
        panels.add(WARECAT, "b", None, Some(vec![Part::line("y".into())]));
        assert_eq!(panels.found.len(), 1, "one panel for each tool");
    }
}
