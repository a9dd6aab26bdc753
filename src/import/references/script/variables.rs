//! The variables that a script sets itself.

use std::collections::BTreeMap;

use super::super::path::UNKNOWN;

/// Variables with their values, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, Option<String>>,
    /// How many blocks are open that may or may not be run, or more than once.
    blocks: usize,
}

impl Variables {
    /// The value of a variable; `None` when it is not known.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }

    /// Sets a variable. Within a block another value than before makes it unknown, since
    /// nothing says whether the block is run.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        let value = value.filter(|value| !value.contains(UNKNOWN));
        match self.values.get_mut(name) {
            Some(before) if self.blocks > 0 && *before != value => *before = None,
            Some(before) => *before = value,
            None => {
                self.values.insert(name.to_owned(), value);
            }
        }
    }

    /// Makes a variable unknown.
    pub(super) fn forget(&mut self, name: &str) {
        self.values.insert(name.to_owned(), None);
    }

    /// A block begins.
    pub(super) fn enter(&mut self) {
        self.blocks += 1;
    }

    /// A block ends.
    pub(super) fn leave(&mut self) {
        self.blocks = self.blocks.saturating_sub(1);
    }
}
