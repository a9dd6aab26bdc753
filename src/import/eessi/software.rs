//! Software entries to releases: what is installed where.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ReadFile;
use super::entry::{Facts, Place, Problem, Reader};
use super::file::Fields;
use crate::model::{Location, Map, Metadata, ReleaseName, Value, WareId, folded, metadata};

/// An installed version of a software.
#[derive(Debug)]
pub(super) struct Installed<'f> {
    pub(super) place: OwnPlace<'f>,
    /// Upstream's name of the entry.
    pub(super) software: &'f str,
    /// The entry's fields but `versions`.
    pub(super) entry_fields: &'f Fields,
    /// The version's fields.
    pub(super) fields: &'f Fields,
    pub(super) facts: Facts,
    pub(super) release: ReleaseName,
    /// Where each target lies, in the order of the targets.
    pub(super) locations: Vec<Location>,
    /// The same as wares.
    pub(super) wares: Vec<WareId>,
}

/// A [`Place`] that keeps its path.
#[derive(Debug, Clone)]
pub(super) struct OwnPlace<'f> {
    pub(super) file: &'f ReadFile,
    pub(super) path: String,
}

impl OwnPlace<'_> {
    pub(super) fn get(&self) -> Place<'_> {
        Place { file: &self.file.name, keys: &self.file.keys, path: &self.path }
    }
}

/// Every installed version, findable by stack and full name of its module.
#[derive(Debug, Default)]
pub(super) struct Stock<'f> {
    pub(super) all: Vec<Installed<'f>>,
    index: BTreeMap<String, HashMap<String, usize>>,
}

impl<'f> Stock<'f> {
    /// The number of the version whose module has this full name.
    pub(super) fn find(&self, stack: &str, module: &str) -> Option<usize> {
        self.index.get(stack)?.get(module).copied()
    }

    /// Reads the software files, in the order of their names.
    pub(super) fn read(files: &[&'f ReadFile], wanted: Option<&str>, reader: &mut Reader<'_>) -> Self {
        let mut stock = Self::default();
        let mut names = HashSet::new();
        for file in files {
            for entry in &file.raw.software {
                for (index, fields) in &entry.versions {
                    let place = OwnPlace { file, path: entry.version_path(*index) };
                    let found = reader.facts(fields, place.get()).and_then(|facts| {
                        let is_wanted = wanted.is_none_or(|wanted| wanted == facts.stack.version);
                        is_wanted
                            .then(|| installed(&entry.name, fields, &entry.fields, facts, place.clone()))
                            .transpose()
                    });
                    match found {
                        Ok(Some(one)) => stock.add(one, &mut names, reader),
                        Ok(None) => {}
                        Err(problem) => reader.refuse(place.get(), problem),
                    }
                }
            }
        }
        stock
    }

    fn add(&mut self, one: Installed<'f>, names: &mut HashSet<(String, &'f str, String)>, reader: &mut Reader<'_>) {
        let stack = &one.facts.stack.version;
        if let Some(other) = self.find(stack, &one.facts.module.full) {
            let other = &self.all[other];
            if other.fields == one.fields && other.software == one.software {
                reader.odd(one.place.get(), "", format!("the same stands at {}, and is taken once", other.place.path));
            } else {
                let message = format!("another version with this module stands at {}", other.place.path);
                reader.refuse(one.place.get(), Problem::new("module", message));
            }
            return;
        }
        if !names.insert((stack.clone(), one.software, folded(one.release.as_str()))) {
            let message = "another release has this name, or one that differs in case only";
            reader.refuse(one.place.get(), Problem::new("module", message));
            return;
        }
        let targets = one.facts.targets.clone();
        for (code, path, message) in &targets.remarks {
            reader.diagnostics.add(*code, &one.place.file.name, format!("{}.{path}", one.place.path), message.as_str());
        }
        self.index.entry(stack.clone()).or_default().insert(one.facts.module.full.clone(), self.all.len());
        self.all.push(one);
    }
}

fn installed<'f>(
    software: &'f str,
    fields: &'f Fields,
    entry_fields: &'f Fields,
    facts: Facts,
    place: OwnPlace<'f>,
) -> Result<Installed<'f>, Problem> {
    let module = &facts.module;
    let release = module.version.parse::<ReleaseName>().map_err(|error| Problem::new("module", error.to_string()))?;
    let rest = format!("/software/{}/{}", module.name, module.version);
    let locations: Option<Vec<Location>> =
        facts.targets.list.iter().map(|target| facts.stack.location(&target.folder(), &rest)).collect();
    let locations = locations.ok_or_else(|| Problem::new("module", "its path is too long"))?;
    let wares = locations.iter().map(Location::ware).collect();
    Ok(Installed { place, software, entry_fields, fields, facts, release, locations, wares })
}

/// The metadata of a release, without what its replay or parent adds.
pub(super) fn metadata_of(facts: &Facts) -> Metadata {
    let pairs = [
        (metadata::VERSION, facts.version.clone()),
        (metadata::DATE, facts.date.clone()),
        (metadata::TOOLCHAIN, facts.toolchain.clone()),
        (metadata::MODULE, Some(facts.module.full.clone())),
    ];
    pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Whether this is what upstream makes of the first two letters of a package that is
/// built into R: it takes a plain text for a pair of name and version.
pub(super) fn is_letter_pair(kind: &str, name: &str, version: &str) -> bool {
    let is_letter = |text: &str| text.len() == 1 && text.as_bytes()[0].is_ascii_alphabetic();
    kind == "r" && name.chars().count() == 1 && is_letter(version)
}

/// Takes the pairs of letters out of a record's `extensions`; says how many there were.
pub(super) fn drop_letter_pairs(record: &mut Map<String, Value>) -> usize {
    let Some(Value::List(extensions)) = record.get_mut("extensions") else { return 0 };
    let before = extensions.len();
    extensions.retain(|extension| {
        let text = |key| extension.get(key).and_then(Value::as_text).unwrap_or_default();
        !is_letter_pair(text("type"), text("name"), text("version"))
    });
    before - extensions.len()
}
