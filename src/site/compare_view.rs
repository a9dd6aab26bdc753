//! What a release's section says of how it differs from the one before.

use serde::Serialize;

use super::changes::fact_text;
use super::index::Index;
use super::pages::Link;
use super::words::number;
use crate::catalog::changes::{Side, compare};
use crate::catalog::{ModuleEntry, ReleaseEntry};
use crate::model::{ItemLabel, ModuleName, ReleaseRef};

/// Most things that one part names.
const MAX_WORDS: usize = 30;

/// A release against the one before it.
#[derive(Debug, Serialize)]
pub(super) struct CompareView {
    before: Link,
    parts: Vec<Part>,
}

/// One kind of difference.
#[derive(Debug, Serialize)]
struct Part {
    heading: &'static str,
    words: Vec<String>,
    more: Option<String>,
}

/// How `release` differs from `before`; `None` where nothing does.
pub(super) fn compare_view(
    index: &Index,
    entry: &ModuleEntry,
    before: &ReleaseEntry,
    release: &ReleaseEntry,
) -> Option<CompareView> {
    let inputs = |release| entry.replay_of(release).map(|(_, plot)| plot.catalog_refs()).unwrap_or_default();
    let (was, is) = (inputs(before), inputs(release));
    let found =
        compare(Side { release: &before.release, inputs: &was }, Side { release: &release.release, inputs: &is });
    if found.is_empty() {
        return None;
    }
    let title = |module: &ModuleName| match index.module(module) {
        Some(at) => index.label(at).title.to_owned(),
        None => module.last_segment().to_owned(),
    };
    let named = |reference: &ReleaseRef| format!("{} {}", title(&reference.module), reference.release);
    let labels = |labels: &[ItemLabel]| labels.iter().map(ToString::to_string).collect();
    let parts = [
        ("items gained", labels(&found.gained)),
        ("items lost", labels(&found.lost)),
        (
            "requires instead",
            found.exchanged.iter().map(|(module, a, b)| format!("{} {a} → {b}", title(module))).collect(),
        ),
        ("requires as well", found.required.iter().map(named).collect()),
        ("no longer requires", found.released.iter().map(named).collect()),
        ("other facts", found.facts.iter().map(fact_text).collect()),
    ];
    let parts = parts.into_iter().filter(|(_, words): &(_, Vec<String>)| !words.is_empty());
    Some(CompareView {
        before: Link { text: before.name().to_string(), href: None },
        parts: parts.map(|(heading, words)| part(heading, words)).collect(),
    })
}

fn part(heading: &'static str, mut words: Vec<String>) -> Part {
    let more = words.len().saturating_sub(MAX_WORDS);
    words.truncate(MAX_WORDS);
    Part { heading, words, more: (more > 0).then(|| number(more)) }
}
