//! What `quickstart` starts from: the files of `catalog-example` that no import makes,
//! and what is added by hand.
//!
//! Everything in it is true: EESSI's entries are of its API of August 2026 (with
//! descriptions of our own), what warpsys.org has is what its own catalog says.

use warecat::catalog::Addition;
use warecat::model::{ModuleName, Packtype, WarehouseAddr};

use super::failure::Failure;

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../catalog-example/", $path)))),+]
    };
}

/// The files that are written as they are, by path.
pub(crate) const FILES: &[(&str, &[u8])] = files!(
    ".gitignore",
    "catalog.toml",
    "sources/eessi/eessi_api_metadata_ext-perl.json",
    "sources/eessi/eessi_api_metadata_ext-python.json",
    "sources/eessi/eessi_api_metadata_software.json",
    "sources/eessi/hashes.json",
);

/// A reference to try.
pub(crate) const REFERENCE: &str = "eessi.io/2023.06/Salmon:1.10.3-GCC-12.3.0:x86_64-amd-zen4";

/// Items that are added by hand: reference, ware, mirror, facts.
type Item = (&'static str, &'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const ITEMS: &[Item] = &[
    (
        "warpsys.org/patchelf:v0.14.5:src",
        "tar:2K4e4WKb6UzbeEcFC4cFyCkhvBT9qrBfzwDQHmN11qMQfqetsdaxdXkpbGjByjYMpP",
        &["https://github.com/NixOS/patchelf/releases/download/0.14.5/patchelf-0.14.5.tar.gz"],
        &[],
    ),
    ("warpsys.org/vim:v9.0.0217:src", "git:5a4fff4d948cd12a5cf5f637ad2c561815a77d8e", &[], &[("version", "9.0.0217")]),
    (
        "warpsys.org/vim:v9.0.0217:amd64",
        "tar:3cSDkkdeJTEdrhdoFvQPvhJfPowjAN4VozDQVZyiffXkzCKqD8YPDgG5rHwk3ZsB4",
        &[],
        &[],
    ),
];

const WAREHOUSES: &[(&str, &str, &str)] = &[
    ("warpsys.org/patchelf", "tar", "ca+https://warpsys-wares.s3.fr-par.scw.cloud"),
    ("warpsys.org/vim", "git", "https://github.com/vim/vim"),
    ("warpsys.org/vim", "tar", "ca+https://warpsys-wares.s3.fr-par.scw.cloud"),
];

/// Items that are added by hand.
pub(crate) fn additions() -> Result<Vec<Addition>, Failure> {
    let read = |(reference, ware, mirrors, facts): &Item| -> Result<Addition, Failure> {
        Ok(Addition {
            reference: reference.parse()?,
            ware: ware.parse()?,
            mirrors: mirrors.iter().map(|text| text.parse()).collect::<Result<_, _>>()?,
            facts: facts.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            force: false,
        })
    };
    ITEMS.iter().map(read).collect()
}

/// Warehouses that hold a module's wares.
pub(crate) fn warehouses() -> Result<Vec<(ModuleName, Packtype, WarehouseAddr)>, Failure> {
    WAREHOUSES
        .iter()
        .map(|(module, packtype, address)| Ok((module.parse()?, packtype.parse()?, address.parse()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_added_by_hand_can_be_read() {
        assert_eq!(super::additions().unwrap().len(), super::ITEMS.len());
        assert_eq!(super::warehouses().unwrap().len(), super::WAREHOUSES.len());
    }
}
