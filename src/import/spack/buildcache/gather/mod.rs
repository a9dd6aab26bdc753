//! Reading a build cache: the part of its importer that fetches.
//!
//! - [`Place`]: a folder, a web server or a repository of a registry
//! - [`gather`]: its index and its specs, a spec at a time in parallel, to an [`Inventory`]
//!
//! Below: `files` reads what lies under a folder's path or a URL, `layout2` and `layout3`
//! say which files those are, `registry` reads images.
//!
//! Invariants: what is wrong with one spec is a diagnostic and never ends the reading;
//! only a listing that fails, a server that lets us not in, an address that may not be
//! asked and being offline do. No tarball is downloaded; in a folder they are hashed.

mod error;
mod files;
mod layout2;
mod layout3;
mod registry;

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

pub use self::error::GatherError;
use super::inventory::{Inventory, Piece};
use crate::code::Code;
use crate::import::openpgp::{Keyring, SignatureError, Signed, Verdict, is_signed, open};
use crate::mirror::oci::{Registry, RegistryError, Repository, RepositoryError};
use crate::mirror::{Cache, FetchError, FetchOptions, Location, LocationError};
use crate::model::{Metadata, metadata};

/// The largest index that is read, in bytes; the largest known has about 500 MB.
const MAX_INDEX: u64 = 1 << 30;

/// Where a build cache is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder, or a URL that stands for one.
    Files(Location),
    /// A repository of a registry.
    Registry(Repository),
}

/// Why a text is no place of a build cache.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Neither a path nor an `http(s)` URL.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// No repository of a registry.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl PlaceError {
    /// The stable code of this error, always [`Code::AddressInvalid`].
    #[must_use]
    pub fn code(&self) -> Code {
        Code::AddressInvalid
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Location(error) => error.hint(),
            Self::Repository(error) => error.hint(),
        }
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        match text.split_once("://") {
            Some(("oci" | "oci+http", _)) => Ok(Self::Registry(text.parse()?)),
            _ => Ok(Self::Files(text.parse()?)),
        }
    }
}

/// By what the specs of a cache are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// By the index alone.
    Index,
    /// By listing the cache's specs, without looking at the index.
    Specs,
    /// By listing them, and the index is compared with what is there. A web server lists
    /// nothing, so there this is as [`Self::Index`].
    Both,
}

impl Reading {
    fn has_index(self) -> bool {
        self != Self::Specs
    }

    fn lists(self) -> bool {
        self != Self::Index
    }
}

/// What to read.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The cache.
    pub place: &'a Place,
    /// How its specs are found.
    pub reading: Reading,
    /// With what signatures are verified.
    pub keyring: Option<&'a Keyring>,
    /// Whether the path of a folder may be written into the catalog, as the address of its
    /// tarballs. Only absolute ones are.
    pub names_folder: bool,
    /// How many specs are read at once.
    pub jobs: usize,
}

/// With what to read it.
#[derive(Debug, Clone, Copy)]
pub struct Clients<'a> {
    /// How files and URLs are fetched.
    pub fetch: &'a FetchOptions,
    /// Where downloads of URLs are kept.
    pub cache: Option<&'a Cache>,
    /// Who asks registries; it has a download cache of its own.
    pub registry: &'a Registry,
}

/// Reads a cache; `tick` is called for each spec.
///
/// # Errors
/// See [`GatherError`].
pub fn gather(
    request: &Request<'_>,
    clients: &Clients<'_>,
    tick: &(dyn Fn() + Sync),
) -> Result<Inventory, GatherError> {
    match request.place {
        Place::Registry(repository) => registry::gather(repository, request, clients.registry, tick),
        Place::Files(location) => {
            let root = files::Root::new(location, request, clients);
            match root.layout()? {
                files::Layout::Two => layout2::gather(&root, request, tick),
                files::Layout::Three => layout3::gather(&root, request, tick),
            }
        }
    }
}

/// Reads each of `items`, several at once, into the inventory, for which the order in which
/// they come means nothing. What must not end the reading is a diagnostic of the item's
/// place. What was read of an item is merged at once, so memory follows what differs.
fn each<T: Sync>(
    jobs: usize,
    items: &[T],
    tick: &(dyn Fn() + Sync),
    inventory: Inventory,
    place: impl Fn(&T) -> &str + Sync,
    read: impl Fn(&T, &mut Piece) -> Result<(), GatherError> + Sync,
) -> Result<Inventory, GatherError> {
    let inventory = Mutex::new(inventory);
    let one = |item: &T| {
        let mut piece = Piece::default();
        let result = read(item, &mut piece);
        tick();
        match result {
            Err(error) if is_fatal(&error) => return Err(error),
            Err(error) => piece.refuse(place(item), error.to_string()),
            Ok(()) => {}
        }
        inventory.lock().unwrap_or_else(PoisonError::into_inner).add(piece);
        Ok(())
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).build();
    let pool = pool.map_err(|error| GatherError::Threads { jobs, problem: error.to_string() })?;
    pool.install(|| items.par_iter().try_for_each(one))?;
    Ok(inventory.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Whether an error is of the way to the cache and not of one spec.
fn is_fatal(error: &GatherError) -> bool {
    let of_the_way = |error: &FetchError| {
        let is_locked = matches!(error, FetchError::Status { number: 401 | 403 | 407, .. });
        is_locked || matches!(error, FetchError::Offline { .. } | FetchError::Refused { .. } | FetchError::Cache(_))
    };
    match error {
        GatherError::Fetch(error) | GatherError::Registry(RegistryError::Fetch(error)) => of_the_way(error),
        GatherError::Registry(error) => {
            matches!(error, RegistryError::Denied { .. } | RegistryError::Realm { .. } | RegistryError::Cache(_))
        }
        GatherError::Cache(_) | GatherError::Threads { .. } => true,
        _ => false,
    }
}

/// A text that may be signed, without its signature; its signature's facts go to `facts`.
/// Nothing when the signature is bad.
fn unsigned(
    place: &str,
    bytes: Vec<u8>,
    keyring: Option<&Keyring>,
    facts: &mut Metadata,
    piece: &mut Piece,
) -> Option<Vec<u8>> {
    if !is_signed(&bytes) {
        if keyring.is_some() {
            piece.odd(place, "it is not signed, so the keyring says nothing of it");
        }
        return Some(bytes);
    }
    let signed: Result<Signed, SignatureError> = open(&bytes, keyring);
    let Signed { text, signed_by, verdict } = signed.map_err(|error| piece.refuse(place, error.to_string())).ok()?;
    match verdict {
        Verdict::NotTried => {}
        Verdict::KeyUnknown => {
            piece.odd(
                place,
                format!("it is signed with the key `{signed_by}`, which the keyring has not: not verified"),
            );
        }
        Verdict::Verified(certificate) => drop(facts.insert(metadata::VERIFIED_BY.to_owned(), certificate)),
    }
    facts.insert(metadata::SIGNED_BY.to_owned(), signed_by);
    Some(text.into_bytes())
}
