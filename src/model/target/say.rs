//! The sentences in which a choice is explained. The site's script has the same ones,
//! from its data file, so that page and terminal say the same.

/// A sentence's key and its text, with `{…}` for what is filled in.
pub type Sentence = (&'static str, &'static str);

/// Every sentence. `{item}` is the label of what was chosen, `{for}` what it is built for,
/// `{cpu}` and `{acc}` what was asked for, `{had}` the accelerator that it is built for,
/// `{list}` labels.
pub const SENTENCES: &[Sentence] = &[
    ("exact", "{item} is built for {cpu}, which was asked for."),
    ("ancestor", "{item} is built for {for}, and {cpu} runs what is built for {for}."),
    ("generic", "{item} is built for any {for} processor."),
    ("same", "It uses the accelerator {acc}."),
    ("earlier", "It uses {had}: CUDA promises that {acc} runs that, as a later minor version of the same major one."),
    ("without", "Nothing that fits is built for {acc}, so it uses no accelerator."),
    ("nothing", "Nothing here fits {cpu}."),
    ("unknown", "{cpu} is no processor that archspec knows, so only what is built for it by name would fit."),
    ("plain", "Would fit too, without the accelerator: {list}."),
    ("less", "Would fit too, and is less specific or the same: {list}."),
    ("needs", "Needs an accelerator, and none was asked for: {list}."),
    ("accelerator", "For another accelerator: {list}."),
    ("platform", "For another operating system: {list}."),
    ("cpu", "Not for this processor: {list}."),
    ("none", "Not built for a processor: {list}."),
];

/// Most labels of one list.
const MOST: usize = 6;

/// A sentence with its gaps filled; what fills one is not looked into again.
pub(super) fn say(key: &str, gaps: &[(&str, &str)]) -> String {
    let text = SENTENCES.iter().find(|(known, _)| *known == key).map_or("", |(_, text)| text);
    let mut said = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((gap, after)) = after.split_once('}') else { break };
        said.push_str(before);
        said.push_str(gaps.iter().find(|(name, _)| *name == gap).map_or("", |(_, value)| value));
        rest = after;
    }
    said.push_str(rest);
    said
}

/// Labels in one line, the first few of many.
pub(super) fn list(labels: &[&str]) -> String {
    let shown = labels.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
    match labels.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::{SENTENCES, list, say};

    #[test]
    fn gaps_are_filled_once_and_labels_are_not_read_as_gaps() {
        assert_eq!(say("generic", &[("item", "{for}"), ("for", "x86_64")]), "{for} is built for any x86_64 processor.");
        assert_eq!(say("no such", &[]), "");
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(list(&["a"; 6]), "a, a, a, a, a, a");
        assert_eq!(list(&["a"; 8]), "a, a, a, a, a, a and 2 more");
    }

    #[test]
    fn keys_are_unique() {
        let keys: std::collections::BTreeSet<_> = SENTENCES.iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), SENTENCES.len());
    }
}
