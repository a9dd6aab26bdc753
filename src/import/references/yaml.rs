//! YAML, and JSON as a part of it, to a small tree that knows its lines.
//!
//! The parser gives events, so depth, aliases and size are bounded here while the tree
//! grows. A key that stands twice is refused, since two readers could disagree on it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::error::ReferencesError;
use crate::text::shown;

/// Deepest nesting of lists and maps.
const MAX_DEPTH: usize = 64;
/// How much the tree may weigh, aliases and all: a node counts [`NODE`] bytes, a text its
/// own as well.
const MAX_WEIGHT: usize = 32 << 20;
const NODE: usize = 64;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(Text),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// A scalar; numbers and truth values are texts as well.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    /// The line of its first character, from 1.
    pub(super) line: usize,
    /// Whether each line of the text is a line of the file.
    pub(super) is_block: bool,
    is_plain: bool,
}

impl Node {
    /// The member of a map, its own or of a map that it merges with `<<`.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let Self::Map(members) = self else { return None };
        let own = |wanted: &str| members.iter().find(|(name, _)| name == wanted).map(|(_, node)| node);
        own(key).or_else(|| match own("<<")? {
            Self::List(merged) => merged.iter().find_map(|map| map.get(key)),
            merged => merged.get(key),
        })
    }

    /// The text, when it is one and says something.
    pub(super) fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) if text.is_plain && matches!(text.text.as_str(), "~" | "null" | "Null" | "NULL") => None,
            Self::Text(text) if !text.text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Every text below, in the order of the file.
    pub(super) fn texts(&self) -> Vec<&Text> {
        let mut found = Vec::new();
        self.gather(&mut found);
        found
    }

    fn gather<'n>(&'n self, found: &mut Vec<&'n Text>) {
        match self {
            Self::Text(text) => found.push(text),
            Self::List(items) => items.iter().for_each(|item| item.gather(found)),
            Self::Map(members) => members.iter().for_each(|(_, node)| node.gather(found)),
        }
    }

    fn weight(&self) -> usize {
        NODE + match self {
            Self::Text(text) => text.text.len(),
            Self::List(items) => items.iter().map(Self::weight).sum(),
            Self::Map(members) => members.iter().map(|(key, node)| key.len() + node.weight()).sum(),
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Text(_) => 0,
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Map(members) => 1 + members.iter().map(|(_, node)| node.depth()).max().unwrap_or(0),
        }
    }
}

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Node, ReferencesError> {
    let text = if text.trim_start().starts_with('{') { with_whole_characters(text) } else { Cow::Borrowed(text) };
    let mut builder = Builder::default();
    for event in std::iter::from_fn({
        let mut parser = Parser::new_from_str(&text);
        move || parser.next_event()
    }) {
        let (event, span) = event.map_err(|fault| {
            let reason = format!("it is not YAML: {}", shown(fault.info()));
            ReferencesError::Invalid { line: fault.marker().line(), reason }
        })?;
        builder.take(event, span.start.line())?;
    }
    builder.root.ok_or(ReferencesError::Invalid { line: 1, reason: "it holds nothing".into() })
}

/// A list or map that is not at its end yet.
struct Open {
    node: Node,
    anchor: usize,
    /// The keys so far, and the one that waits for its value.
    keys: BTreeSet<String>,
    key: Option<String>,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    weight: usize,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), ReferencesError> {
        match event {
            // An escape can make what the file itself may not hold.
            Event::Scalar(text, ..) if text.contains('\0') => {
                Err(ReferencesError::Invalid { line, reason: "it holds a NUL, as no text does".into() })
            }
            Event::Scalar(text, style, anchor, _) => {
                let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let is_plain = matches!(style, ScalarStyle::Plain);
                self.add(Node::Text(Text { text: text.into_owned(), line, is_block, is_plain }), anchor, line)
            }
            Event::SequenceStart(anchor, _) => self.start(Node::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => self.start(Node::Map(Vec::new()), anchor),
            Event::SequenceEnd | Event::MappingEnd => {
                let done = self.open.pop().expect("the parser ends what it began");
                self.add(done.node, done.anchor, line)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    let reason = "it holds an alias of what is not yet complete".into();
                    return Err(ReferencesError::Invalid { line, reason });
                };
                // Weighed before it is copied: a bomb is made of copies of copies.
                if self.weight + node.weight() > MAX_WEIGHT {
                    return Err(ReferencesError::Limit { what: "its values, aliases and all, are larger than 32 MiB" });
                }
                let node = node.clone();
                self.add(node, 0, line)
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(ReferencesError::Invalid { line, reason: "it holds a second document".into() })
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, node: Node, anchor: usize) -> Result<(), ReferencesError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(ReferencesError::Limit { what: "it is nested more than 64 deep" });
        }
        self.open.push(Open { node, anchor, keys: BTreeSet::new(), key: None });
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize, line: usize) -> Result<(), ReferencesError> {
        let copies = if anchor == 0 { 1 } else { 2 };
        // What a list or map holds was weighed when it was added to it.
        let own = if anchor == 0 && !matches!(node, Node::Text(_)) { NODE } else { node.weight() };
        self.weight += own * copies;
        if self.weight > MAX_WEIGHT {
            return Err(ReferencesError::Limit { what: "its values, aliases and all, are larger than 32 MiB" });
        }
        if self.open.len() + node.depth() > MAX_DEPTH {
            return Err(ReferencesError::Limit { what: "it is nested more than 64 deep" });
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match (&mut open.node, open.key.take()) {
            (Node::List(items), _) => items.push(node),
            (Node::Map(members), Some(key)) => members.push((key, node)),
            (Node::Map(_), None) => open.key = Some(key_of(node, &mut open.keys, line)?),
            (Node::Text(_), _) => unreachable!("only lists and maps are opened"),
        }
        Ok(())
    }
}

