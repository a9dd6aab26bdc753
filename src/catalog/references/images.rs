//! All images of a catalog: wares of packtype `sif` whose file has a name.

use rayon::prelude::*;

use super::facts::{self, Facts};
use crate::catalog::entry::ModuleEntry;
use crate::catalog::error::CatalogError;
use crate::catalog::open::Catalog;
use crate::model::{Architecture, CatalogRef, ModuleName, WarehouseAddr, metadata};

const PACKTYPE: &str = "sif";

/// An image in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) reference: CatalogRef,
    pub(super) file: String,
    pub(super) partition: String,
    pub(super) path: String,
    pub(super) architecture: Option<Architecture>,
    pub(super) facts: Facts,
    pub(super) yanked: Option<String>,
}

impl Image {
    /// The name of the software, which images of one have in common.
    pub(super) fn software(&self) -> &str {
        self.reference.module.last_segment()
    }
}

/// All images below a prefix, each place once, sorted by path.
pub(super) fn all(catalog: &Catalog, within: Option<&ModuleName>) -> Result<Vec<Image>, CatalogError> {
    let names = match within {
        Some(prefix) => catalog.module_names_within(prefix)?,
        None => catalog.module_names()?,
    };
    let found: Vec<Result<Vec<Image>, CatalogError>> = names.par_iter().map(|name| of_module(catalog, name)).collect();
    let mut images = Vec::new();
    for found in found {
        images.extend(found?);
    }
    // A copy is one ware with two places: each belongs to the module of its own folder.
    let is_elsewhere = |image: &Image| image.reference.module.segments().rev().nth(1) != Some(image.partition.as_str());
    images.sort_by(|a, b| {
        let rank = |image: &Image| (image.path.clone(), is_elsewhere(image), image.reference.clone());
        rank(a).cmp(&rank(b))
    });
    images.dedup_by(|later, first| later.path == first.path);
    Ok(images)
}

fn of_module(catalog: &Catalog, name: &ModuleName) -> Result<Vec<Image>, CatalogError> {
    if !may_hold_images(catalog, name)? {
        return Ok(Vec::new());
    }
    Ok(catalog.load_module(name)?.map(|module| of_entry(&module)).unwrap_or_default())
}

/// Most modules hold no images: their mirrors alone say so, or else their first release.
fn may_hold_images(catalog: &Catalog, name: &ModuleName) -> Result<bool, CatalogError> {
    let mirrors = catalog.mirrors(name)?;
    if let Some(wares) = mirrors.by_ware.filter(|wares| !wares.is_empty()) {
        return Ok(wares.keys().any(|ware| ware.packtype() == PACKTYPE));
    }
    let Some(module) = catalog.module(name)? else { return Ok(false) };
    let Some(first) = module.releases.keys().next() else { return Ok(false) };
    let release = catalog.release(name, first)?;
    Ok(release.is_some_and(|entry| entry.release.items.values().any(|ware| ware.packtype() == PACKTYPE)))
}

fn of_entry(module: &ModuleEntry) -> Vec<Image> {
    let mut images = Vec::new();
    for release in &module.releases {
        for (label, ware) in release.release.items.iter().filter(|(_, ware)| ware.packtype() == PACKTYPE) {
            let facts = facts::of(module, release, label);
            let addresses = module.mirrors.by_ware.iter().filter_map(|map| map.get(ware)).flatten();
            let mut places: Vec<Place> = addresses.filter_map(place).collect();
            if places.is_empty() {
                places.extend(place_by_name(module, &facts));
            }
            images.extend(places.into_iter().map(|Place { path, partition, file }| Image {
                reference: CatalogRef {
                    module: module.name.clone(),
                    release: release.name().clone(),
                    item: label.clone(),
                },
                facts: facts.clone(),
                file,
                partition,
                path,
                architecture: Architecture::of_label(label.as_str()),
                yanked: release.fact(metadata::YANKED).map(str::to_owned),
            }));
        }
    }
    images
}

/// Where an image lies.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    path: String,
    partition: String,
    file: String,
}

/// The place of an image without an address: its record has the file's name, and the
/// module lies in a folder that is called after the partition.
fn place_by_name(module: &ModuleEntry, facts: &Facts) -> Option<Place> {
    let partition = module.name.segments().rev().nth(1)?.to_owned();
    let file = facts.file.clone()?;
    Some(Place { path: format!("{partition}/{file}"), partition, file })
}

/// The place that a `file` or web address names. The path is told from the last folder
/// `images` on, as the seed project tells it.
fn place(address: &WarehouseAddr) -> Option<Place> {
    let (scheme, rest) = address.as_str().split_once("://")?;
    let path = match scheme {
        "file" | "http" | "https" => &rest[rest.find('/')?..],
        _ => return None,
    };
    let path = decoded(path);
    let mut parts = path.rsplit('/');
    let file = parts.next().filter(|file| !file.is_empty())?.to_owned();
    let partition = parts.next().filter(|folder| !folder.is_empty())?.to_owned();
    let from = path.rfind("/images/").map_or(0, |at| at + 1);
    Some(Place { path: path[from..].to_owned(), partition, file })
}

/// The text of a URL's path; what is no escape, or is of no text, stays as it is.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_end_of_an_address() {
        let of = |text: &str| place(&text.parse().unwrap());
        let path = |path: &str, partition: &str, file: &str| {
            Some(Place { path: path.into(), partition: partition.into(), file: file.into() })
        };
        let found = of("file:///shared/images/apptainer/images/compute/x_1.sif");
        assert_eq!(found, path("images/compute/x_1.sif", "compute", "x_1.sif"));
        assert_eq!(of("file:///sif/viz/a%20%C3%A4%.sif"), path("/sif/viz/a ä%.sif", "viz", "a ä%.sif"));
        assert_eq!(of("https://sif.example/viz/x.sif"), path("/viz/x.sif", "viz", "x.sif"));
        assert_eq!(of("file:///x.sif"), None);
        assert_eq!(of("oci://r.example/a/b@sha256:0"), None);
    }
}
