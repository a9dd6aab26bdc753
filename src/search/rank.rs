//! Who answers a query, and who first.
//!
//! Each word is looked for in each document, where it has a rank: the best place that it
//! stands in. A document answers when every word stands in it. Results come by the sum of
//! their ranks, then the shorter title first, then in the order of the index.

use super::field::is_meant;
use super::index::{Entry, Facet, Index};
use super::query::{Query, Sort};
use super::spelling::{plain, spellings};
use crate::model::order::newest_first;

/// The ranks of a word in a document, the best first.
const EXACT: u32 = 0;
const ALIAS: u32 = 1;
const BEGINS: u32 = 2;
const BEGINS_WORD: u32 = 3;
const WITHIN: u32 = 4;
const SPELLED: u32 = 5;
const SUMMARY: u32 = 6;
const TEXT: u32 = 7;

/// A document that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The number of its entry.
    pub entry: usize,
    /// The sum of its words' ranks.
    pub rank: u32,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The documents, the best first.
    pub hits: Vec<Hit>,
    /// For each facet of the index, how many results there are for each of its values,
    /// with all that the query narrows by but what it says of that facet.
    pub counts: Vec<Vec<u32>>,
}

impl Index {
    /// Answers a query.
    #[must_use]
    pub fn run(&self, query: &Query) -> Found {
        let ranks = self.ranks(query);
        let facets: Vec<Wanted<'_>> = self.facets().iter().map(|facet| Wanted::of(facet, query)).collect();
        let holders = self.holders(query);
        let mut counts: Vec<Vec<u32>> = self.facets().iter().map(|facet| vec![0; facet.values.len()]).collect();
        let mut hits = Vec::new();
        for (entry, rank) in ranks.into_iter().enumerate() {
            let Some(rank) = rank.filter(|_| holders.iter().all(|(has, is_not)| has[entry] != *is_not)) else {
                continue;
            };
            let mut failed = facets.iter().enumerate().filter(|(_, wanted)| !wanted.admits(entry)).map(|(at, _)| at);
            let (first, second) = (failed.next(), failed.next());
            for (at, wanted) in facets.iter().enumerate() {
                // What one facet alone leaves out could still be chosen there.
                if second.is_none() && first.is_none_or(|first| first == at) {
                    wanted.facet.values_of(entry).iter().for_each(|value| counts[at][*value as usize] += 1);
                }
            }
            if first.is_none() {
                hits.push(Hit { entry, rank });
            }
        }
        self.sort(&mut hits, query);
        Found { hits, counts }
    }

    /// The releases of a module that hold an extension that a query asks for, the newest
    /// first.
    #[must_use]
    pub fn holding(&self, query: &Query, entry: &Entry) -> Vec<String> {
        let asked: Vec<Word<'_>> = query
            .filters
            .iter()
            .filter(|filter| filter.field.is_none() && !filter.is_not)
            .map(|filter| Word::new(&filter.value))
            .collect();
        let held = entry.holds.iter().map(|held| &self.entries()[*held as usize]);
        let held = held.filter(|held| asked.iter().any(|word| word.is_name_of(held)));
        let name = entry.document.name.as_str();
        let in_it = |holder: &String| holder.strip_prefix(name)?.strip_prefix(':').map(str::to_owned);
        let mut releases: Vec<String> = held.flat_map(|held| held.document.holders.iter().filter_map(in_it)).collect();
        releases.sort_by(|a, b| newest_first(a, b));
        releases.dedup();
        releases
    }

    fn sort(&self, hits: &mut [Hit], query: &Query) {
        let entry = |hit: &Hit| &self.entries()[hit.entry];
        match query.sort {
            Sort::Relevance if query.words.is_empty() => {}
            Sort::Relevance => hits.sort_by_key(|hit| (hit.rank, entry(hit).length, hit.entry)),
            Sort::Name => {}
            Sort::Releases => hits.sort_by_key(|hit| (std::cmp::Reverse(entry(hit).document.releases), hit.entry)),
        }
    }

    /// The rank of each document, where all words stand in it.
    fn ranks(&self, query: &Query) -> Vec<Option<u32>> {
        let mut ranks = vec![Some(0); self.entries().len()];
        for word in &query.words {
            let word = Word::new(word);
            let named: Vec<Option<u32>> = self.entries().iter().map(|entry| word.in_name(entry)).collect();
            for (entry, (rank, named_as)) in self.entries().iter().zip(ranks.iter_mut().zip(&named)) {
                let Some(sum) = rank else { continue };
                let found = named_as.or_else(|| word.in_summary(entry)).or_else(|| {
                    let is_held = entry.holds.iter().any(|held| named[*held as usize].is_some());
                    (is_held || stands(&entry.text, word.text)).then_some(TEXT)
                });
                *rank = found.map(|found| *sum + found);
            }
        }
        ranks
    }

