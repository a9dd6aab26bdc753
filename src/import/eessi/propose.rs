//! Installed versions and extensions to modules: names, metadata, records, releases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::describe;
use super::entry::{Place, Problem, Reader};
use super::extension::Extension;
use super::file::path_of;
use super::replay::{Requirements, plot};
use super::software::{Installed, Stock, drop_letter_pairs, metadata_of};
use crate::import::names::{KnownNames, assign};
use crate::import::report::quoted;
use crate::model::{
    Map, ModuleName, ModuleProposal, ReleaseProposal, ReleaseRef, Value, WareId, WarehouseAddr, folded, metadata,
};

/// The kind of the record of a module: the fields of its entry but the versions.
const ENTRY_RECORD: &str = "eessi.software";
/// The kind of the record of a release: its version, whole.
const VERSION_RECORD: &str = "eessi.version";
const DERIVED: &str = "derived";

/// Catalog names, by the part of the names that is above them and upstream's spelling.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, HashMap<String, ModuleName>>);

impl Names {
    /// Names all that stands in these scopes; a scope is a path below `prefix`.
    pub(super) fn assign<'n>(
        prefix: &ModuleName,
        pairs: impl Iterator<Item = (String, &'n str)>,
        known: &KnownNames,
    ) -> Self {
        let mut scopes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (scope, spelling) in pairs {
            scopes.entry(scope).or_default().insert(spelling);
        }
        let named = scopes.into_iter().filter_map(|(scope, spellings)| {
            let below = prefix.join(&scope).ok()?;
            Some((scope, assign(&below, &spellings, known).ok()?))
        });
        Self(named.collect())
    }

    pub(super) fn get(&self, scope: &str, spelling: &str) -> Option<&ModuleName> {
        self.0.get(scope)?.get(spelling)
    }
}

/// The modules of all installed versions.
pub(super) fn software(stock: &Stock<'_>, names: &Names, reader: &mut Reader<'_>) -> Vec<ModuleProposal> {
    let requirements = Requirements::of(stock, reader);
    let mut modules: BTreeMap<&ModuleName, ModuleProposal> = BTreeMap::new();
    let name_of = |one: &Installed<'_>| names.get(&one.facts.stack.version, one.software);
    for (number, one) in stock.all.iter().enumerate() {
        let Some(name) = name_of(one) else {
            reader.refuse(one.place.get(), Problem::new("", "its name is too long"));
            continue;
        };
        let named = |other: &Installed<'_>| name_of(other).unwrap_or(name).clone();
        let replay = plot(number, stock, &requirements, named, reader);
        let mut metadata = metadata_of(&one.facts);
        if replay.is_some() {
            metadata.insert(metadata::REPLAY_ORIGIN.to_owned(), DERIVED.to_owned());
        }
        let items = one.facts.targets.list.iter().map(|t| t.label.clone()).zip(one.wares.iter().cloned()).collect();
        let record = version_record(one, reader);
        let module = modules.entry(name).or_insert_with(|| software_module(name, one, reader));
        module.releases.push(ReleaseProposal {
            name: one.release.clone(),
            items,
            metadata,
            replay,
            record,
            builds: Vec::new(),
            stand_in: None,
        });
        module.mirrors.extend(mirrors_of(one));
    }
    modules.into_values().collect()
}

fn mirrors_of(one: &Installed<'_>) -> impl Iterator<Item = (WareId, Vec<WarehouseAddr>)> {
    one.wares.iter().cloned().zip(one.locations.iter().map(|location| vec![location.address()]))
}

fn version_record(one: &Installed<'_>, reader: &mut Reader<'_>) -> Option<crate::model::RecordCapsule> {
    let mut record = reader.record(one.fields).unwrap_or_default();
    let dropped = drop_letter_pairs(&mut record);
    if dropped > 0 {
        let message = format!("{dropped} members are the first two letters of packages that are built into R");
        reader.refuse(one.place.get(), Problem::new("extensions", message));
    }
    reader.capsule(one.place.get(), VERSION_RECORD, record)
}

fn software_module(name: &ModuleName, one: &Installed<'_>, reader: &mut Reader<'_>) -> ModuleProposal {
    let record = entry_record(one, reader);
    let file = &one.place.file.name;
    let path = path_of(one.software);
    let mut odd = |field: &str, message| reader.diagnostics.odd(file, format!("{path}.{field}"), message);
    let metadata = with_name(describe::of_module(&record, &mut odd), name, one.software);
    let place = Place { path: &path, ..one.place.get() };
    let record = reader.capsule(place, ENTRY_RECORD, record);
    ModuleProposal {
        name: name.clone(),
        kind: "software",
        metadata,
        record,
        releases: Vec::new(),
        mirrors: Vec::new(),
        warehouses: Vec::new(),
    }
}

