//! What the importers of a folder and of a registry share: how an image is described.
//!
//! A SIF image says the same of itself wherever it lies, so it is read, described, kept in
//! a record and given a replay here, once.
//!
//! - [`SifFacts`]: what an opened image says
//! - `describe`: labels and annotations to metadata
//! - `record`: what is kept of one image
//! - `definition`, `replay`: definition files, and the plots that are derived from them
//! - `base`: what a stage of a definition is built from
//! - `date`, `secrets`: moments as text; passwords and tokens left out
//!
//! Invariant: nothing here knows where an image was found, so no place of a machine and no
//! host of a mirror can reach a document through it.

pub(in crate::import) mod base;
mod date;
pub(in crate::import) mod definition;
pub(in crate::import) mod describe;
mod facts;
pub(in crate::import) mod record;
pub(in crate::import) mod replay;
pub(in crate::import) mod secrets;

use crate::model::{Digest, ItemLabel, WareId};

use super::sif::Architecture;

pub use self::base::{KnownImages, RegistryImage};
pub use self::facts::SifFacts;

/// The packtype of wares that are SIF images: the hash is the CID of the file's bytes.
const SIF: &str = "sif";

/// The ware of the SIF image whose file has this SHA-256.
pub(in crate::import) fn sif_ware(digest: &Digest) -> WareId {
    format!("{SIF}:{}", digest.to_cid()).parse().expect("a CID has neither colons nor blanks")
}

/// The item of a SIF image: `linux-<architecture>`.
pub(in crate::import) fn sif_item(architecture: Option<Architecture>) -> ItemLabel {
    let architecture = architecture.map_or("unknown", |a| a.as_str());
    format!("linux-{architecture}").parse().expect("architectures are plain words")
}
