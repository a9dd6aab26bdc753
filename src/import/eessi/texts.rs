//! Texts of a source, each kept once, and the values that they stand for, each parsed once.
//!
//! An extension's entry repeats the required modules of its parent word for word: 128 of
//! the 137 MB of the R extensions. A field's JSON text is therefore kept as a number, and
//! parsed only when an entry is looked at, once for all entries that share it.

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexSet;

use crate::model::Value;

/// A text that [`Texts`] keeps. The number depends on the order of the files, so nothing
/// that leaves the importer may depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Text(u32);

/// Every text that was met, once.
#[derive(Debug, Default)]
pub(super) struct Texts(IndexSet<Box<str>>);

impl Texts {
    /// Keeps a text.
    pub(super) fn keep(&mut self, text: &str) -> Text {
        let index = match self.0.get_index_of(text) {
            Some(index) => index,
            None => self.0.insert_full(text.into()).0,
        };
        Text(u32::try_from(index).expect("each text takes memory, and there are fewer than 4,294,967,296"))
    }

    /// A text that was kept.
    pub(super) fn get(&self, text: Text) -> &str {
        self.0.get_index(text.0 as usize).expect("the text was kept here")
    }

    /// The number of a text, if it was kept.
    pub(super) fn find(&self, text: &str) -> Option<Text> {
        let index = self.0.get_index_of(text)?;
        u32::try_from(index).ok().map(Text)
    }
}

/// What kept texts stand for as JSON.
#[derive(Debug)]
pub(super) struct Values<'t> {
    texts: &'t Texts,
    parsed: HashMap<Text, Result<Rc<Value>, Rc<str>>>,
}

impl<'t> Values<'t> {
    pub(super) fn new(texts: &'t Texts) -> Self {
        Self { texts, parsed: HashMap::new() }
    }

    pub(super) fn texts(&self) -> &'t Texts {
        self.texts
    }

    /// The value of a JSON text; why it has none, when two readers could read it
    /// differently (see [`Value`]).
    pub(super) fn get(&mut self, text: Text) -> Result<Rc<Value>, Rc<str>> {
        let texts = self.texts;
        let parse = || serde_json::from_str(texts.get(text)).map(Rc::new).map_err(|e| without_place(&e).into());
        self.parsed.entry(text).or_insert_with(parse).clone()
    }
}

/// The message of an error in a part of a file: its line and column mean nothing.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message).to_owned()
}
