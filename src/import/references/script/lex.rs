//! From a script's text to the words of its commands, one command at a time.
//!
//! The grammar is the part of POSIX's and bash's that decides where words and commands
//! end; `expand` has the part within a word. Redirections and here-documents are dropped.

use super::word::{Piece, Word};

/// The most words of one command that are kept.
const MAX_WORDS: usize = 4096;

/// Reads commands from a text.
pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) line: usize,
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

    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        self.line += usize::from(character == '\n');
        Some(character)
    }

    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.bump();
        }
        is_there
    }

    fn skip_line(&mut self) {
        self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
    }

    pub(super) fn word(&mut self) -> &mut Word {
        let line = self.line;
        self.word.get_or_insert_with(|| Word { line, ..Word::default() })
    }

    pub(super) fn unknown(&mut self) {
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
