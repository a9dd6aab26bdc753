//! Members of upstream's maps, read leniently: what is absent or null says nothing, what
//! has another shape is told and left to the record.

use super::notes::Notes;
use crate::model::Value;

const ONLY_RECORD: &str = "only the record has it";

/// The members of a list.
pub(super) fn list<'v>(map: &'v Value, key: &str, below: &str, notes: &mut Notes<'_>) -> &'v [Value] {
    match map.get(key) {
        None | Some(Value::Null) => &[],
        Some(Value::List(items)) => items,
        Some(_) => {
            notes.odd(&format!("{below}.{key}"), format!("it is not a list; {ONLY_RECORD}"));
            &[]
        }
    }
}

/// A text that is not blank, without blank edges.
pub(super) fn text<'v>(map: &'v Value, key: &str, below: &str, notes: &mut Notes<'_>) -> Option<&'v str> {
    match map.get(key)? {
        Value::Null => None,
        Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        _ => {
            notes.odd(&format!("{below}.{key}"), format!("it is not a text; {ONLY_RECORD}"));
            None
        }
    }
}

/// The texts of a list, of a text alone, and of lists within lists, blank ones and `null`
/// left out.
pub(super) fn texts<'v>(map: &'v Value, key: &str, below: &str, notes: &mut Notes<'_>) -> Vec<&'v str> {
    let mut found = Vec::new();
    if let Some(value) = map.get(key) {
        gather(value, &format!("{below}.{key}"), &mut found, notes);
    }
    found
}

fn gather<'v>(value: &'v Value, at: &str, found: &mut Vec<&'v str>, notes: &mut Notes<'_>) {
    match value {
        Value::Null => {}
        Value::Text(text) => found.extend(Some(text.trim()).filter(|text| !text.is_empty())),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                gather(item, &format!("{at}[{index}]"), found, notes);
            }
        }
        _ => notes.odd(at, format!("it is not a text; {ONLY_RECORD}")),
    }
}
