//! The page of a source: what it last gave, how its ids are made, and what they mean.

use std::collections::BTreeMap;

use serde::Serialize;

use super::verify::verify_place;
use crate::model::{ModuleName, Source};
use crate::site::frame::Frame;
use crate::site::links::Place;
use crate::site::options::{Options, SourceAt};
use crate::site::pages::{Head, Link, SourceFileView, SourceView};
use crate::site::safe::is_shell_word;
use crate::site::site_view;
use crate::site::words::{Shown, number, one_line, shown};

/// Most files that a page lists; the catalog's own document has them all.
const MAX_FILES: usize = 1000;
/// How many lines to check files with are shown.
const MAX_LINES: usize = 3;

/// The page of a source.
#[derive(Debug, Serialize)]
pub(in crate::site) struct SourcePage {
    pub(in crate::site) head: Head,
    pub(in crate::site) source: SourceView,
    pub(in crate::site) prefix: String,
    /// The list of its modules, when there are any.
    pub(in crate::site) modules: Option<Link>,
    pub(in crate::site) licence: Option<Shown>,
    /// The catalog's own document of the source.
    pub(in crate::site) document: String,
    /// How many of its files are not listed here.
    pub(in crate::site) more_files: Option<String>,
    /// Lines that print the SHA-256 of some of its files.
    pub(in crate::site) check: Vec<String>,
    pub(in crate::site) verify: String,
}

/// All sources of a site, each with its page.
pub(in crate::site) struct Sources<'a> {
    options: &'a Options<'a>,
    places: Vec<(Place, &'a SourceAt)>,
}

impl<'a> Sources<'a> {
    /// Gives each source a page, by its name.
    pub(in crate::site) fn new(options: &'a Options<'a>) -> Self {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let place = |at: &'a SourceAt| {
            let folder = folder(&at.source);
            let count = taken.entry(folder.to_lowercase()).or_default();
            *count += 1;
            // `~` begins no number elsewhere, so no other name is written like this.
            let suffix = if *count > 1 { format!("~{count}") } else { String::new() };
            (Place::ours(&format!("_sources/{folder}{suffix}/index.html")), at)
        };
        Self { options, places: options.sources.iter().map(place).collect() }
    }

    /// The pages, in the order of the sources.
    pub(in crate::site) fn places(&self) -> impl Iterator<Item = &(Place, &'a SourceAt)> {
        self.places.iter()
    }

    /// The licence of a source's facts.
    pub(in crate::site) fn licence(&self, prefix: &ModuleName) -> Option<Shown> {
        self.options.licences.get(prefix).map(|text| shown(text))
    }

    /// Makes one page.
    pub(in crate::site) fn page(&self, frame: &Frame<'_>, place: &Place, at: &SourceAt) -> SourcePage {
        let mut source = site_view::source(at);
        let name = source.name.clone();
        let more = source.files.len().saturating_sub(MAX_FILES);
        source.files.truncate(MAX_FILES);
        SourcePage {
            head: frame.head_with_data(
                place,
                &format!("Source {name} at {}", at.prefix),
                &format!("What the source {name} last gave to this catalog: its version, its files and their hashes."),
                vec![
                    frame.home_crumb(place),
                    Link { text: "sources".into(), href: None },
                    Link { text: name, href: None },
                ],
            ),
            modules: modules(frame, place, &at.prefix),
            licence: self.licence(&at.prefix),
            document: format!("{}/_source.json", at.prefix),
            more_files: (more > 0).then(|| number(more)),
            check: check_lines(&source.files),
            verify: place.link(&verify_place()),
            prefix: at.prefix.to_string(),
            source,
        }
    }
}

/// A source's folder: its name, with what no path should hold written as `~` and hex.
fn folder(source: &Source) -> String {
    let name = one_line(&source.name).unwrap_or_default();
    let mut folder = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => folder.push(char::from(byte)),
            b'.' if !folder.is_empty() => folder.push('.'),
            _ => folder.push_str(&format!("~{byte:02x}")),
        }
    }
    // A file's name is at most 255 bytes long, and ends in no dot.
    folder.truncate(200);
    let end = folder.trim_end_matches('.').len();
    folder.truncate(end);
    if folder.is_empty() { "~".into() } else { folder }
}

/// The way to what lists the modules below a prefix.
fn modules(frame: &Frame<'_>, place: &Place, prefix: &ModuleName) -> Option<Link> {
    let below = format!("{prefix}/");
    let count = frame.index.all().iter().filter(|card| card.name.as_str().starts_with(&below)).count();
    let is_module = frame.index.module(prefix).is_some();
    let text = crate::site::words::counted(count + usize::from(is_module), "module", "modules");
    (count > 0 || is_module).then(|| Link { text, href: Some(place.link(&Place::module(prefix.as_str()))) })
}

/// How to compare files with the hashes of the catalog.
fn check_lines(files: &[SourceFileView]) -> Vec<String> {
    let is_plain = |file: &&SourceFileView| is_shell_word(&file.name) && !file.name.contains([':', '@']);
    files.iter().filter(is_plain).take(MAX_LINES).map(|file| format!("sha256sum {}", file.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::folder;

    #[test]
    fn t24_no_name_of_a_source_leaves_its_folder() {
        let of = |name: &str| {
            let json = serde_json::json!({ "kind": "x", "name": name, "files": [], "counts": {} });
            folder(&serde_json::from_value(json).unwrap())
        };
        assert_eq!(of("eessi-2.0"), "eessi-2.0");
        assert_eq!(of("../../x"), "~2e.~2f..~2fx");
        assert_eq!((of(""), of(".."), of("a.")), ("~".into(), "~2e".into(), "a".into()));
        assert!(of(&"é".repeat(400)).len() <= 200);
    }
}
