//! Where each document lies: the only file that knows `_module.json` and its like.
//!
//! Paths are relative to the catalog's folder, with `/`, in UTF-8. They are made from
//! checked names only, so none can leave the catalog.

use std::fmt;

use crate::model::{ModuleName, RecordCid, ReleaseName, WarpforgeCid};

/// The catalog's configuration.
pub const CONFIG: &str = "catalog.toml";
/// A module's document, in its folder.
pub const MODULE: &str = "_module.json";
/// A module's mirrors, in its folder.
pub const MIRRORS: &str = "_mirrors.json";
/// What a source last gave, in the folder of its prefix.
pub const SOURCE: &str = "_source.json";
/// The folder of a module's releases.
pub const RELEASES: &str = "_releases";
/// The folder of a module's replays.
pub const REPLAYS: &str = "_replays";
/// The folder of a module's records.
pub const RECORDS: &str = "_records";
/// The folder of the lock, the journal and staged files; never part of the catalog.
pub const PRIVATE: &str = ".warecat";

const SUFFIX: &str = ".json";

/// The place of one document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The catalog's configuration.
    Config,
    /// A module.
    Module(ModuleName),
    /// A module's mirrors.
    Mirrors(ModuleName),
    /// A release of a module.
    Release(ModuleName, ReleaseName),
    /// A replay that a release of the module names.
    Replay(ModuleName, WarpforgeCid),
    /// A record that the module or a release of it names.
    Record(ModuleName, RecordCid),
    /// What the source of this prefix last gave.
    Source(ModuleName),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config => f.write_str(CONFIG),
            Self::Module(module) => write!(f, "{module}/{MODULE}"),
            Self::Mirrors(module) => write!(f, "{module}/{MIRRORS}"),
            Self::Release(module, release) => write!(f, "{module}/{RELEASES}/{release}{SUFFIX}"),
            Self::Replay(module, cid) => write!(f, "{module}/{REPLAYS}/{cid}{SUFFIX}"),
            Self::Record(module, cid) => write!(f, "{module}/{RECORDS}/{cid}{SUFFIX}"),
            Self::Source(prefix) => write!(f, "{prefix}/{SOURCE}"),
        }
    }
}

impl Place {
    /// The place that a path of the catalog names; `None` for any other path.
    ///
    /// ```
    /// use warecat::store::Place;
    /// let path = "a.org/b/_releases/v1.json";
    /// assert_eq!(Place::parse(path).unwrap().to_string(), path);
    /// assert!(Place::parse("a.org/../b/_module.json").is_none());
    /// ```
    #[must_use]
    pub fn parse(path: &str) -> Option<Place> {
        if path == CONFIG {
            return Some(Self::Config);
        }
        let (folder, file) = path.rsplit_once('/')?;
        match file {
            MODULE => return Some(Self::Module(folder.parse().ok()?)),
            MIRRORS => return Some(Self::Mirrors(folder.parse().ok()?)),
            SOURCE => return Some(Self::Source(folder.parse().ok()?)),
            _ => {}
        }
        let (module, kind) = folder.rsplit_once('/')?;
        let (module, stem) = (module.parse().ok()?, stem(file)?);
        match kind {
            RELEASES => Some(Self::Release(module, stem.parse().ok()?)),
            REPLAYS => Some(Self::Replay(module, stem.parse().ok()?)),
            RECORDS => Some(Self::Record(module, stem.parse().ok()?)),
            _ => None,
        }
    }
}

/// The name of a document's file without `.json`.
#[must_use]
pub fn stem(file: &str) -> Option<&str> {
    file.strip_suffix(SUFFIX)
}
