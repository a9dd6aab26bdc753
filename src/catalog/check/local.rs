//! Looking whether this machine holds what mirrors say it holds.

use std::path::{Path, PathBuf};

use crate::model::{Mirrors, WarehouseAddr};

/// Mirrors that this machine could hold and does not, in words.
pub(super) fn missing(mirrors: &Mirrors) -> Vec<String> {
    let wares = mirrors.by_ware.iter().flat_map(|map| map.iter());
    wares
        .flat_map(|(ware, addresses)| addresses.iter().map(move |address| (ware, address)))
        .filter_map(|(ware, address)| Some((ware, local_path(address)?)))
        .filter(|(_, path)| path.symlink_metadata().is_err())
        .map(|(ware, path)| format!("{ware} should be at `{}`, but nothing is there", path.display()))
        .collect()
}

/// Where an address lies on this machine: a file, or a CernVM-FS repository that is mounted.
fn local_path(address: &WarehouseAddr) -> Option<PathBuf> {
    let (_, rest) = address.as_str().split_once("://")?;
    match address.scheme() {
        "file" => rest.starts_with('/').then(|| PathBuf::from(rest)),
        "cvmfs" => {
            let repository = Path::new("/cvmfs").join(rest.split('/').next()?);
            repository.exists().then(|| Path::new("/cvmfs").join(rest))
        }
        _ => None,
    }
}
