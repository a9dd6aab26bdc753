//! The documents of all modules, in one order, with what a look-up needs of each.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::document::Document;
use super::field::{FIELDS, Field, accelerator_name, cpu_names, cpu_value};
use super::spelling::{aliases, plain, spellings};
use crate::model::ModuleName;
use crate::model::order::newest_first;
use crate::model::target::Target;

/// Titles of this length and longer ones are ordered alike.
const LONGEST: usize = 255;

/// A document, and how it may be found.
#[derive(Debug)]
pub struct Entry {
    /// The document.
    pub document: Arc<Document>,
    /// What it holds, extensions or virtual packages, by their numbers.
    pub holds: Vec<u32>,
    /// The title in lower case.
    pub(super) lower: String,
    /// The length by which equal matches are ordered, the shorter first.
    pub(super) length: usize,
    /// The title's spellings, with and without the prefix of a language.
    pub(super) aliases: Vec<String>,
    pub(super) summary: String,
    pub(super) text: String,
}

/// A field, its values, and those of each document.
#[derive(Debug)]
pub struct Facet {
    /// The field.
    pub field: Field,
    /// The values, in the order in which views show them.
    pub values: Vec<String>,
    /// How many documents have each.
    pub totals: Vec<u32>,
    /// The sets of values that documents have, each once.
    pub sets: Vec<Vec<u32>>,
    /// The set of each document.
    pub of: Vec<u32>,
    /// What people write for values, in lower case, each with the value's number: the
    /// values themselves first.
    pub names: Vec<(String, u32)>,
}

impl Facet {
    /// The values of a document, by their numbers.
    #[must_use]
    pub fn values_of(&self, entry: usize) -> &[u32] {
        &self.sets[self.of[entry] as usize]
    }
}

/// All documents, by the order of their titles; of modules with one title, the newer
/// versions of a source come first.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
    facets: Vec<Facet>,
}

impl Index {
    /// Joins documents, given in any order, on all processors.
    #[must_use]
    pub fn new<D: Into<Arc<Document>>>(documents: Vec<D>) -> Self {
        let documents = documents.into_iter().map(D::into);
        let mut keyed: Vec<(String, Arc<Document>)> =
            documents.map(|document| (document.title.to_lowercase(), document)).collect();
        keyed.sort_by(|(a, x), (b, y)| {
            a.cmp(b).then_with(|| x.title.cmp(&y.title)).then_with(|| newer_first(&x.name, &y.name))
        });
        let mut entries: Vec<Entry> = keyed.into_par_iter().map(|(lower, document)| entry(lower, document)).collect();
        link(&mut entries);
        let facets = FIELDS.par_iter().map(|field| facet(*field, &entries)).collect();
        Self { entries, facets }
    }

    /// All entries; an entry's number is its place here.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All facets, in the order of [`FIELDS`].
    #[must_use]
    pub fn facets(&self) -> &[Facet] {
        &self.facets
    }
}

fn entry(lower: String, document: Arc<Document>) -> Entry {
    let spellings = spellings(&plain(&document.title));
    Entry {
        holds: Vec::new(),
        length: lower.encode_utf16().count().min(LONGEST),
        aliases: aliases(&spellings, document.scope()),
        summary: document.summary.as_deref().unwrap_or_default().to_lowercase(),
        text: document.text.to_lowercase(),
        lower,
        document,
    }
}

/// The order of modules with one title: by their names, but of two versions of a source
/// the newer first.
fn newer_first(a: &ModuleName, b: &ModuleName) -> std::cmp::Ordering {
    let is_version = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let differs = a.segments().zip(b.segments()).find(|(x, y)| x != y);
    match differs {
        Some((x, y)) if is_version(x) && is_version(y) => newest_first(x, y),
        _ => a.cmp(b),
    }
}

