//! Entries to modules: of packages, and of the virtuals that they provide.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::alias::{self, Providers};
use super::notes::{Notes, entry_path};
use super::package::Package;
use super::read::Repology;
use super::version::{self, Versions};
use super::{describe, facts, record, release};
use crate::import::report::{Diagnostics, quoted};
use crate::model::{Metadata, ModuleName, ModuleProposal, Packtype, Value, metadata};

/// All entries, packages and virtuals told apart.
pub(super) struct Entries<'d> {
    /// The name of `repology.json`.
    file: String,
    recipes: BTreeMap<String, Value>,
    /// The entries of virtuals, each with the name of the package that it copies.
    copies: BTreeMap<String, (String, Value)>,
    providers: Providers,
    packages: BTreeMap<String, Package>,
    diagnostics: &'d mut Diagnostics,
}

impl<'d> Entries<'d> {
    /// Tells packages and virtuals apart, and gathers who provides what.
    pub(super) fn of(
        repology: Repology,
        packages: BTreeMap<String, Package>,
        diagnostics: &'d mut Diagnostics,
    ) -> Self {
        let file = repology.name().to_owned();
        let refused = repology.refused;
        let (mut recipes, mut copies, mut providers) = (BTreeMap::new(), BTreeMap::new(), Providers::new());
        for (key, entry) in repology.entries {
            let mut notes = Notes::new(&file, entry_path(&key), diagnostics);
            match entry.get("name").and_then(Value::as_text) {
                Some(name) if name != key => {
                    let name = name.to_owned();
                    copies.insert(key, (name, entry));
                    continue;
                }
                Some(_) => {}
                None => notes.odd(".name", "it is not a text; the entry's key is taken"),
            }
            alias::gather(&key, &entry, &mut providers, &mut notes);
            recipes.insert(key, entry);
        }
        // A package of which nothing could be read is no virtual either.
        providers.retain(|name, _| !refused.contains(name));
        for (name, package) in &packages {
            if !recipes.contains_key(name) && !copies.contains_key(name) && !refused.contains(name) {
                let message = format!("{} has no entry in `repology.json`", quoted(name));
                diagnostics.refused(&package.file.name, "", message);
            }
        }
        Self { file, recipes, copies, providers, packages, diagnostics }
    }

    /// The names of all packages and virtuals.
    pub(super) fn spellings(&self) -> BTreeSet<&str> {
        let all = self.recipes.keys().chain(self.copies.keys()).chain(self.providers.keys());
        all.map(String::as_str).collect()
    }

    /// The modules of all, in any order.
    pub(super) fn into_modules(mut self, names: &HashMap<String, ModuleName>) -> Vec<ModuleProposal> {
        let mut modules = self.virtuals(names);
        for (key, entry) in std::mem::take(&mut self.recipes) {
            match names.get(&key) {
                Some(name) => modules.push(self.recipe(name, &key, entry)),
                None => self.diagnostics.refused(&self.file, entry_path(&key), "its name is too long"),
            }
        }
        modules
    }

    /// The module of a package.
    fn recipe(&mut self, name: &ModuleName, key: &str, entry: Value) -> ModuleProposal {
        let package = self.packages.remove(key).and_then(|package| Some((package.file.name, package.data?)));
        let (listed, deprecated) = match &package {
            None => (None, Versions::new()),
            Some((file, data)) => {
                let mut notes = Notes::new(file, String::new(), self.diagnostics);
                let listed = version::of_package(data, "versions", &mut notes);
                (Some(listed), version::of_package(data, "versions_deprecated", &mut notes))
            }
        };
        let mut notes = Notes::new(&self.file, entry_path(key), self.diagnostics);
        let said = version::of_entry(&entry, &mut notes);
        let versions = match listed {
            Some(listed) => version::together(said, listed, deprecated, &mut notes),
            None => said,
        };
        let releases = release::of_versions(key, &entry, &versions, &mut notes);
        let mut facts = describe::of_entry(name, key, &entry, &mut notes);
        if let Some(specs) = self.providers.get(key).and_then(alias::specs) {
            facts.insert(metadata::PROVIDERS.to_owned(), specs);
        }
        let record = record::recipe(entry, package.map(|(_, data)| data), &mut notes);
        ModuleProposal {
            name: name.clone(),
            kind: facts::PACKAGE,
            metadata: facts,
            record: Some(record),
            releases: releases.all,
            mirrors: releases.mirrors,
            warehouses: releases.repository.map(|address| (git(), address)).into_iter().collect(),
        }
    }

    /// The modules of names that are no packages themselves.
    fn virtuals(&mut self, names: &HashMap<String, ModuleName>) -> Vec<ModuleProposal> {
        let all: BTreeSet<String> = self.copies.keys().chain(self.providers.keys()).cloned().collect();
        let all = all.into_iter().filter(|name| !self.recipes.contains_key(name)).collect::<Vec<_>>();
        all.iter().filter_map(|name| Some(self.virtual_package(names.get(name)?, name))).collect()
    }

    fn virtual_package(&mut self, name: &ModuleName, key: &str) -> ModuleProposal {
        let mut notes = Notes::new(&self.file, entry_path(key), self.diagnostics);
        let providers = self.providers.remove(key).unwrap_or_default();
        let copy = self.copies.remove(key);
        let package = self.packages.remove(key).and_then(|package| package.data);
        let copy_of = copy.as_ref().map(|(name, _)| name.clone());
        let provider = copy_of.as_deref();
        let own_entry = copy
            .map(|(_, entry)| entry)
            .filter(|entry| provider.is_none_or(|provider| self.recipes.get(provider) != Some(entry)));
        if own_entry.is_some() {
            notes.odd(
                "",
                "it is neither the entry of a package of that name nor a copy of another's; the record keeps it",
            );
        }
        let of_provider = provider.and_then(|provider| self.packages.get(provider)?.data.as_ref());
        let own_package = package.filter(|package| Some(package) != of_provider);
        let mut facts = Metadata::new();
        let pairs = [
            (metadata::NAME, (name.last_segment() != key).then(|| key.to_owned())),
            (metadata::MODULE_KIND, Some(facts::VIRTUAL.to_owned())),
            (metadata::PROVIDERS, alias::specs(&providers)),
        ];
        facts.extend(pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        let providers: Vec<_> = providers.into_iter().collect();
        let record = record::virtual_package(key, copy_of, &providers, (own_entry, own_package), &mut notes);
        ModuleProposal {
            name: name.clone(),
            kind: facts::VIRTUAL,
            metadata: facts,
            record: Some(record),
            releases: Vec::new(),
            mirrors: Vec::new(),
            warehouses: Vec::new(),
        }
    }
}

/// The packtype of commits.
fn git() -> Packtype {
    "git".parse().expect("it obeys the rules of packtypes")
}
