//! The two passes over the modules, each parallel.
//!
//! The first gathers what pages need to know of other modules: a module's facts are those
//! that an earlier build left when its documents have the same key. The second makes the
//! pages, unless those that lie there would be made again to the same bytes: when the
//! documents are the same and all that the pages asked of the index is answered as before.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::answers::{Truths, digest};
use super::error::SiteError;
use super::index::{self, Facts, Table};
use super::note::Note;
use super::options::{Modules, Options, Progress, Stage};
use super::output::{Files, Output};
use super::state::{ModuleState, State};
use super::weight::Weight;
use super::writer::Writer;
use crate::catalog::{ModuleEntry, ModuleKey};
use crate::model::ModuleName;

thread_local! {
    /// Where facts are written to first, so that what is kept is no larger than they are.
    static TEXT: RefCell<Vec<u8>> = RefCell::default();
}

/// Reads a module, verified.
pub(super) fn load(modules: &Modules<'_>, name: &ModuleName) -> Result<Option<(ModuleKey, ModuleEntry)>, SiteError> {
    (modules.load)(name).map_err(|error| SiteError::Load { module: name.clone(), error })
}

/// Tells how far a pass is.
fn tick(options: &Options<'_>, stage: Stage, done: &AtomicUsize, total: usize) {
    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
    if let Some(progress) = options.progress {
        progress(Progress { stage, done, total });
    }
}

/// A module after the first pass.
pub(super) struct Found<'a> {
    name: &'a ModuleName,
    key: ModuleKey,
    /// Its facts as they are kept.
    facts: Cow<'a, [u8]>,
    /// What an earlier build left, when it was made of the same documents.
    earlier: Option<&'a ModuleState<'a>>,
    /// The files that an earlier build left of it, whatever they were made of.
    files: &'a [Note],
    /// The module, when it was read and there was room to keep it.
    entry: Option<Box<ModuleEntry>>,
}

/// Of each module its facts with their hash, and what else the first pass found.
pub(super) type Facted<'a> = (Vec<(Facts, u128)>, Vec<Found<'a>>);

/// The first pass.
pub(super) fn gather<'a>(
    modules: &Modules<'_>,
    names: &'a [ModuleName],
    earlier: &'a State<'a>,
    options: &Options<'_>,
) -> Result<Facted<'a>, SiteError> {
    let done = AtomicUsize::new(0);
    let weight = Weight::default();
    let facts = |name: &'a ModuleName| {
        let found = find(modules, name, earlier.modules.get(name), &weight)?;
        tick(options, Stage::Index, &done, names.len());
        Ok(found.map(|(facts, found)| ((facts, digest(&found.facts)), found)))
    };
    let found: Vec<_> = names.par_iter().map(facts).collect::<Result<_, SiteError>>()?;
    Ok(found.into_iter().flatten().unzip())
}

/// A module's facts, read from what an earlier build left or else from its documents.
fn find<'a>(
    modules: &Modules<'_>,
    name: &'a ModuleName,
    earlier: Option<&'a ModuleState<'a>>,
    weight: &Weight,
) -> Result<Option<(Facts, Found<'a>)>, SiteError> {
    let failed = |error| SiteError::Load { module: name.clone(), error };
    let files = earlier.map(|state| state.files.as_slice()).unwrap_or_default();
    if let Some(state) = earlier
        && let Some(key) = (modules.key)(name).map_err(failed)?
        && state.key == Some(key)
        && let Ok(facts) = serde_json::from_slice(&state.facts)
    {
        let kept = Cow::Borrowed(state.facts.as_ref());
        return Ok(Some((facts, Found { name, key, facts: kept, earlier, files, entry: None })));
    }
    let Some((key, entry)) = load(modules, name)? else { return Ok(None) };
    let facts = index::facts(&entry);
    let text = Cow::Owned(text_of(&facts));
    Ok(Some((facts, Found { name, key, facts: text, earlier: None, files, entry: weight.keep(entry) })))
}

/// A module's facts as they are kept.
fn text_of(facts: &Facts) -> Vec<u8> {
    TEXT.with_borrow_mut(|text| {
        text.clear();
        serde_json::to_writer(&mut *text, facts).expect("plain values always have a text");
        text.as_slice().to_vec()
    })
}

/// A module after the second pass.
pub(super) struct Part<'a> {
    pub(super) name: &'a ModuleName,
    pub(super) state: Cow<'a, ModuleState<'a>>,
    /// Whether its pages were made.
    pub(super) is_made: bool,
}

/// The second pass: what each module needs.
pub(super) struct Second<'a> {
    pub(super) writer: &'a Writer<'a>,
    pub(super) output: &'a Output,
    pub(super) truths: &'a Truths,
    pub(super) table: &'a Table,
    pub(super) modules: &'a Modules<'a>,
    pub(super) options: &'a Options<'a>,
}

impl Second<'_> {
    /// Makes what is missing.
    pub(super) fn run<'f>(&self, found: Vec<Found<'f>>) -> Result<Vec<Part<'f>>, SiteError> {
        let done = AtomicUsize::new(0);
        let total = found.len();
        let part = |found: Found<'f>| {
            let part = match self.kept(&found)? {
                Some(part) => Some(part),
                None => self.made(found)?,
            };
            tick(self.options, Stage::Render, &done, total);
            Ok(part)
        };
        let parts: Vec<_> = found.into_par_iter().map(part).collect::<Result<_, SiteError>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    /// What an earlier build left of a module, when that is what would be made.
    fn kept<'f>(&self, found: &Found<'f>) -> Result<Option<Part<'f>>, SiteError> {
        let Some(state) = found.earlier else { return Ok(None) };
        let is_current =
            !state.all && self.truths.hold(&state.answers) && state.misses.iter().all(|miss| self.table.misses(miss));
        if !is_current {
            return Ok(None);
        }
        let Some((files, is_other)) = self.output.all_as_left(&state.files)? else { return Ok(None) };
        let state = match is_other {
            true => Cow::Owned(ModuleState { files, ..state.clone() }),
            false => Cow::Borrowed(state),
        };
        Ok(Some(Part { name: found.name, state, is_made: false }))
    }

    fn made<'f>(&self, found: Found<'f>) -> Result<Option<Part<'f>>, SiteError> {
        let entry = found.entry.map(|entry| (found.key, *entry));
        let Some((key, entry)) = entry.map_or_else(|| load(self.modules, found.name), |entry| Ok(Some(entry)))? else {
            return Ok(None);
        };
        let index = self.writer.frame.index.noting(found.name);
        let files = Files::new(self.output, found.files);
        let frame = self.writer.frame.with(&index);
        Writer { frame: &frame, renderer: self.writer.renderer, output: &files, made_of: None }.module(&entry)?;
        // What changed between the passes is made again by the next build.
        let key = (key == found.key).then_some(key);
        let state = ModuleState::new(key, found.facts, index.asked(), files.notes());
        Ok(Some(Part { name: found.name, state: Cow::Owned(state), is_made: true }))
    }
}
