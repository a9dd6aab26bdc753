//! What someone may have meant, where nothing answers.

use super::index::Index;
use super::query::Query;

/// The most suggestions that are made.
const MOST: usize = 5;
/// Longest word that is compared with titles, in characters: one step for each pair.
const LONGEST: usize = 40;

impl Index {
    /// The titles that are nearest to a query's words, each once, the nearest first.
    #[must_use]
    pub fn near(&self, query: &Query) -> Vec<&str> {
        let asked = query.words.join("-");
        let length = asked.chars().count();
        if !(2..=LONGEST).contains(&length) {
            return Vec::new();
        }
        // A letter in three may differ.
        let most = length.div_ceil(3);
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (at, entry) in self.entries().iter().enumerate() {
            let is_again = at > 0 && self.entries()[at - 1].lower == entry.lower;
            if !is_again && entry.lower.chars().count().abs_diff(length) <= most {
                let distance = strsim::levenshtein(&asked, &entry.lower);
                found.extend((distance <= most).then_some((distance, at)));
            }
        }
        found.sort_unstable();
        found.into_iter().take(MOST).map(|(_, at)| self.entries()[at].document.title.as_str()).collect()
    }
}
