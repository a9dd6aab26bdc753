//! Reading a cache of layout 2: `build_cache/index.json` and a file for each spec.

use super::super::inventory::{Found, Inventory, Piece};
use super::super::layout2::{FOLDER, INDEX, INDEX_HASH, Paths, SPEC_ENDINGS, drop_unsigned_twins, is_spec};
use super::super::spec_file::SpecFile;
use super::files::{Presence, Root, Size};
use super::{GatherError, Reading, Request, each, unsigned};
use crate::import::SourceError;
use crate::import::spack::spec::{Node, Tarball};
use crate::model::{Digest, Metadata, Value};

pub(super) fn gather(
    root: &Root<'_>,
    request: &Request<'_>,
    tick: &(dyn Fn() + Sync),
) -> Result<Inventory, GatherError> {
    let mut inventory = Inventory::default();
    if request.reading.has_index() {
        read_index(root, request.reading, &mut inventory)?;
    }
    let places = if request.reading.lists() && !root.is_remote() {
        listed(root, &mut inventory)?
    } else if request.reading.has_index() {
        inventory.listed().into_iter().filter_map(Paths::of).map(|paths| paths.stem).map(Spec::by_stem).collect()
    } else {
        return Err(GatherError::Unlisted { at: root.shown() });
    };
    each(request.jobs, &places, tick, inventory, |spec| &spec.place, |spec, piece| spec.read(root, request, piece))
}

/// Reads the index, and compares it with its checksum. Where the specs can be listed, they
/// are imported without it.
fn read_index(root: &Root<'_>, reading: Reading, inventory: &mut Inventory) -> Result<(), GatherError> {
    let can_do_without = reading.lists() && !root.is_remote();
    let Some(bytes) = root.read(INDEX, Size::Large)? else {
        if !can_do_without {
            return Err(GatherError::NoIndex { at: root.shown() });
        }
        inventory.diagnostics.odd(INDEX, "", "there is no index: nothing is compared with it");
        return Ok(());
    };
    let added = check(root, &bytes, inventory).and_then(|()| Ok(inventory.add_index(INDEX, &bytes)?));
    match added {
        Err(GatherError::Source(error)) if can_do_without => {
            inventory.diagnostics.add(crate::code::Code::EntryRefused, INDEX, "", error.to_string());
            Ok(())
        }
        other => other,
    }
}

fn check(root: &Root<'_>, bytes: &[u8], inventory: &mut Inventory) -> Result<(), GatherError> {
    let Some(text) = root.read(INDEX_HASH, Size::Small)? else {
        inventory.diagnostics.odd(INDEX_HASH, "", "there is no checksum of the index: it is taken as it is");
        return Ok(());
    };
    let (text, found) = (String::from_utf8_lossy(&text), Digest::of(bytes).hex());
    let expected: String = text.trim().chars().take(64).collect();
    if expected == found {
        return Ok(());
    }
    Err(SourceError::HashMismatch { file: INDEX.to_owned(), expected, found }.into())
}

/// The specs that lie in the folder.
fn listed(root: &Root<'_>, inventory: &mut Inventory) -> Result<Vec<Spec>, GatherError> {
    let listing = root.list(FOLDER)?.unwrap_or_default();
    let mut names: Vec<String> = listing.files.into_iter().filter(|name| is_spec(name)).collect();
    drop_unsigned_twins(&mut names);
    for name in listing.skipped.iter().filter(|name| is_spec(name)) {
        inventory.diagnostics.refused(&format!("{FOLDER}/{name}"), "", "it is not a regular file, and not read");
    }
    let spec = |name| {
        let place = format!("{FOLDER}/{name}");
        Spec { names: vec![place.clone()], place }
    };
    Ok(names.into_iter().map(spec).collect())
}

/// A spec to be read.
struct Spec {
    /// What diagnostics call it until it is found.
    place: String,
    /// Its file, or the names that it may have.
    names: Vec<String>,
}

impl Spec {
    fn by_stem(stem: String) -> Self {
        let names = SPEC_ENDINGS.map(|ending| format!("{stem}{ending}")).to_vec();
        Self { place: format!("{stem}.spec.json"), names }
    }

    fn read(&self, root: &Root<'_>, request: &Request<'_>, piece: &mut Piece) -> Result<(), GatherError> {
        for name in &self.names {
            if let Some(bytes) = root.read(name, Size::Small)? {
                return understand(name, bytes, root, request, piece);
            }
        }
        // The comparison with the index tells it.
        Ok(())
    }
}

fn understand(
    place: &str,
    bytes: Vec<u8>,
    root: &Root<'_>,
    request: &Request<'_>,
    piece: &mut Piece,
) -> Result<(), GatherError> {
    let mut facts = Metadata::new();
    let Some(text) = unsigned(place, bytes, request.keyring, &mut facts, piece) else { return Ok(()) };
    let checksum = match SpecFile::parse(&text) {
        Ok(SpecFile::Spec(checksum)) => checksum,
        Ok(SpecFile::Foreign) => {
            piece.refuse(place, "it has no `spec`");
            return Ok(());
        }
        Err(problem) => {
            piece.refuse(place, problem);
            return Ok(());
        }
    };
    let Some(node) = piece.read(place, &text) else { return Ok(()) };
    let paths = Paths::of(&node);
    let is_in_place = paths
        .as_ref()
        .is_some_and(|paths| place.strip_prefix(&paths.stem).is_some_and(|ending| SPEC_ENDINGS.contains(&ending)));
    let tarball = match (checksum, paths) {
        (Some(digest), Some(paths)) => tarball(place, digest, &paths.tarball, root, facts, piece)?,
        (None, _) => {
            piece.odd(place, "it names no checksum of its tarball");
            None
        }
        (_, None) => {
            piece.odd(place, "it does not say what compiled it, so where its tarball lies is not known");
            None
        }
    };
    piece.found = Some(found(place, &node, is_in_place, tarball));
    Ok(())
}

pub(super) fn found(place: &str, node: &Node, is_in_place: bool, tarball: Option<Tarball>) -> Found {
    let text = Digest::of(node.text().as_bytes());
    Found { place: place.to_owned(), root: node.hash, text, is_in_place, tarball }
}

/// The tarball with this digest at this path, unless it is not there or another.
pub(super) fn tarball(
    place: &str,
    digest: Digest,
    path: &str,
    root: &Root<'_>,
    facts: Metadata,
    piece: &mut Piece,
) -> Result<Option<Tarball>, GatherError> {
    match root.presence(path, &digest)? {
        Presence::There => {
            let mirrors = root.address(path).into_iter().collect();
            let record = [("path".to_owned(), Value::from(path))].into_iter().collect();
            return Ok(Some(Tarball { digest, mirrors, facts, record }));
        }
        Presence::Absent => piece.odd(place, format!("its tarball `{path}` is not there")),
        Presence::Other(found) => {
            piece.refuse(place, format!("its tarball `{path}` has the digest {found}, but the spec says {digest}"));
        }
    }
    Ok(None)
}
