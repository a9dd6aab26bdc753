//! About how much memory modules take, so that a bounded number of them is kept from one
//! pass to the next instead of being read twice.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::catalog::ModuleEntry;
use crate::model::{Metadata, Value};

/// Most bytes of modules that are kept.
const MOST: usize = 400 * 1024 * 1024;
/// About what a text costs beside its bytes, with its place in a map.
const TEXT: usize = 64;

/// What is kept so far.
#[derive(Default)]
pub(super) struct Weight(AtomicUsize);

impl Weight {
    /// The module, when there is still room for it.
    pub(super) fn keep(&self, entry: ModuleEntry) -> Option<Box<ModuleEntry>> {
        let weight = weight(&entry);
        let before = self.0.fetch_add(weight, Ordering::Relaxed);
        if before.saturating_add(weight) <= MOST {
            return Some(Box::new(entry));
        }
        self.0.fetch_sub(weight, Ordering::Relaxed);
        None
    }
}

fn weight(entry: &ModuleEntry) -> usize {
    let facts = |facts: &Metadata| facts.iter().map(|(key, value)| key.len() + value.len() + 2 * TEXT).sum::<usize>();
    let items = |items: usize| items * 4 * TEXT;
    let releases = entry.releases.iter().map(|at| facts(&at.release.metadata) + items(at.release.items.len() + 1));
    let mirrors = entry.mirrors.by_ware.as_ref().map_or(0, |mirrors| items(mirrors.len()));
    let records = entry.records.values().map(|record| value(&record.data));
    // A plot is mostly texts, about as many as its inputs and what else it names.
    let replays = entry.replays.values().map(|plot| items(plot.all_inputs().len() + plot.steps.len() + 4));
    facts(&entry.metadata) + releases.sum::<usize>() + mirrors + records.sum::<usize>() + replays.sum::<usize>()
}

fn value(of: &Value) -> usize {
    match of {
        Value::Text(text) => TEXT + text.len(),
        Value::List(list) => TEXT + list.iter().map(value).sum::<usize>(),
        Value::Map(map) => TEXT + map.iter().map(|(key, of)| TEXT + key.len() + value(of)).sum::<usize>(),
        _ => TEXT,
    }
}