/// The key of a map's next member.
fn key_of(node: Node, keys: &mut BTreeSet<String>, line: usize) -> Result<String, ReferencesError> {
    let Node::Text(Text { text, .. }) = node else {
        return Err(ReferencesError::Invalid { line, reason: "it holds a key that is a list or a map".into() });
    };
    if !keys.insert(text.clone()) {
        let short: String = text.chars().take(60).collect();
        return Err(ReferencesError::Invalid { line, reason: format!("the key `{}` stands twice", shown(&short)) });
    }
    Ok(text)
}

/// JSON writes a character above U+FFFF as two halves, which YAML does not know.
fn with_whole_characters(text: &str) -> Cow<'_, str> {
    if !text.contains("\\ud") && !text.contains("\\uD") {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        whole.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(character) = halves(rest) {
            whole.push(character);
            rest = &rest[12..];
            continue;
        }
        // A backslash and what it escapes, which may be another backslash.
        let end = rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end);
        whole.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

/// The character whose two halves a text begins with: 12 bytes, all ASCII.
fn halves(text: &str) -> Option<char> {
    let half = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    char::decode_utf16([half(0)?, half(6)?]).next()?.ok().filter(|character| character.len_utf16() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(node: &Node) -> (&str, usize) {
        let found = node.text().unwrap();
        (&found.text, found.line)
    }

    #[test]
    fn lines_are_those_of_the_file_in_both_languages() {
        let yaml = read("a: |\n  one\n  two\nb: [x, 'y']\n").unwrap();
        assert_eq!(text(yaml.get("a").unwrap()), ("one\ntwo\n", 2));
        let json = read("{\n\t\"a\": \"x\\/y\",\n\t\"b\": \"\\ud83d\\ude80 \\\\ud83d\"\n}").unwrap();
        assert_eq!(text(json.get("a").unwrap()), ("x/y", 2));
        assert_eq!(text(json.get("b").unwrap()), ("\u{1f680} \\ud83d", 3));
    }

    #[test]
    fn an_alias_is_its_value_and_a_merged_map_lends_its_members() {
        let node = read("base: &b {image: x.sif, app: run}\njob:\n  <<: *b\n  app: test\n").unwrap();
        let job = node.get("job").unwrap();
        assert_eq!((text(job.get("image").unwrap()).0, text(job.get("app").unwrap()).0), ("x.sif", "test"));
    }

    #[test]
    fn what_says_nothing_is_absent() {
        let node = read("a: ~\nb:\nc: null\nd: 'null'\n").unwrap();
        assert!(["a", "b", "c"].iter().all(|key| node.get(key).unwrap().text().is_none()));
        assert_eq!(text(node.get("d").unwrap()).0, "null");
    }

    #[test]
    fn t05_a_bomb_of_aliases_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..60 {
            let below = format!("*a{}, ", level - 1).repeat(9);
            bomb.push_str(&format!("a{level}: &a{level} [{below}]\n"));
        }
        assert!(matches!(read(&bomb), Err(ReferencesError::Limit { .. })));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(1000));
        assert!(matches!(read(&long), Err(ReferencesError::Limit { .. })));
        let chain: String = (1..200).map(|level| format!("a{level}: &a{level} [*a{}]\n", level - 1)).collect();
        assert!(matches!(read(&format!("a0: &a0 x\n{chain}")), Err(ReferencesError::Limit { .. })));
        assert!(read("a: &a [*a]\n").is_err());
    }

    #[test]
    fn t06_what_two_readers_could_take_differently_is_refused() {
        for bad in [
            "a: 1\na: 2\n",
            "a: 1\n---\na: 2\n",
            "? [a]\n: b\n",
            "\"\\ud83d\"",
            "{\"a\": \"\\ud83d\"}",
            "a: \"\\0\"",
            "",
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        for deep in ["- ".repeat(2_000_000), "[".repeat(2_000_000), "{a: ".repeat(1_000_000)] {
            assert!(read(&deep).is_err());
        }
    }
}
