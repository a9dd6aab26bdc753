//! What pages may ask of the index, each question and its answer as one number.
//!
//! A page that is made asks the index, which notes the numbers of what it answered. A
//! later build knows all numbers that hold for its own index; the page is as it would be
//! made again when all that it noted still holds ([`Truths`]). A number is a hash of 128
//! bits over names and contents, never over the positions of modules, which move when
//! others come and go.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::index::{Card, RELEASES_A_PAGE, ReleaseCard, ReleaseId};
use crate::model::{ModuleName, ReleaseRef};

/// The number of a question with its answer.
pub(super) type Answer = u128;

/// A question that the index had no answer to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Miss {
    /// There is no such module.
    Module(ModuleName),
    /// There is no such release.
    Release(ReleaseRef),
    /// No module below this scope is spelled so.
    Spelled(String, String),
}

/// All that a page asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// What was answered.
    pub(super) answers: Vec<Answer>,
    /// What was not.
    pub(super) misses: Vec<Miss>,
    /// Whether it looked at all modules, and so depends on each.
    pub(super) all: bool,
}

impl Asked {
    /// Each thing once.
    pub(super) fn sorted(mut self) -> Self {
        self.answers.sort_unstable();
        self.answers.dedup();
        self.misses.sort_unstable();
        self.misses.dedup();
        self
    }
}

/// The answers about one module.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// How other pages name it.
    pub(super) label: Answer,
    /// Its card, and those of its releases.
    pub(super) card: Answer,
    /// Which modules need it.
    pub(super) needed_by: Answer,
    /// Of each release: that it is there and on which page, and its card.
    pub(super) releases: Vec<(Answer, Answer)>,
    /// Of each release: what its replay takes as inputs.
    pub(super) requires: Vec<Answer>,
}

/// Texts on the way to a hash, each with its length.
#[derive(Default)]
pub(super) struct Question(Vec<u8>);

impl Question {
    /// A question of a kind.
    pub(super) fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    /// Begins another one, with the same memory.
    fn restart(&mut self, kind: u8) -> &mut Self {
        self.0.clear();
        self.0.push(kind);
        self
    }

    /// Adds a text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn optional(&mut self, text: Option<&str>) -> &mut Self {
        self.0.push(u8::from(text.is_some()));
        self.text(text.unwrap_or_default())
    }

    fn answer(&mut self, answer: Answer) -> &mut Self {
        self.0.extend_from_slice(&answer.to_le_bytes());
        self
    }

    fn value(&mut self, value: &impl Serialize) -> &mut Self {
        serde_json::to_writer(&mut self.0, value).expect("plain values always have a text");
        self
    }

    /// Its number.
    pub(super) fn done(&self) -> Answer {
        digest(&self.0)
    }
}

/// The first 128 bits of the hash of some bytes.
pub(super) fn digest(bytes: &[u8]) -> u128 {
    let hash = blake3::hash(bytes);
    let first: [u8; 16] = hash.as_bytes()[..16].try_into().expect("a hash has 32 bytes");
    u128::from_le_bytes(first)
}

/// What a look-up by spelling found.
pub(super) fn spelled(scope: &str, spelling: &str, found: &ModuleName) -> Answer {
    Question::new(b's').text(scope).text(spelling).text(found.as_str()).done()
}

/// The answers about all modules; `own[n]` is a digest of what module `n` says itself.
pub(super) fn answers(modules: &[Card], own: &[u128]) -> Vec<Answers> {
    let mut all: Vec<Answers> = modules.par_iter().map(names).collect();
    let related: Vec<(Answer, Answer, Vec<Answer>, Vec<Answer>)> = (0..modules.len())
        .into_par_iter()
        .map(|at| relations(&modules[at], own.get(at).copied().unwrap_or_default(), at, &all))
        .collect();
    for (answers, (card, needed_by, releases, requires)) in all.iter_mut().zip(related) {
        answers.requires = requires;
        answers.card = card;
        answers.needed_by = needed_by;
        for (pair, release) in answers.releases.iter_mut().zip(releases) {
            pair.1 = release;
        }
    }
    all
}

/// How a module is named, and where its releases are.
fn names(card: &Card) -> Answers {
    let mut question = Question::default();
    question.restart(b'l').text(card.name.as_str()).text(&card.title);
    let label = question.optional(card.kind.as_deref()).optional(card.eessi.as_deref()).done();
    let release = |(at, release): (usize, &ReleaseCard)| {
        let page = (at / RELEASES_A_PAGE) as u128;
        question.restart(b'r').text(card.name.as_str()).text(release.name.as_str()).answer(page);
        (question.optional(release.module.as_deref()).done(), 0)
    };
    let releases = card.releases.iter().enumerate().map(release).collect();
    Answers { label, releases, ..Answers::default() }
}

/// What others say of a module and its releases.
fn relations(card: &Card, own: u128, at: usize, all: &[Answers]) -> (Answer, Answer, Vec<Answer>, Vec<Answer>) {
    let mut question = Question::default();
    let found = |(module, release): ReleaseId| all[module as usize].releases[release as usize].0;
    let requires: Vec<Answer> = (card.releases.iter().zip(&all[at].releases))
        .map(|(release, (here, _))| {
            question.restart(b'i').answer(*here).answer(release.absent as u128);
            for id in &release.requires {
                question.answer(found(*id));
            }
            question.done()
        })
        .collect();
    let releases: Vec<Answer> = (card.releases.iter().zip(&all[at].releases).zip(&requires))
        .map(|((release, (here, _)), requires)| {
            question.restart(b'c').answer(*here).value(release).answer(*requires);
            question.answer(release.parent.map(found).unwrap_or_default());
            for list in [&release.extensions, &release.required_by] {
                question.answer(list.len() as u128);
                for id in list {
                    question.answer(found(*id));
                }
            }
            question.done()
        })
        .collect();
    question.restart(b'n').text(card.name.as_str());
    for user in &card.needed_by {
        question.answer(all[*user as usize].label);
    }
    let needed_by = question.done();
    question.restart(b'm').text(card.name.as_str()).answer(own).answer(needed_by);
    for release in &releases {
        question.answer(*release);
    }
    (question.done(), needed_by, releases, requires)
}

/// Takes a number that is a hash already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().take(8) {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u128(&mut self, number: u128) {
        self.0 = number as u64;
    }
}

/// Every answer that holds for an index.
#[derive(Default)]
pub(super) struct Truths(HashSet<Answer, BuildHasherDefault<Hashed>>);

impl Truths {
    /// The answers about all modules, and those of look-ups by spelling.
    pub(super) fn new(all: &[Answers], spelled: impl Iterator<Item = Answer>) -> Self {
        let count = all.iter().map(|answers| 4 + 3 * answers.releases.len()).sum();
        let mut truths = HashSet::with_capacity_and_hasher(count, BuildHasherDefault::default());
        for answers in all {
            truths.extend([answers.label, answers.card, answers.needed_by]);
            truths.extend(answers.releases.iter().flat_map(|(found, card)| [*found, *card]));
            truths.extend(&answers.requires);
        }
        truths.extend(spelled);
        Self(truths)
    }

    /// Adds what pages can be told from elsewhere than the index.
    pub(super) fn add(&mut self, answers: impl IntoIterator<Item = Answer>) {
        self.0.extend(answers);
    }

    /// Whether all of these hold.
    pub(super) fn hold(&self, answers: &[Answer]) -> bool {
        answers.iter().all(|answer| self.0.contains(answer))
    }
}
