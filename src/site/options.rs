//! What a build is given, and what it reports.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use super::error::LoadError;
use crate::catalog::changes::History;
use crate::catalog::{ModuleEntry, ModuleKey};
use crate::model::{ModuleName, Source};

/// Reads a module with all that belongs to it, verified, and the key of what was read;
/// `None` when it is gone.
pub type Load<'a> = dyn Fn(&ModuleName) -> Result<Option<(ModuleKey, ModuleEntry)>, LoadError> + Sync + 'a;

/// The modules of a catalog, and how to read one. A module that changed is read up to
/// twice, from several threads.
pub struct Modules<'a> {
    /// Every module, in any order.
    pub names: Vec<ModuleName>,
    /// The key of a module's documents, for which nothing is verified.
    pub key: &'a (dyn Fn(&ModuleName) -> Result<Option<ModuleKey>, LoadError> + Sync),
    /// Reads a module.
    pub load: &'a Load<'a>,
}

/// The state of the catalog that a site shows.
#[derive(Debug, Clone)]
pub struct Commit {
    /// The commit's id.
    pub id: String,
    /// When it was made, RFC 3339.
    pub date: Option<String>,
}

/// The commit whose state a site shows. Whether the files of a large catalog are those of
/// a commit takes a while to find out, so a build begins without knowing it.
#[derive(Clone, Default)]
pub struct Shown<'a>(Arc<Finding<'a>>);

#[derive(Default)]
struct Finding<'a> {
    found: OnceLock<Option<Commit>>,
    find: Option<Box<dyn Fn() -> Option<Commit> + Send + Sync + 'a>>,
}

impl<'a> Shown<'a> {
    /// What this finds, when it is asked for: once, and any other who asks waits.
    pub fn by(find: impl Fn() -> Option<Commit> + Send + Sync + 'a) -> Self {
        Self(Arc::new(Finding { found: OnceLock::new(), find: Some(Box::new(find)) }))
    }

    /// The commit, if the site shows the state of one.
    pub fn get(&self) -> Option<&Commit> {
        self.0.found.get_or_init(|| self.0.find.as_ref().and_then(|find| find())).as_ref()
    }
}

impl From<Option<Commit>> for Shown<'_> {
    fn from(commit: Option<Commit>) -> Self {
        Self(Arc::new(Finding { found: OnceLock::from(commit), find: None }))
    }
}

/// What a source last gave, and where in the catalog.
#[derive(Debug, Clone)]
pub struct SourceAt {
    /// The name below which its modules lie.
    pub prefix: ModuleName,
    /// What it gave.
    pub source: Source,
}

/// What a site tells of the catalog's past.
#[derive(Debug, Clone, Copy, Default)]
pub enum Past<'a> {
    /// Nothing.
    #[default]
    Hidden,
    /// That it is not known, since the catalog is not kept in git.
    Unknown,
    /// What its last commits changed.
    Known {
        /// The commits. It should hold more than are told, since some change nothing.
        history: &'a History,
        /// How many of them are told.
        commits: usize,
    },
}

/// How a site is built.
pub struct Options<'a> {
    /// The site's title.
    pub title: String,
    /// What the catalog is, as plain text.
    pub description: String,
    /// Where the site will be: `https://host/path/`, `/path/`, or not known. Links between
    /// pages never need it.
    pub base_url: Option<String>,
    /// A folder whose templates replace all built-in ones.
    pub templates: Option<PathBuf>,
    /// What the sources last gave.
    pub sources: Vec<SourceAt>,
    /// The SPDX expression under which a source publishes its facts, by the source's
    /// prefix, as far as the catalog says it.
    pub licences: BTreeMap<ModuleName, String>,
    /// The state of the catalog, when it is kept in git.
    pub commit: Shown<'a>,
    /// What its last commits changed.
    pub past: Past<'a>,
    /// Whether each module has a feed of its own, which costs a file.
    pub module_feeds: bool,
    /// Whether each release has a page of its own beside its section, which costs a file.
    pub release_pages: bool,
    /// Whether each module, release and replay is also found by its CID, which costs a file.
    pub cid_pages: bool,
    /// The version of the tool that builds, for the foot of each page.
    pub tool_version: String,
    /// What tells this tool from every other, such as a hash of the program: what an
    /// earlier build left is only used where this is the same. Empty when it is not known,
    /// and then nothing is.
    pub tool_id: String,
    /// Makes every page again, whatever an earlier build left.
    pub fresh: bool,
    /// Is told how far the build is, from several threads.
    pub progress: Option<&'a (dyn Fn(Progress) + Sync)>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            title: "Software catalog".into(),
            description: String::new(),
            base_url: None,
            templates: None,
            sources: Vec::new(),
            licences: BTreeMap::new(),
            commit: Shown::default(),
            past: Past::Hidden,
            module_feeds: true,
            release_pages: false,
            cid_pages: false,
            tool_version: env!("CARGO_PKG_VERSION").into(),
            tool_id: String::new(),
            fresh: false,
            progress: None,
        }
    }
}

/// How far a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How many modules are done with it.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

/// The two passes of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Every module is read, to know what others say of it.
    Index,
    /// Every module's pages are made and written.
    Render,
}

/// What a build did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Modules shown.
    pub modules: usize,
    /// Releases shown.
    pub releases: usize,
    /// Files that the site consists of, assets included.
    pub files: usize,
    /// Files that were written, since they were absent or other.
    pub written: usize,
    /// Files that were as they should be and were left alone.
    pub unchanged: usize,
    /// Files of an earlier build that the site has no more, and which were removed.
    pub removed: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// Modules whose pages were made; those of all others were known to be the same.
    pub made: usize,
}
