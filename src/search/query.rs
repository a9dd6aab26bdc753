//! What someone asks: words, and what to narrow the results by.
//!
//! ```text
//! gromacs cuda                  both words somewhere in a module
//! "molecular dynamics"          the two words beside each other
//! source:eessi licence:MIT      only from EESSI, only under the MIT licence
//! -licence:unknown              not where no licence is known
//! extension:numpy               what holds the extension numpy
//! ```
//!
//! A text is read in one pass; none is refused, and what is beyond the limits is dropped.

use std::fmt;

use super::field::Field;

/// Longest text of a query that is read, in characters.
pub const MAX_QUERY: usize = 200;
/// Most words of a query.
pub const MAX_WORDS: usize = 8;
/// Most filters of a query.
pub const MAX_FILTERS: usize = 64;

/// What narrows the results.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filter {
    /// The field; `None` for an extension that a module holds.
    pub field: Option<Field>,
    /// The value, in lower case.
    pub value: String,
    /// Whether modules with the value are left out.
    pub is_not: bool,
}

/// The orders that results can have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The best match first.
    #[default]
    Relevance,
    /// By title.
    Name,
    /// Most releases first.
    Releases,
}

/// What someone asks.
///
/// ```
/// use warecat::search::Query;
/// let query = Query::parse("GROMACS arch:aarch64 -licence:unknown");
/// assert_eq!(query.words, ["gromacs"]);
/// assert_eq!(query.filters.len(), 2);
/// assert_eq!(Query::parse("Archive::Zip").words, ["archive::zip"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What must stand in a module, each in lower case.
    pub words: Vec<String>,
    /// What narrows the results.
    pub filters: Vec<Filter>,
    /// The order of the results.
    pub sort: Sort,
}

impl Query {
    /// Reads a query.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for token in tokens(text) {
            match filter(&token) {
                Some(filter) => query.add(filter),
                None if query.words.len() < MAX_WORDS => query.words.push(token.to_lowercase()),
                None => {}
            }
        }
        query
    }

    /// Narrows the results further.
    pub fn add(&mut self, filter: Filter) {
        if self.filters.len() < MAX_FILTERS && !self.filters.contains(&filter) {
            self.filters.push(filter);
        }
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.filters.is_empty()
    }
}

impl Filter {
    /// The filter of a field's value; a `-` in front of the value leaves it out.
    #[must_use]
    pub fn new(field: Option<Field>, value: &str) -> Self {
        let (is_not, value) = value.strip_prefix('-').map_or((false, value), |value| (true, value));
        Self { field, value: value.to_lowercase(), is_not }
    }
}

/// What a query is written as; reading that gives the query again.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words.iter().cloned();
        let filters = self.filters.iter().map(|filter| {
            let not = if filter.is_not { "-" } else { "" };
            format!("{not}{}:{}", filter.field.map_or("extension", Field::as_str), filter.value)
        });
        for (at, part) in words.chain(filters).enumerate() {
            let space = if at > 0 { " " } else { "" };
            let quote = if part.contains(' ') { "\"" } else { "" };
            write!(f, "{space}{quote}{part}{quote}")?;
        }
        Ok(())
    }
}

/// The parts of a text between blanks; quotes keep blanks together.
fn tokens(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut is_quoted = false;
    for c in text.chars().take(MAX_QUERY) {
        let is_blank = c.is_whitespace() || c.is_control();
        let token = found.last_mut().expect("there is always a last one");
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_blank && is_quoted => {
                // One blank within a phrase, as in the texts that it is looked for in.
                if !token.is_empty() && !token.ends_with(' ') {
                    token.push(' ');
                }
            }
            _ if is_blank => found.push(String::new()),
            c => token.push(c),
        }
    }
    found.into_iter().map(|token| token.trim_end_matches(' ').to_owned()).filter(|token| !token.is_empty()).collect()
}

fn filter(token: &str) -> Option<Filter> {
    let (name, value) = token.split_once(':').filter(|(_, value)| !value.is_empty() && !value.starts_with(':'))?;
    let (is_not, name) = name.strip_prefix('-').map_or((false, name), |name| (true, name));
    let field = match name.eq_ignore_ascii_case("extension") {
        true => None,
        false => Some(Field::parse(name)?),
    };
    Some(Filter { field, value: value.trim_start_matches(' ').to_lowercase(), is_not }).filter(|f| !f.value.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Filter, MAX_FILTERS, MAX_WORDS, Query};
    use crate::search::Field;

    fn words(text: &str) -> Vec<String> {
        Query::parse(text).words
    }

    #[test]
    fn what_is_no_filter_is_a_word() {
        assert_eq!(words("a:b Archive::Zip kind: :x -y c++"), ["a:b", "archive::zip", "kind:", ":x", "-y", "c++"]);
        assert_eq!(words("kind::x"), ["kind::x"]);
        assert_eq!(words(r#"one "two  three" fo"ur "#), ["one", "two three", "four"]);
    }

    #[test]
    fn a_filter_has_a_field_and_a_value() {
        let query = Query::parse(r#"-License:Unknown category:"a b" family:x86_64 extension:numpy"#);
        let filter = |field, value: &str, is_not| Filter { field, value: value.into(), is_not };
        let expected = [
            filter(Some(Field::Licence), "unknown", true),
            filter(Some(Field::Category), "a b", false),
            filter(Some(Field::Arch), "x86_64", false),
            filter(None, "numpy", false),
        ];
        assert_eq!(query.filters, expected);
    }

    #[test]
    fn t29_a_long_query_is_cut() {
        assert_eq!(words(&"x ".repeat(1_000_000)).len(), MAX_WORDS);
        assert_eq!(words(&"y".repeat(1_000_000))[0].len(), super::MAX_QUERY);
    }

    #[test]
    fn t26_control_characters_part_words() {
        assert_eq!(words("a\u{1b}[31m\u{85}b\0c"), ["a", "[31m", "b", "c"]);
    }

    proptest! {
        #[test]
        fn any_text_is_a_query(text in "\\PC{0,40}|(-?(kind|licence|extension):)?[\"a-c :+-]{0,12}|.{0,300}") {
            let query = Query::parse(&text);
            prop_assert!(query.words.len() <= MAX_WORDS && query.filters.len() <= MAX_FILTERS);
            for word in &query.words {
                prop_assert!(!word.is_empty() && !word.contains('"') && !word.contains(char::is_control));
            }
        }

        #[test]
        fn a_query_is_read_as_it_is_written(text in "((-?(kind|licence|extension):)?[\"a-c+]{0,6} ?){0,5}") {
            let query = Query::parse(&text);
            prop_assert_eq!(Query::parse(&query.to_string()), query);
        }
    }
}
