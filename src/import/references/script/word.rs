//! A word of a command line, before its variables are known.

use super::super::path::UNKNOWN;
use super::variables::Variables;

/// The longest value that a word may come to; a longer one is unknown.
const MAX_VALUE: usize = 4096;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Text(String),
    /// A variable, and what stands for it when it is not set.
    Variable { name: String, default: Option<String> },
    /// What only the running shell knows: a command's output, a pattern, arithmetic.
    Unknown,
}

/// Commands within a word, in `$(…)` or backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inner {
    pub(super) line: usize,
    pub(super) text: String,
}

/// A word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) pieces: Vec<Piece>,
    /// The line that it begins in, from 1.
    pub(super) line: usize,
    /// Whether a part of it is quoted.
    pub(super) is_quoted: bool,
    pub(super) inner: Vec<Inner>,
}

impl Word {
    pub(super) fn push(&mut self, character: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(character),
            _ => self.pieces.push(Piece::Text(character.into())),
        }
    }

    /// The text, when the word is nothing else and not quoted: keywords are such words.
    pub(super) fn bare(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] if !self.is_quoted => Some(text),
            _ => None,
        }
    }

    /// The name that the word sets, when it is an assignment.
    pub(super) fn assigns(&self) -> Option<&str> {
        let Some(Piece::Text(text)) = self.pieces.first() else { return None };
        let (name, _) = text.split_once('=')?;
        let name = name.strip_suffix('+').unwrap_or(name);
        is_name(name).then_some(name)
    }

    /// The value of the word; [`UNKNOWN`] stands for what is not known.
    pub(super) fn value(&self, variables: &Variables) -> String {
        let mut value = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => value.push_str(text),
                Piece::Unknown => value.push(UNKNOWN),
                Piece::Variable { name, default } => match variables.get(name).or(default.as_deref()) {
                    Some(known) => value.push_str(known),
                    None => value.push(UNKNOWN),
                },
            }
            if value.len() > MAX_VALUE {
                return UNKNOWN.into();
            }
        }
        value
    }

    /// The words that it becomes: a variable outside quotes is split at its spaces.
    pub(super) fn expanded(&self, variables: &Variables) -> Vec<String> {
        let value = self.value(variables);
        let is_split = !self.is_quoted && self.pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. }));
        if is_split { value.split_ascii_whitespace().map(str::to_owned).collect() } else { vec![value] }
    }

    /// The word as a report shows it: variables by their names.
    pub(super) fn shown(&self) -> String {
        let mut shown = String::new();
        for (at, piece) in self.pieces.iter().enumerate() {
            let goes_on = matches!(self.pieces.get(at + 1), Some(Piece::Text(text)) if text.starts_with(is_word));
            match piece {
                Piece::Text(text) => shown.push_str(text),
                Piece::Variable { name, .. } if goes_on => shown.extend(["${", name, "}"]),
                Piece::Variable { name, .. } => shown.extend(["$", name]),
                Piece::Unknown => shown.push('…'),
            }
        }
        shown
    }
}

/// Whether a text can name a variable.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_word) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a character can stand in a variable's name.
pub(super) fn is_word(character: char) -> bool {
    character == '_' || character.is_ascii_alphanumeric()
}
