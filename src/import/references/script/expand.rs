//! What stands within a word: quotes, backslashes, variables, commands.
//!
//! An end that never comes is the end of the text, so each character is read once here;
//! commands within are read again by their own lexer, to a limited depth.

use super::lex::Lexer;
use super::word::{Inner, Piece, is_name, is_word};

impl<'t> Lexer<'t> {
    pub(super) fn in_word(&mut self, character: char) {
        match character {
            '\\' => match self.bump() {
                Some('\n') | None => {}
                Some('\r') if self.eat('\n') => {}
                Some(other) => {
                    self.word().is_quoted = true;
                    self.word().push(other);
                }
            },
            '\'' => self.single(),
            '"' => self.double(),
            '$' => self.dollar(),
            '`' => self.backticks(),
            '*' | '?' => self.unknown(),
            other => self.word().push(other),
        }
    }

    fn single(&mut self) {
        self.quoted();
        while let Some(character) = self.bump().filter(|character| *character != '\'') {
            self.word().push(character);
        }
    }

    fn double(&mut self) {
        self.quoted();
        while let Some(character) = self.bump() {
            match character {
                '"' => return,
                '\\' => match self.bump() {
                    Some('\n') | None => {}
                    Some(other) => {
                        if !matches!(other, '$' | '`' | '"' | '\\') {
                            self.word().push('\\');
                        }
                        self.word().push(other);
                    }
                },
                '$' => self.dollar(),
                '`' => self.backticks(),
                other => self.word().push(other),
            }
        }
    }

    /// An empty quoted word is a word.
    fn quoted(&mut self) {
        let word = self.word();
        word.is_quoted = true;
        if word.pieces.is_empty() {
            word.pieces.push(Piece::Text(String::new()));
        }
    }

    fn dollar(&mut self) {
        match self.peek() {
            Some('(') => {
                self.bump();
                self.commands();
            }
            Some('{') => {
                self.bump();
                self.braces();
            }
            Some('\'') => {
                self.bump();
                self.ansi();
            }
            Some('"') => {}
            Some(first) if first == '_' || first.is_ascii_alphabetic() => {
                let rest = &self.text[self.at..];
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.at += end;
                self.word().pieces.push(Piece::Variable { name: rest[..end].to_owned(), default: None });
            }
            Some('0'..='9' | '@' | '*' | '#' | '?' | '$' | '!' | '-') => {
                self.bump();
                self.unknown();
            }
            _ => self.word().push('$'),
        }
    }

    /// `$'…'`, whose escapes are not needed: with one, it is unknown.
    fn ansi(&mut self) {
        let start = self.at;
        let mut is_escaped = false;
        while let Some(character) = self.bump().filter(|character| *character != '\'') {
            if character == '\\' {
                is_escaped = true;
                self.bump();
            }
        }
        let inside = self.text[start..self.at].trim_end_matches('\'').to_owned();
        self.quoted();
        if is_escaped { self.unknown() } else { self.word().pieces.push(Piece::Text(inside)) }
    }

    /// `${…}`: a name, or a name with what stands for it when it is not set.
    fn braces(&mut self) {
        let start = self.at;
        let mut depth = 1;
        while let Some(character) = self.bump() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                '\\' => {
                    self.bump();
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        let inside = self.text[start..self.at].strip_suffix('}').unwrap_or_default();
        let (name, default) = match inside.split_once(['-', '=']) {
            Some((name, default)) => (name.strip_suffix(':').unwrap_or(name), Some(default)),
            None => (inside, None),
        };
        let is_plain = |text: &str| !text.contains(['$', '`', '"', '\'', '\\', '*', '?', '{']);
        let is_read = is_name(name) && default.is_none_or(is_plain);
        let piece = match is_read {
            true => Piece::Variable { name: name.to_owned(), default: default.map(str::to_owned) },
            false => Piece::Unknown,
        };
        self.word().pieces.push(piece);
    }

    /// Commands up to the closing parenthesis, whose output is unknown.
    pub(super) fn commands(&mut self) {
        let line = self.line;
        let text = self.balanced().to_owned();
        self.unknown();
        // Arithmetic holds no commands.
        if !text.starts_with('(') {
            self.word().inner.push(Inner { line, text });
        }
    }

    fn backticks(&mut self) {
        let (line, start) = (self.line, self.at);
        while let Some(character) = self.bump().filter(|character| *character != '`') {
            if character == '\\' {
                self.bump();
            }
        }
        let inside = &self.text[start..self.at];
        let text = inside.strip_suffix('`').unwrap_or(inside).to_owned();
        self.unknown();
        self.word().inner.push(Inner { line, text });
    }

    /// The text up to the parenthesis that closes the one just read.
    pub(super) fn balanced(&mut self) -> &'t str {
        let start = self.at;
        let mut depth = 1;
        while let Some(character) = self.bump() {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                '\\' => {
                    self.bump();
                }
                '\'' => while self.bump().is_some_and(|c| c != '\'') {},
                '"' => {
                    while let Some(c) = self.bump().filter(|c| *c != '"') {
                        if c == '\\' {
                            self.bump();
                        }
                    }
                }
                _ => {}
            }
            if depth == 0 {
                return &self.text[start..self.at - 1];
            }
        }
        &self.text[start..]
    }
}