/// The fields of an entry; one that cannot be read is reported and left out.
fn entry_record(one: &Installed<'_>, reader: &mut Reader<'_>) -> Map<String, Value> {
    let mut record = Map::new();
    for field in one.entry_fields {
        match reader.record(std::slice::from_ref(field)) {
            Ok(read) => record.extend(read),
            Err(problem) => {
                let path = problem.path(&path_of(one.software));
                reader.diagnostics.refused(&one.place.file.name, path, problem.message);
            }
        }
    }
    record
}

fn with_name(mut metadata: crate::model::Metadata, name: &ModuleName, spelling: &str) -> crate::model::Metadata {
    if name.last_segment() != spelling {
        metadata.insert(metadata::NAME.to_owned(), spelling.to_owned());
    }
    metadata
}

/// The part of module names above an extension's.
pub(super) fn extension_scope(extension: &Extension<'_>, stock: &Stock<'_>) -> String {
    format!("{}/ext/{}", stock.all[extension.parent].facts.stack.version, extension.kind)
}

/// The modules of all extensions.
pub(super) fn extensions(
    extensions: &[Extension<'_>],
    stock: &Stock<'_>,
    names: &Names,
    parents: &Names,
    reader: &mut Reader<'_>,
) -> Vec<ModuleProposal> {
    let mut groups: BTreeMap<&ModuleName, Vec<&Extension<'_>>> = BTreeMap::new();
    for extension in extensions {
        match names.get(&extension_scope(extension, stock), extension.name) {
            Some(name) => groups.entry(name).or_default().push(extension),
            None => reader.refuse(extension.place(), Problem::new("", "its name is too long")),
        }
    }
    groups.into_iter().map(|(name, group)| extension_module(name, &group, stock, parents, reader)).collect()
}

fn extension_module(
    name: &ModuleName,
    group: &[&Extension<'_>],
    stock: &Stock<'_>,
    parents: &Names,
    reader: &mut Reader<'_>,
) -> ModuleProposal {
    let first = group[0];
    let record = entry_fields(group, stock, reader);
    let path = path_of(first.name);
    let file = &first.place.file.name;
    let mut odd = |field: &str, message| reader.diagnostics.odd(file, format!("{path}.{field}"), message);
    let metadata = with_name(describe::of_module(&record, &mut odd), name, first.name);
    let mut releases = Releases::default();
    for extension in group {
        let parent = &stock.all[extension.parent];
        let Some(module) = parents.get(&parent.facts.stack.version, parent.software) else { continue };
        let parent_ref = ReleaseRef { module: module.clone(), release: parent.release.clone() };
        let release = extension.proposal(parent, parent_ref.to_string(), reader);
        releases.add(extension, release, reader);
    }
    let record = reader.capsule(Place { path: &path, ..first.place() }, ENTRY_RECORD, record);
    let releases = releases.all;
    ModuleProposal {
        name: name.clone(),
        kind: first.kind.label(),
        metadata,
        record,
        releases,
        mirrors: Vec::new(),
        warehouses: Vec::new(),
    }
}

/// What the extension's entry says of its own; the reference version that upstream took
/// its fields from may be any, so they are compared with every parent.
fn entry_fields(group: &[&Extension<'_>], stock: &Stock<'_>, reader: &mut Reader<'_>) -> Map<String, Value> {
    let mut numbers: Vec<usize> = group.iter().map(|extension| extension.parent).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let parents: Vec<&Installed<'_>> = numbers.into_iter().map(|number| &stock.all[number]).collect();
    group[0].entry_record(&parents, reader)
}

/// Releases of one module, each name once.
#[derive(Default)]
struct Releases {
    all: Vec<ReleaseProposal>,
    by_name: HashMap<String, usize>,
    paths: Vec<String>,
}

impl Releases {
    fn add(&mut self, extension: &Extension<'_>, release: ReleaseProposal, reader: &mut Reader<'_>) {
        let folded = folded(release.name.as_str());
        let Some(&other) = self.by_name.get(&folded) else {
            self.by_name.insert(folded, self.all.len());
            self.all.push(release);
            self.paths.push(extension.place.path.clone());
            return;
        };
        let path = &self.paths[other];
        if self.all[other] == release {
            reader.odd(extension.place(), "", format!("the same stands at {path}, and is taken once"));
        } else {
            let message = format!("the release {} stands at {path} with other content", quoted(release.name.as_str()));
            reader.refuse(extension.place(), Problem::new("", message));
        }
    }
}