/// Tells modules what they hold.
fn link(entries: &mut [Entry]) {
    let by_name: HashMap<&str, u32> =
        (0u32..).zip(entries.iter()).map(|(at, entry)| (entry.document.name.as_str(), at)).collect();
    let mut by_spelling: HashMap<(&str, &str), u32> = HashMap::new();
    for (at, entry) in (0u32..).zip(entries.iter()) {
        by_spelling.entry((entry.document.scope(), entry.document.title.as_str())).or_insert(at);
    }
    let mut holds: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (at, entry) in (0u32..).zip(entries.iter()) {
        let document = &entry.document;
        let holders = document.holders.iter().filter_map(|holder| by_name.get(holder.split(':').next()?));
        let providers = document.providers.iter().filter_map(|name| by_spelling.get(&(document.scope(), name)));
        for holder in holders.chain(providers).filter(|holder| **holder != at) {
            holds.entry(*holder).or_default().insert(at);
        }
    }
    for (holder, held) in holds {
        entries[holder as usize].holds = held.into_iter().collect();
    }
}

fn facet(field: Field, entries: &[Entry]) -> Facet {
    let written = entries.iter().flat_map(|entry| entry.document.values.get(&field)).flatten();
    let written: HashSet<&str> = written.map(String::as_str).collect();
    // Values that differ in case only are one; the first in byte order is shown.
    let mut shown: BTreeMap<String, &str> = BTreeMap::new();
    for value in &written {
        let known = shown.entry(value.to_lowercase()).or_insert(value);
        *known = (*known).min(value);
    }
    let numbers: HashMap<&str, u32> = shown.keys().map(String::as_str).zip(0u32..).collect();
    let number = |value: &str| numbers.get(value.to_lowercase().as_str()).copied();
    let by_written: HashMap<&str, u32> = written.iter().filter_map(|value| Some((*value, number(value)?))).collect();
    let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
    let mut sets = Vec::new();
    let mut totals = vec![0; shown.len()];
    let mut of = Vec::with_capacity(entries.len());
    for entry in entries {
        let values = entry.document.values.get(&field).into_iter().flatten();
        let mut set: Vec<u32> = values.filter_map(|value| by_written.get(value.as_str()).copied()).collect();
        set.sort_unstable();
        set.dedup();
        set.iter().for_each(|value| totals[*value as usize] += 1);
        of.push(*known.entry(set).or_insert_with_key(|set| {
            sets.push(set.clone());
            u32::try_from(sets.len() - 1).unwrap_or(u32::MAX)
        }));
    }
    let values = shown.values().map(|value| (*value).to_owned()).collect();
    let also = other_names(field, entries, &numbers);
    let names = numbers_in_order(&shown).chain(also).collect();
    Facet { field, values, totals, sets, of, names }
}

fn numbers_in_order<'a>(shown: &'a BTreeMap<String, &str>) -> impl Iterator<Item = (String, u32)> + 'a {
    shown.keys().cloned().zip(0u32..)
}

/// Other names of values: of processors and accelerators, what labels call them.
fn other_names(field: Field, entries: &[Entry], numbers: &HashMap<&str, u32>) -> BTreeSet<(String, u32)> {
    let labels = || entries.iter().flat_map(|entry| &entry.document.labels).collect::<BTreeSet<_>>();
    let number = |value: String| numbers.get(value.to_lowercase().as_str()).copied();
    let pairs: Vec<(String, u32)> = match field {
        Field::Target => {
            let targets = labels().into_iter().filter_map(|label| Some((label, Target::parse(label)?)));
            let named = targets.filter_map(|(label, t)| Some((cpu_names(label, &t), number(cpu_value(&t))?)));
            named.flat_map(|(names, value)| names.into_iter().map(move |name| (name, value))).collect()
        }
        Field::Accelerator => numbers.iter().map(|(value, number)| (accelerator_name(value), *number)).collect(),
        _ => Vec::new(),
    };
    pairs.into_iter().filter(|(name, _)| !numbers.contains_key(name.as_str())).collect()
}
