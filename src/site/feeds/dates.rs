//! When something was published or first seen, by one rule for feeds and site maps.
//!
//! What a release's own metadata says counts first, then the time of the commit that
//! added it, among those that are looked at. A feed must have some time for each entry:
//! for a release that is older than those commits, that is the time of the catalog's
//! first commit, which stays the same with every build; then what its source says of
//! itself, then the commit that the site shows. The clock is never asked.

use std::collections::HashMap;

use super::super::answers::{Answer, Question};
use super::super::options::{Options, SourceAt};
use crate::catalog::ReleaseEntry;
use crate::catalog::changes::FirstSeen;
use crate::model::{ModuleName, Moment, metadata};

/// The times that are known.
#[derive(Debug)]
pub(in super::super) struct Dates {
    seen: FirstSeen,
    begins: Option<Moment>,
    /// When each source made what it last gave, by its name.
    sources: HashMap<String, Moment>,
}

impl Dates {
    pub(in super::super) fn new(options: &Options<'_>, seen: FirstSeen, begins: Option<Moment>) -> Self {
        let source = |at: &SourceAt| Some((at.source.name.clone(), Moment::parse(at.source.timestamp.as_deref()?)?));
        Self { seen, begins, sources: options.sources.iter().filter_map(source).collect() }
    }

    /// When a release was published or first seen, where that is known.
    pub(in super::super) fn known(&self, module: &ModuleName, release: &ReleaseEntry) -> Option<Moment> {
        let own = release.fact(metadata::DATE).and_then(Moment::parse);
        own.or_else(|| self.seen.release(module, release.name()).and_then(Moment::parse))
    }

    /// A time for a release in any case.
    pub(super) fn updated(&self, module: &ModuleName, release: &ReleaseEntry) -> Moment {
        let source = || self.sources.get(release.fact(metadata::SOURCE)?).cloned();
        let known = self.known(module, release).or_else(|| self.begins.clone());
        known.or_else(source).unwrap_or_else(|| self.fallback())
    }

    /// When a module last changed, if one of the commits changed it.
    pub(in super::super) fn changed(&self, module: &ModuleName) -> Option<Moment> {
        self.seen.module(module).and_then(Moment::parse)
    }

    /// What pages of a module are told of the past, as a number that stands for it.
    pub(in super::super) fn answer(&self, module: &ModuleName) -> Answer {
        let mut question = Question::new(b'd');
        question.text(module.as_str());
        for (release, date) in self.seen.releases(module) {
            question.text(release.as_str()).text(date);
        }
        question.done()
    }

    /// What all pages are told of the past.
    pub(in super::super) fn common(&self) -> (Option<&str>, String) {
        (self.begins.as_ref().map(Moment::as_str), self.fallback().as_str().to_owned())
    }

    /// A time for what has none.
    pub(super) fn fallback(&self) -> Moment {
        let newest = || self.sources.values().max().cloned();
        self.begins.clone().or_else(newest).unwrap_or_else(Moment::epoch)
    }
}
