//! The images of registries that a catalog has: what definitions and labels name as bases.

use std::collections::BTreeSet;

use warecat::catalog::{Catalog, ModuleEntry, ReleaseEntry};
use warecat::import::image::{KnownImages, RegistryImage};
use warecat::import::oci;
use warecat::model::{CatalogRef, ModuleName, Value, WareId, metadata};

use super::failure::Failure;

/// The items that are the wanted images. Only modules that `may_be` are looked at; of
/// these, only such that are called as a wanted image are read.
pub(crate) fn known(
    catalog: &Catalog,
    wanted: &BTreeSet<RegistryImage>,
    may_be: impl Fn(&ModuleName) -> bool,
) -> Result<KnownImages, Failure> {
    let mut found = KnownImages::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    for name in catalog.module_names()?.into_iter().filter(|name| oci::is_module(name) && may_be(name)) {
        let Some(module) = catalog.module(&name)? else { continue };
        let spelling = module.metadata.get(metadata::NAME);
        let named: Vec<&RegistryImage> =
            wanted.iter().filter(|image| spelling.is_some_and(|s| s == image.name())).collect();
        if named.is_empty() {
            continue;
        }
        let Some(module) = catalog.load_module(&name)? else { continue };
        for image in named {
            let items = items(&module, image);
            if !items.is_empty() {
                found.entry(image.clone()).or_default().extend(items);
            }
        }
    }
    found.values_mut().for_each(|items| items.sort());
    Ok(found)
}

/// The items of a module that an image's name names: by its digest, else by its tag.
fn items(module: &ModuleEntry, image: &RegistryImage) -> Vec<CatalogRef> {
    let here = format!("oci://{}/{}@", image.host(), image.name());
    let addresses =
        module.mirrors.by_ware.iter().flatten().flat_map(|(ware, all)| all.iter().map(move |one| (ware, one)));
    // The digests of the manifests that wares of this repository have there.
    let wares: Vec<(&WareId, &str)> =
        addresses.filter_map(|(ware, one)| Some((ware, one.as_str().strip_prefix(&here)?))).collect();
    let digest = image.digest().map(ToString::to_string);
    let is_meant = |release: &ReleaseEntry, ware: &WareId| {
        let mut own = wares.iter().filter(|(other, _)| *other == ware).map(|(_, digest)| *digest).peekable();
        match &digest {
            _ if own.peek().is_none() => false,
            Some(digest) => own.any(|found| found == digest) || index(module, release) == Some(digest.as_str()),
            None => image.tag().is_some_and(|tag| tag.as_str() == release.name().as_str()),
        }
    };
    let mut found = Vec::new();
    for release in &module.releases {
        let items = release.release.items.iter().filter(|(_, ware)| is_meant(release, ware));
        found.extend(items.map(|(item, _)| CatalogRef {
            module: module.name.clone(),
            release: release.name().clone(),
            item: item.clone(),
        }));
    }
    found
}

/// The digest of the index that a release was made from.
fn index<'m>(module: &'m ModuleEntry, release: &ReleaseEntry) -> Option<&'m str> {
    let (_, record) = module.record_of(release)?;
    record.data.get("index").and_then(|index| index.get("digest")).and_then(Value::as_text)
}
