//! Reading a cache of layout 3: manifests, and the blobs that they name.

use super::super::inventory::{Inventory, Piece};
use super::super::layout3::{INDEX, Kind, SPEC_ENDING, SPECS, only, parse, path};
use super::files::{Root, Size};
use super::layout2::{found, tarball};
use super::{GatherError, Request, each, unsigned};
use crate::import::SourceError;
use crate::model::Metadata;

pub(super) fn gather(
    root: &Root<'_>,
    request: &Request<'_>,
    tick: &(dyn Fn() + Sync),
) -> Result<Inventory, GatherError> {
    let mut inventory = Inventory::default();
    let can_list = request.reading.lists() && !root.is_remote();
    if request.reading.has_index() {
        match read_index(root, &mut inventory) {
            Ok(()) => {}
            Err(GatherError::NoIndex { .. }) if can_list => {
                inventory.diagnostics.odd(INDEX, "", "there is no index: nothing is compared with it");
            }
            Err(error @ (GatherError::Source(_) | GatherError::Blob { .. })) if can_list => {
                inventory.diagnostics.refused(INDEX, "", error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    let places = if can_list {
        listed(root, &mut inventory)?
    } else if request.reading.has_index() {
        let specs = inventory.listed().into_iter();
        specs.map(|node| path(&node.name, &node.version, node.hash.as_str())).collect()
    } else {
        return Err(GatherError::Unlisted { at: root.shown() });
    };
    each(request.jobs, &places, tick, inventory, String::as_str, |place, piece| read(place, root, request, piece))
}

/// Reads the index: a manifest, and the blob that it names. It is not signed.
fn read_index(root: &Root<'_>, inventory: &mut Inventory) -> Result<(), GatherError> {
    let none = || GatherError::NoIndex { at: root.shown() };
    let unreadable = |message: String| GatherError::Source(SourceError::Malformed { file: INDEX.to_owned(), message });
    let manifest = root.read(INDEX, Size::Small)?.ok_or_else(none)?;
    let blobs = parse(&manifest).map_err(unreadable)?;
    let blob = only(&blobs, Kind::Index).map_err(unreadable)?;
    let bytes = root.blob(blob, Size::Large)?;
    let bytes = bytes.ok_or_else(|| unreadable(format!("its index `{}` is not there", blob.path())))?;
    Ok(inventory.add_index(INDEX, &bytes)?)
}

/// The manifests that lie in the folders of the packages.
fn listed(root: &Root<'_>, inventory: &mut Inventory) -> Result<Vec<String>, GatherError> {
    let mut places = Vec::new();
    for package in root.list(SPECS)?.unwrap_or_default().folders {
        let folder = format!("{SPECS}/{package}");
        let listing = root.list(&folder)?.unwrap_or_default();
        let is_spec = |name: &&String| name.ends_with(SPEC_ENDING);
        places.extend(listing.files.iter().filter(is_spec).map(|name| format!("{folder}/{name}")));
        for name in listing.skipped.iter().filter(is_spec) {
            inventory.diagnostics.refused(&format!("{folder}/{name}"), "", "it is not a regular file, and not read");
        }
    }
    Ok(places)
}

fn read(place: &str, root: &Root<'_>, request: &Request<'_>, piece: &mut Piece) -> Result<(), GatherError> {
    // What is not there the comparison with the index tells.
    let Some(bytes) = root.read(place, Size::Small)? else { return Ok(()) };
    let mut facts = Metadata::new();
    let Some(text) = unsigned(place, bytes, request.keyring, &mut facts, piece) else { return Ok(()) };
    let blobs =
        parse(&text).and_then(|blobs| Ok((only(&blobs, Kind::Spec)?.clone(), only(&blobs, Kind::Tarball)?.clone())));
    let (spec, packed) = match blobs {
        Ok(blobs) => blobs,
        Err(problem) => {
            piece.refuse(place, problem);
            return Ok(());
        }
    };
    let Some(text) = root.blob(&spec, Size::Small)? else {
        piece.refuse(place, format!("its spec `{}` is not there", spec.path()));
        return Ok(());
    };
    let Some(node) = piece.read(place, &text) else { return Ok(()) };
    let is_in_place = place == path(&node.name, &node.version, node.hash.as_str());
    let tarball = tarball(place, packed.digest, &packed.path(), root, facts, piece)?;
    piece.found = Some(found(place, &node, is_in_place, tarball));
    Ok(())
}
