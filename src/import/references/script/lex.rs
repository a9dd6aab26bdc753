//! From a script's text to the words of its commands, one command at a time.
//!
//! The grammar is the part of POSIX's and bash's that decides where words and commands
//! end. Redirections and here-documents are dropped.

use super::word::{Inner, Piece, Word, is_name};

/// The most words of one command that are kept.
const MAX_WORDS: usize = 4096;

/// Reads commands from a text.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    words: Vec<Word>,
    word: Option<Word>,
    /// What the next word is, when it is no argument.
    next: Next,
    heredocs: Vec<Heredoc>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Argument,
    Target,
    Delimiter { tabs: bool },
}

struct Heredoc {
    delimiter: String,
    tabs: bool,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, words: Vec::new(), word: None, next: Next::Argument, heredocs: Vec::new() }
    }

    /// The words of the next command that has some.
    pub(super) fn next_command(&mut self) -> Option<Vec<Word>> {
        while let Some(character) = self.bump() {
            let ends = match character {
                '\n' => {
                    self.end_word();
                    self.skip_heredocs();
                    true
                }
                ' ' | '\t' | '\r' => {
                    self.end_word();
                    false
                }
                '#' if self.word.is_none() => {
                    self.skip_line();
                    false
                }
                '&' if self.peek() == Some('>') => false,
                '(' if self.is_array() => {
                    self.balanced();
                    self.unknown();
                    false
                }
                ';' | '&' | '|' | '(' | ')' => {
                    self.end_word();
                    true
                }
                '<' | '>' => {
                    self.redirection(character);
                    false
                }
                other => {
                    self.in_word(other);
                    false
                }
            };
            if ends && !self.words.is_empty() {
                return Some(std::mem::take(&mut self.words));
            }
        }
        self.end_word();
        let last = std::mem::take(&mut self.words);
        (!last.is_empty()).then_some(last)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        self.line += usize::from(character == '\n');
        Some(character)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.bump();
        }
        is_there
    }

    fn skip_line(&mut self) {
        self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
    }

    fn word(&mut self) -> &mut Word {
        let line = self.line;
        self.word.get_or_insert_with(|| Word { line, ..Word::default() })
    }

    fn unknown(&mut self) {
        self.word().pieces.push(Piece::Unknown);
    }

    /// Whether a parenthesis begins the members of an array, as in `A=(…)`.
    fn is_array(&self) -> bool {
        self.word.as_ref().and_then(Word::bare).is_some_and(|text| text.ends_with('='))
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match std::mem::replace(&mut self.next, Next::Argument) {
            Next::Argument if self.words.len() < MAX_WORDS => self.words.push(word),
            Next::Argument | Next::Target => {}
            Next::Delimiter { tabs } => self.heredocs.push(Heredoc { delimiter: word.shown(), tabs }),
        }
    }

    fn skip_heredocs(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            while self.at < self.text.len() {
                let start = self.at;
                self.skip_line();
                let line = &self.text[start..self.at];
                self.bump();
                let line = if heredoc.tabs { line.trim_start_matches('\t') } else { line };
                if line.trim_end_matches('\r') == heredoc.delimiter {
                    break;
                }
            }
        }
    }

    fn redirection(&mut self, which: char) {
        // `2>` names a stream; the digits are no argument.
        if self.word.as_ref().and_then(Word::bare).is_some_and(|text| text.bytes().all(|b| b.is_ascii_digit())) {
            self.word = None;
        }
        if self.eat('(') {
            // `<(…)` is a word that holds a command.
            return self.commands();
        }
        self.end_word();
        self.next = Next::Target;
        if which == '<' && self.eat('<') {
            if !self.eat('<') {
                self.next = Next::Delimiter { tabs: self.eat('-') };
            }
            return;
        }
        while matches!(self.peek(), Some('>' | '&' | '|')) {
            self.bump();
        }
    }

    fn in_word(&mut self, character: char) {
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
                let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
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
    fn commands(&mut self) {
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
    fn balanced(&mut self) -> &'t str {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<String> {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        while let Some(words) = lexer.next_command() {
            let words: Vec<String> = words.iter().map(Word::shown).collect();
            found.push(words.join("|"));
        }
        found
    }

    #[test]
    fn commands_and_words_end_where_they_do_in_a_shell() {
        assert_eq!(commands("a b&&c;d | e & f\n(g h)"), ["a|b", "c", "d", "e", "f", "g|h"]);
        assert_eq!(commands("a 'b c' \"d e\"f \\  g\\\n h"), ["a|b c|d ef| |g|h"]);
        assert_eq!(commands("a # b\n# c\nd#e '#f'"), ["a", "d#e|#f"]);
        assert_eq!(commands("a '' \"\" b"), ["a|||b"]);
    }

    #[test]
    fn redirections_and_here_documents_are_no_arguments() {
        assert_eq!(commands("a >out 2>&1 b <in &>log c 3>>x"), ["a|b|c"]);
        assert_eq!(commands("a <<EOF b\nc d\n EOF\nEOF\ne"), ["a|b", "e"]);
        assert_eq!(commands("a <<-'E F' <<X\n\tc\n\tE F\nx\nX\ne <<< f g"), ["a", "e|g"]);
        assert_eq!(commands("a <<EOF\nnever ends"), ["a"]);
    }

    #[test]
    fn what_a_shell_would_fill_in_is_told_apart() {
        assert_eq!(commands("a $B ${C} \"$D/e\" '$F' ${G:-h} ${I%.sif} $1 *.sif"), ["a|$B|$C|$D/e|$F|$G|…|…|….sif"]);
        assert_eq!(commands("X=(a b) y"), ["X=…|y"]);
        let mut lexer = Lexer::new("a $(b \"c)\" $(d)) `e`\n$((1 + 2))");
        let words = lexer.next_command().unwrap();
        let inner: Vec<&str> = words.iter().flat_map(|word| &word.inner).map(|inner| inner.text.as_str()).collect();
        assert_eq!(inner, ["b \"c)\" $(d)", "e"]);
        assert_eq!(lexer.next_command().unwrap()[0].inner, []);
    }

    #[test]
    fn words_know_their_lines() {
        let mut lexer = Lexer::new("a \\\n b 'x\ny' c\n<<E\n\nE\nd");
        let lines = |words: Vec<Word>| words.iter().map(|word| word.line).collect::<Vec<_>>();
        assert_eq!(lines(lexer.next_command().unwrap()), [1, 2, 2, 3]);
        assert_eq!(lines(lexer.next_command().unwrap()), [7]);
    }
}
