//! What a build leaves for the next one: the file `.warecat-site.state`.
//!
//! For each module: the key of its documents, its facts, what its pages asked of the
//! index, and the files that they are. It is a cache and nothing else: without it, or with
//! one that is damaged or of other settings, everything is made again, to the same bytes.
//! What it says of documents was verified when it was written. It names no file that is
//! removed for it; that is for the marker's list.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::answers::{Answer, Asked, Miss, digest};
use super::bytes::{Decoder, Encoder};
use super::note::{self, Note};
use super::passes::Part;
use crate::catalog::ModuleKey;
use crate::model::ModuleName;

/// The file's name.
pub(super) const STATE: &str = ".warecat-site.state";
/// What the file begins with; another shape has another number.
const HEAD: &[u8] = b"warecat-site-state 2\n";

/// What is kept of a module.
#[derive(Debug, Clone)]
pub(super) struct ModuleState<'a> {
    /// The key of the documents that all of this was made of; none when they changed while
    /// they were read.
    pub(super) key: Option<ModuleKey>,
    /// Its facts, as JSON.
    pub(super) facts: Cow<'a, [u8]>,
    /// What its pages asked of the index.
    pub(super) answers: Vec<Answer>,
    /// What its pages asked for in vain.
    pub(super) misses: Vec<Miss>,
    /// Whether its pages looked at all modules.
    pub(super) all: bool,
    /// Its files.
    pub(super) files: Vec<Note>,
}

/// The bytes that a build left, found whole and of the same settings. A state borrows
/// from them: there are thousands of bytes for each module.
pub(super) struct Kept {
    /// When they were kept, as the file system counts time.
    at: i64,
    bytes: Vec<u8>,
    /// Where in the bytes the state begins, after what says whether it can be used.
    body_at: usize,
}

/// The state of a build.
#[derive(Debug, Default)]
pub(super) struct State<'a> {
    /// When it was kept, as the file system counts time.
    pub(super) kept: i64,
    /// By name.
    pub(super) modules: HashMap<ModuleName, ModuleState<'a>>,
    /// The files that are of no single module, by path.
    pub(super) files: HashMap<String, Note>,
}

impl<'a> ModuleState<'a> {
    /// What is kept of a module whose pages were just made.
    pub(super) fn new(key: Option<ModuleKey>, facts: Cow<'a, [u8]>, asked: Asked, files: Vec<Note>) -> Self {
        let Asked { answers, misses, all } = asked.sorted();
        Self { key, facts, answers, misses, all, files }
    }

    /// About how many bytes [`ModuleState::write`] writes.
    fn length(&self, name: &ModuleName) -> usize {
        let files = self.files.iter().map(|file| file.path.len() + 80).sum::<usize>();
        name.as_str().len() + self.facts.len() + 16 * self.answers.len() + files + 96
    }

    /// Writes it with its length before it, so that others can be found without reading it.
    fn write(&self, name: &ModuleName, to: &mut Encoder) {
        let length_at = to.0.len();
        to.number(0);
        to.bytes(name.as_str().as_bytes());
        to.bytes(self.key.as_ref().map(|key| key.as_bytes().as_slice()).unwrap_or_default());
        to.bytes(&self.facts);
        to.number(u64::from(self.all));
        to.number(self.answers.len() as u64);
        self.answers.iter().for_each(|answer| to.wide(*answer));
        to.bytes(&serde_json::to_vec(&self.misses).expect("names always have a text"));
        to.number(self.files.len() as u64);
        self.files.iter().for_each(|file| file.write(to));
        let length = (to.0.len() - length_at - 8) as u64;
        to.0[length_at..length_at + 8].copy_from_slice(&length.to_le_bytes());
    }

    fn read(bytes: &'a [u8]) -> Option<(ModuleName, Self)> {
        let from = &mut Decoder::new(bytes);
        let name = from.text()?.parse().ok()?;
        let key = from.bytes()?;
        let state = Self {
            key: <[u8; 32]>::try_from(key).ok().map(ModuleKey::from),
            facts: Cow::Borrowed(from.bytes()?),
            all: from.number()? != 0,
            answers: from.list(Decoder::wide)?,
            misses: match from.bytes()? {
                b"[]" => Vec::new(),
                text => serde_json::from_slice(text).ok()?,
            },
            files: from.list(Note::read)?,
        };
        from.is_done().then_some((name, state))
    }
}

impl Kept {
    /// What a build with the same settings left in a folder; `None` where there is
    /// nothing that can be used.
    pub(super) fn load(root: &Path, settings: u128) -> Option<Self> {
        let path = root.join(STATE);
        let found = fs::symlink_metadata(&path).ok().filter(|found| found.is_file())?;
        let bytes = fs::read(&path).ok()?;
        let mut from = Decoder::new(bytes.strip_prefix(HEAD)?);
        let (known, sum, body) = (from.wide()?, from.wide()?, from.bytes()?);
        if known != settings || !from.is_done() || digest(body) != sum {
            return None;
        }
        let body_at = bytes.len() - body.len();
        Some(Self { at: note::changed(&found), bytes, body_at })
    }
}

impl<'a> State<'a> {
    /// The state that was kept; an empty one where that cannot be read.
    pub(super) fn of(kept: &'a Kept) -> Self {
        Self::read(kept).unwrap_or_default()
    }

    fn read(kept: &'a Kept) -> Option<Self> {
        let mut from = Decoder::new(&kept.bytes[kept.body_at..]);
        let files = from.list(Note::read)?;
        let modules = from.list(Decoder::bytes)?;
        if !from.is_done() {
            return None;
        }
        let modules: Vec<_> = modules.into_par_iter().map(ModuleState::read).collect::<Option<_>>()?;
        Some(Self {
            kept: kept.at,
            files: files.into_iter().map(|file| (file.path.clone(), file)).collect(),
            modules: modules.into_iter().collect(),
        })
    }

    /// Whether it is the state of these modules and files, so that it need not be kept again.
    pub(super) fn is(&self, modules: &[Part<'_>], files: &[Note]) -> bool {
        let is_kept = |part: &Part<'_>| matches!(part.state, Cow::Borrowed(_));
        self.kept != 0
            && self.modules.len() == modules.len()
            && modules.iter().all(is_kept)
            && self.files.len() == files.len()
            && files.iter().all(|file| self.files.get(&file.path) == Some(file))
    }

    /// The bytes of the file; `files` and `modules` in their order.
    pub(super) fn bytes<'m>(
        settings: u128,
        files: &[Note],
        modules: impl ExactSizeIterator<Item = (&'m ModuleName, &'m ModuleState<'m>)> + Clone,
    ) -> Vec<u8> {
        let length = HEAD.len() + 64 + modules.clone().map(|(name, module)| module.length(name)).sum::<usize>();
        let mut whole = Encoder(Vec::with_capacity(length));
        whole.0.extend_from_slice(HEAD);
        whole.wide(settings);
        let sum_at = whole.0.len();
        whole.wide(0);
        whole.number(0);
        let body_at = whole.0.len();
        whole.number(files.len() as u64);
        files.iter().for_each(|file| file.write(&mut whole));
        whole.number(modules.len() as u64);
        modules.for_each(|(name, module)| module.write(name, &mut whole));
        let (head, body) = whole.0.split_at_mut(body_at);
        head[sum_at..sum_at + 16].copy_from_slice(&digest(body).to_le_bytes());
        head[sum_at + 16..].copy_from_slice(&(body.len() as u64).to_le_bytes());
        whole.0
    }
}
