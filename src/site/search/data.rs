//! The index as data files, which `templates/search.js` reads.
//!
//! `search` names the others with their hashes; `search-names` is all that a search by
//! name needs, loaded when a search box is focused; `search-facets` and `search-text-N`
//! come when the search page is open. Each is a script that passes one value on, so that
//! it loads from `file://` as well.

use rayon::prelude::*;
use serde::Serialize;

use crate::model::upstream;
use crate::search::{Document, Entry, FIELDS, Field, Index, OTHER_WORDS};
use crate::site::links::Place;

/// How many modules a file of texts has.
const SHARD: usize = 1000;
/// Most characters that a title shares with the one before it, as written.
const MOST_SHARED: usize = 60;
/// Most releases that are told apart by number.
const MOST_RELEASES: u32 = 999_999;

/// What `_data/search.js` says: the hash of each other file.
#[derive(Serialize)]
struct Manifest {
    names: String,
    facets: String,
    texts: Vec<String>,
}

/// Names, for a search as someone types.
#[derive(Serialize)]
struct Names<'a> {
    /// What stands above modules, each once.
    scopes: Vec<&'a str>,
    /// A line for each title: how many characters it shares with the one before, as a
    /// character from `0` on; the rest of it; after a tab each, the modules that have it:
    /// the number of the scope to base 36, and after a colon the last part of the name,
    /// where that does not follow from the title.
    titles: String,
    /// The words of queries that stand for fields, each with its field.
    fields: Vec<(&'static str, &'static str)>,
    /// Addresses of modules whose pages lie elsewhere than their names say.
    odd: std::collections::BTreeMap<&'a str, String>,
}

/// Facets, for narrowing results.
#[derive(Serialize)]
struct Facets<'a> {
    facets: Vec<FacetData<'a>>,
    /// How many releases each module has.
    releases: Vec<u32>,
    /// Modules that hold others, each followed by what it holds.
    holds: Vec<Vec<u32>>,
}

#[derive(Serialize)]
struct FacetData<'a> {
    id: Field,
    label: &'static str,
    values: &'a [String],
    sets: &'a [Vec<u32>],
    of: &'a [u32],
    /// Other names of values, in lower case, each with the value's number.
    also: &'a [(String, u32)],
}

/// Texts of some modules.
#[derive(Serialize)]
struct Texts<'a> {
    /// The summary, a line break, the rest; 0 for the text of the module before.
    texts: Vec<Text>,
    newest: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Text {
    Same(u8),
    Own(String),
}

/// What people call a field.
pub(super) fn label(field: Field) -> &'static str {
    match field {
        Field::Source => "Source",
        Field::Kind => "Kind",
        Field::Arch => "CPU family",
        Field::Target => "CPU target",
        Field::Accelerator => "Accelerator",
        Field::Toolchain => "Toolchain",
        Field::Licence => "Licence",
        Field::Category => "Category",
        Field::Maintainer => "Maintainer",
        Field::Replay => "Has a replay",
        Field::Signed => "Signed",
    }
}

/// Every data file of the search, and its content.
pub(in crate::site) fn files(index: &Index) -> Vec<(Place, Vec<u8>)> {
    let shard = |(at, entries): (usize, &[Entry])| {
        file(&format!("search-text-{at}"), &texts(entries.iter().map(|entry| &*entry.document)))
    };
    let shards = || -> Vec<File> { index.entries().par_chunks(SHARD).enumerate().map(shard).collect() };
    let few = || (file("search-names", &names(index)), file("search-facets", &facets(index)));
    let (shards, (names, facets)) = rayon::join(shards, few);
    let manifest = Manifest {
        names: names.hash.clone(),
        facets: facets.hash.clone(),
        texts: shards.iter().map(|shard| shard.hash.clone()).collect(),
    };
    let all = [file("search", &manifest), names, facets].into_iter().chain(shards);
    all.map(|file| (file.place, file.bytes)).collect()
}

