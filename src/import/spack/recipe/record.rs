//! Records: all that upstream says of a package, once.
//!
//! `spack.recipe` has `repology`, the entry whole, and `package`, the package's own file
//! without what it repeats: of the entry (description, homepage, maintainers, name,
//! aliases, names of dependencies) and of other packages (`dependent_to`, the
//! descriptions of dependencies). `spack.virtual` has the virtual's `name`, who is
//! `provided_by` what, and the `copy_of` a provider that upstream puts in its place.

use super::alias::Provider;
use super::notes::Notes;
use crate::import::redact::redact;
use crate::model::{Map, Record, RecordCapsule, Value};

const RECIPE: &str = "spack.recipe";
const VIRTUAL: &str = "spack.virtual";

/// The record of a package.
pub(super) fn recipe(entry: Value, package: Option<Value>, notes: &mut Notes<'_>) -> RecordCapsule {
    let package = package.map(|package| without_repetition(package, &entry));
    let mut data = Map::new();
    data.insert("repology".to_owned(), entry);
    data.extend(
        package.filter(|package| *package != Value::Map(Map::new())).map(|package| ("package".to_owned(), package)),
    );
    capsule(RECIPE, Value::Map(data), notes)
}

/// The record of a virtual; `entry` and `package` where they are no copy of a provider's.
pub(super) fn virtual_package(
    name: &str,
    copy_of: Option<String>,
    providers: &[Provider],
    (entry, package): (Option<Value>, Option<Value>),
    notes: &mut Notes<'_>,
) -> RecordCapsule {
    let provider = |one: &Provider| {
        let pairs = [("package", &one.package), ("spec", &one.spec)];
        Value::Map(pairs.into_iter().map(|(key, text)| (key.to_owned(), Value::from(text.as_str()))).collect())
    };
    let mut data = Map::new();
    data.insert("name".to_owned(), Value::from(name));
    data.insert("provided_by".to_owned(), Value::List(providers.iter().map(provider).collect()));
    let others = [("copy_of", copy_of.map(Value::from)), ("repology", entry), ("package", package)];
    data.extend(others.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    capsule(VIRTUAL, Value::Map(data), notes)
}

fn capsule(kind: &str, mut data: Value, notes: &mut Notes<'_>) -> RecordCapsule {
    if redact(&mut data) {
        notes.odd("", "passwords or tokens in its URLs were left out");
    }
    RecordCapsule::V1(Record { kind: kind.to_owned(), data })
}

/// The file without what the entry says in the same words.
fn without_repetition(package: Value, entry: &Value) -> Value {
    let Value::Map(mut fields) = package else { return package };
    let homepage = entry.get("homepages").map(Value::items).and_then(<[Value]>::first);
    let same = [
        ("name", entry.get("name")),
        ("description", entry.get("summary")),
        ("homepage", homepage),
        ("maintainers", entry.get("maintainers")),
        ("dependencies", entry.get("dependencies")),
        ("aliases", entry.get("alias")),
    ];
    for (key, said) in same {
        if said.is_some() && fields.get(key).zip(said).is_some_and(|(own, said)| says_same(own, said)) {
            fields.shift_remove(key);
        }
    }
    Value::Map(fields)
}

/// Equal but for the order of keys, and a map of a name alone being that name.
fn says_same(own: &Value, said: &Value) -> bool {
    match (own, said) {
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| says_same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| says_same(a, b)))
        }
        (Value::Map(a), Value::Text(_)) => a.len() == 1 && a.get("name") == Some(said),
        _ => own == said,
    }
}