    /// For each extension that is asked for, which documents hold it, and whether those
    /// are left out.
    fn holders(&self, query: &Query) -> Vec<(Vec<bool>, bool)> {
        let asked = query.filters.iter().filter(|filter| filter.field.is_none());
        let has = |value: &str| {
            let word = Word::new(value);
            let is_it: Vec<bool> = self.entries().iter().map(|entry| word.is_name_of(entry)).collect();
            self.entries().iter().map(|entry| entry.holds.iter().any(|held| is_it[*held as usize])).collect()
        };
        asked.map(|filter| (has(&filter.value), filter.is_not)).collect()
    }
}

/// A word of a query, and its spellings.
struct Word<'q> {
    text: &'q str,
    spellings: Vec<String>,
}

impl<'q> Word<'q> {
    fn new(text: &'q str) -> Self {
        Self { text, spellings: spellings(&plain(text)) }
    }

    /// The best place of a document's names that it stands in.
    fn in_name(&self, entry: &Entry) -> Option<u32> {
        let word = self.text;
        let name = entry.document.name.as_str();
        if entry.lower == word || name == word {
            return Some(EXACT);
        }
        if self.spellings.iter().any(|spelling| entry.aliases.contains(spelling)) {
            return Some(ALIAS);
        }
        match entry.lower.find(word) {
            Some(0) => return Some(BEGINS),
            Some(at) if is_letter(&entry.lower, at - 1) => return Some(WITHIN),
            Some(_) => return Some(BEGINS_WORD),
            None => {}
        }
        let is_spelled =
            self.spellings.iter().any(|spelling| entry.aliases.iter().any(|name| name.contains(spelling.as_str())));
        // Only what is written like a part of a module's name is looked for there.
        (is_spelled || (word.contains(['/', '.']) && name.contains(word))).then_some(SPELLED)
    }

    /// Whether it is one of a document's names, whole.
    fn is_name_of(&self, entry: &Entry) -> bool {
        self.in_name(entry).is_some_and(|rank| rank <= ALIAS)
    }

    fn in_summary(&self, entry: &Entry) -> Option<u32> {
        stands(&entry.summary, self.text).then_some(SUMMARY)
    }
}

/// Shorter words stand in a text only as whole words.
const SHORT: usize = 3;

/// Whether a word of the text begins with `word`; a short one must be all of it.
fn stands(text: &str, word: &str) -> bool {
    let is_short = word.encode_utf16().count() < SHORT;
    text.match_indices(word)
        .any(|(at, _)| !(at > 0 && is_letter(text, at - 1) || is_short && is_letter(text, at + word.len())))
}

/// Whether the byte of a text is of a letter or a digit; all beyond ASCII count as such.
fn is_letter(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80)
}

/// What a query wants of one facet.
struct Wanted<'i> {
    facet: &'i Facet,
    /// Whether a value is wanted, or unwanted, or neither.
    values: Vec<Option<bool>>,
    /// Whether one of the wanted values is asked for.
    some: bool,
}

impl<'i> Wanted<'i> {
    fn of(facet: &'i Facet, query: &Query) -> Self {
        let mut wanted = Self { facet, values: vec![None; facet.values.len()], some: false };
        for filter in query.filters.iter().filter(|filter| filter.field == Some(facet.field)) {
            wanted.some |= !filter.is_not;
            let is_there = facet.names.iter().any(|(name, _)| *name == filter.value);
            for (name, value) in &facet.names {
                let value = &mut wanted.values[*value as usize];
                let is_meant = if is_there { *name == filter.value } else { is_meant(&filter.value, name) };
                // What is to be left out is left out, whatever else is asked for.
                if is_meant && *value != Some(false) {
                    *value = Some(!filter.is_not);
                }
            }
        }
        wanted
    }

    fn admits(&self, entry: usize) -> bool {
        let mut is_wanted = !self.some;
        for value in self.facet.values_of(entry) {
            match self.values[*value as usize] {
                Some(false) => return false,
                Some(true) => is_wanted = true,
                None => {}
            }
        }
        is_wanted
    }
}

#[cfg(test)]
mod tests {
    use super::stands;

    #[test]
    fn a_word_stands_where_a_word_begins() {
        assert!(stands("fast molecular dynamics", "dyna") && !stands("fast molecular dynamics", "namics"));
        assert!(stands("the r language", "r") && !stands("the rust language", "r") && stands("c++, r", "r"));
        assert!(stands("in c++ and", "c++") && !stands("xärger", "ger"));
    }
}