struct File {
    place: Place,
    bytes: Vec<u8>,
    hash: String,
}

fn file<T: Serialize>(name: &str, value: &T) -> File {
    let mut bytes = format!("warecat.data(\"{name}\",").into_bytes();
    serde_json::to_writer(&mut bytes, value).expect("the values have text keys and go to memory");
    bytes.extend(b");\n");
    let hash = blake3::hash(&bytes).to_hex()[..12].to_owned();
    File { place: Place::ours(&format!("_data/{name}.js")), bytes, hash }
}

fn names(index: &Index) -> Names<'_> {
    let documents = || index.entries().iter().map(|entry| &*entry.document);
    let mut scopes: Vec<&str> = documents().map(Document::scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let mut titles = String::new();
    let mut last: Option<&str> = None;
    for document in documents() {
        let title = document.title.as_str();
        if last != Some(title) {
            if last.is_some() {
                titles.push('\n');
            }
            push_title(&mut titles, last.unwrap_or_default(), title);
            last = Some(title);
        }
        let scope = scopes.binary_search(&document.scope()).unwrap_or_default();
        titles.push('\t');
        titles.push_str(&base_36(scope));
        let part = document.name.last_segment();
        if !title.is_ascii() || upstream::segment(title).as_deref() != Some(part) {
            titles.push(':');
            titles.push_str(part);
        }
    }
    let odd = documents().filter_map(|document| {
        let url = Place::module(document.name.as_str()).url();
        (url != format!("{}/index.html", document.name)).then_some((document.name.as_str(), url))
    });
    Names { scopes, fields: fields(), odd: odd.collect(), titles }
}

fn fields() -> Vec<(&'static str, &'static str)> {
    let own = FIELDS.iter().map(|field| (field.as_str(), *field));
    let all = own.chain(OTHER_WORDS.iter().copied()).map(|(word, field)| (word, field.as_str()));
    all.chain([("extension", "extension")]).collect()
}

/// A title by what it shares with the one before; a browser counts in units of UTF-16.
fn push_title(titles: &mut String, last: &str, title: &str) {
    let mut shared = 0;
    let mut units = 0;
    for (a, b) in last.chars().zip(title.chars()) {
        if a != b || units + a.len_utf16() > MOST_SHARED {
            break;
        }
        shared += a.len_utf8();
        units += a.len_utf16();
    }
    titles.push(u8::try_from(units).map_or('0', |units| char::from(b'0' + units)));
    titles.push_str(&title[shared..]);
}

fn base_36(mut n: usize) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from_digit((n % 36) as u32, 36).unwrap_or('0'));
        n /= 36;
        if n == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

fn facets(index: &Index) -> Facets<'_> {
    Facets {
        facets: index
            .facets()
            .iter()
            .map(|facet| FacetData {
                id: facet.field,
                label: label(facet.field),
                values: &facet.values,
                sets: &facet.sets,
                of: &facet.of,
                also: &facet.names[facet.values.len()..],
            })
            .collect(),
        releases: index.entries().iter().map(|entry| entry.document.releases.min(MOST_RELEASES)).collect(),
        holds: (0u32..)
            .zip(index.entries())
            .filter(|(_, entry)| !entry.holds.is_empty())
            .map(|(at, entry)| std::iter::once(at).chain(entry.holds.iter().copied()).collect())
            .collect(),
    }
}

fn texts<'a>(documents: impl Iterator<Item = &'a Document>) -> Texts<'a> {
    let mut found = Texts { texts: Vec::new(), newest: Vec::new() };
    let mut last: Option<(&Option<String>, &str)> = None;
    for document in documents {
        let text = (&document.summary, document.text.as_str());
        found.texts.push(match last == Some(text) {
            true => Text::Same(0),
            false => Text::Own(format!("{}\n{}", document.summary.as_deref().unwrap_or_default(), document.text)),
        });
        found.newest.push(document.newest.as_deref().unwrap_or_default());
        last = Some(text);
    }
    found
}
