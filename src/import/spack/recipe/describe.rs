//! What an entry says of its package as a whole: the module's metadata.
//!
//! Unknown is absent: blank texts, `null` and empty lists give nothing.

use super::license;
use super::members::{text, texts};
use super::notes::Notes;
use crate::import::link::is_link;
use crate::import::redact::without_secrets;
use crate::import::report::quoted;
use crate::model::{Metadata, ModuleName, Value, metadata};
use crate::text::is_hidden;

/// Longest description that becomes metadata, in bytes; the longest real one has 3,001.
const MAX_DESCRIPTION: usize = 64 * 1024;
/// Longest member of a list that becomes metadata, in bytes.
const MAX_WORD: usize = 128;

/// The metadata of the module of an entry.
pub(super) fn of_entry(module: &ModuleName, spelling: &str, entry: &Value, notes: &mut Notes<'_>) -> Metadata {
    let mut found = Metadata::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            found.insert(key.to_owned(), value);
        }
    };
    set(metadata::NAME, (module.last_segment() != spelling).then(|| spelling.to_owned()));
    set(metadata::DESCRIPTION, description(entry, notes));
    set(metadata::HOMEPAGE, homepage(entry, notes));
    set(metadata::LICENSE, license_of(entry, notes));
    set(metadata::CATEGORIES, words(entry, "categories", notes));
    set(metadata::MAINTAINERS, words(entry, "maintainers", notes));
    found
}

fn description(entry: &Value, notes: &mut Notes<'_>) -> Option<String> {
    let said = text(entry, "summary", "", notes)?;
    if said.len() > MAX_DESCRIPTION {
        notes.odd(".summary", format!("its {} bytes are too many; only the record has it", said.len()));
        return None;
    }
    Some(without_secrets(&unwrapped(said)).into_owned())
}

/// Joins the lines of a paragraph: upstream breaks them at 72 characters. Blank lines and
/// lines that are indented or begin a list stay apart.
fn unwrapped(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        let is_apart =
            line.is_empty() || line.starts_with([' ', '\t']) || ["* ", "- "].iter().any(|sign| line.starts_with(sign));
        match found.chars().next_back() {
            None => {}
            Some('\n') if line.is_empty() && found.ends_with("\n\n") => continue,
            Some('\n') => {}
            Some(_) if is_apart => found.push('\n'),
            Some(_) => found.push(' '),
        }
        found.push_str(line);
        if line.is_empty() {
            found.push('\n');
        }
    }
    found.trim().to_owned()
}

fn homepage(entry: &Value, notes: &mut Notes<'_>) -> Option<String> {
    let all = texts(entry, "homepages", "", notes);
    let first = all.first()?;
    let is_web = first.starts_with("https://") || first.starts_with("http://");
    if !is_web || !is_link(first) {
        notes.odd(".homepages[0]", format!("{} is not an address of the web; only the record has it", quoted(first)));
        return None;
    }
    Some(without_secrets(first).into_owned())
}

fn license_of(entry: &Value, notes: &mut Notes<'_>) -> Option<String> {
    license::expression(&texts(entry, "licenses", "", notes)).unwrap_or_else(|message| {
        notes.odd(".licenses", message);
        None
    })
}

/// A list of words; one that cannot stand in a list is left to the record.
fn words(entry: &Value, key: &str, notes: &mut Notes<'_>) -> Option<String> {
    let mut found: Vec<&str> = Vec::new();
    for word in texts(entry, key, "", notes) {
        if word.len() > MAX_WORD || word.contains(',') || word.chars().any(is_hidden) {
            notes.odd(&format!(".{key}"), format!("{} cannot stand in a list; only the record has it", quoted(word)));
        } else if !found.contains(&word) {
            found.push(word);
        }
    }
    (!found.is_empty()).then(|| found.join(metadata::LIST_SEPARATOR))
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn lines_of_a_paragraph_are_joined_and_paragraphs_stay() {
        assert_eq!(unwrapped("one\ntwo \nthree\n"), "one two three");
        assert_eq!(unwrapped("one\n\n\n\ntwo\nthree"), "one\n\ntwo three");
        assert_eq!(unwrapped("has:\n* a\n* b\n  more\nend"), "has:\n* a\n* b\n  more end");
        assert_eq!(unwrapped("\n\n x"), "x");
    }
}
