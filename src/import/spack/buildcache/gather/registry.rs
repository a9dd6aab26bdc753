//! Reading a cache in a registry: its tags, and the image that each names.
//!
//! A tag is resolved to a digest once, and everything after is asked for by digest, so a
//! tag that moves meanwhile changes nothing. With all images in the download cache, a
//! reading asks for the list of tags and for the digest of each tag.

use super::super::image::{INDEX_TAG, Image, tag};
use super::super::inventory::{Inventory, Piece};
use super::super::spec_file::{MAX_SPEC, SpecFile};
use super::layout2::found;
use super::{GatherError, MAX_INDEX, Request, each};
use crate::import::SourceError;
use crate::import::report::quoted;
use crate::import::spack::spec::{Node, Tarball};
use crate::mirror::oci::{Registry, RegistryError, Repository, Tag};
use crate::mirror::{Limits, raw};
use crate::model::{Digest, Metadata, Value};

pub(super) fn gather(
    repository: &Repository,
    request: &Request<'_>,
    registry: &Registry,
    tick: &(dyn Fn() + Sync),
) -> Result<Inventory, GatherError> {
    let reader = Reader { registry, repository };
    let mut inventory = Inventory::default();
    // Listed first: what is pushed meanwhile may be in the index, but is told of then.
    let listed = request.reading.lists().then(|| registry.tags(repository)).transpose()?;
    if request.reading.has_index() {
        match reader.index(&mut inventory) {
            Ok(()) => {}
            Err(GatherError::NoIndex { .. }) if listed.is_some() => {
                inventory.diagnostics.odd(INDEX_TAG, "", "there is no index: nothing is compared with it");
            }
            Err(error) if listed.is_some() && !super::is_fatal(&error) => {
                inventory.diagnostics.refused(INDEX_TAG, "", error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    let is_listed = listed.is_some();
    let tags: Vec<Tag> = match listed {
        Some(list) => {
            for odd in &list.odd {
                inventory.diagnostics.odd(odd, "", "the registry lists it, but it is not a tag: it is not read");
            }
            list.tags.into_iter().filter(|tag| tag.as_str() != INDEX_TAG).collect()
        }
        None => inventory.listed().into_iter().filter_map(|node| tag_of(node).parse().ok()).collect(),
    };
    let read = |tag: &Tag, piece: &mut Piece| reader.image(tag, is_listed, piece);
    each(request.jobs, &tags, tick, inventory, Tag::as_str, read)
}

fn tag_of(node: &Node) -> String {
    tag(&node.name, &node.version, node.hash.as_str())
}

struct Reader<'a> {
    registry: &'a Registry,
    repository: &'a Repository,
}

impl Reader<'_> {
    /// Reads the index: the one layer of an image.
    fn index(&self, inventory: &mut Inventory) -> Result<(), GatherError> {
        let unreadable =
            |message: String| GatherError::Source(SourceError::Malformed { file: INDEX_TAG.to_owned(), message });
        let tag: Tag = INDEX_TAG.parse().expect("it is a tag");
        let digest = self.registry.resolve(self.repository, &tag)?;
        let digest = digest.ok_or_else(|| GatherError::NoIndex { at: self.repository.to_string() })?;
        let manifest = self.registry.manifest(self.repository, &digest)?;
        let image = Image::of(&manifest).map_err(unreadable)?;
        let image = image.ok_or_else(|| unreadable("it is a list of images for several platforms".into()))?;
        let bytes = self.registry.blob(self.repository, &image.last_layer, MAX_INDEX)?;
        // Spack labels it as packed with gzip and does not pack it; that may change.
        let limits = Limits { max_raw: MAX_INDEX, max_content: MAX_INDEX, ..Limits::default() };
        let bytes = raw::unpack(&bytes, INDEX_TAG, &limits)?;
        Ok(inventory.add_index(INDEX_TAG, &bytes)?)
    }

    /// Reads the image that a tag names.
    fn image(&self, tag: &Tag, is_listed: bool, piece: &mut Piece) -> Result<(), GatherError> {
        let place = tag.as_str();
        let Some(digest) = self.registry.resolve(self.repository, tag)? else {
            // That the index names what is not there, the comparison tells.
            if is_listed {
                piece.refuse(place, "the registry lists the tag, but there is no image of it");
            }
            return Ok(());
        };
        let manifest = match self.registry.manifest(self.repository, &digest) {
            Err(RegistryError::Missing { .. }) => {
                let message = format!("its manifest {digest} is not there: the tag was moved, or the registry lost it");
                piece.refuse(place, message);
                return Ok(());
            }
            other => other?,
        };
        let image = match Image::of(&manifest) {
            Ok(Some(image)) => image,
            Ok(None) => {
                piece.odd(place, "it is a list of images for several platforms, not a spec: it is not imported");
                return Ok(());
            }
            Err(problem) => {
                piece.refuse(place, problem);
                return Ok(());
            }
        };
        let config = match self.registry.blob(self.repository, &image.config, MAX_SPEC) {
            Err(RegistryError::Missing { .. }) => {
                piece.refuse(place, format!("its configuration {} is not there", image.config));
                return Ok(());
            }
            other => other?,
        };
        understand(place, &config, &image, &digest, self.repository, piece);
        Ok(())
    }
}

/// Reads an image's configuration.
fn understand(
    place: &str,
    config: &[u8],
    image: &Image,
    manifest: &Digest,
    repository: &Repository,
    piece: &mut Piece,
) {
    let checksum = match SpecFile::parse(config) {
        Ok(SpecFile::Spec(checksum)) => checksum,
        Ok(SpecFile::Foreign) => {
            return piece.odd(
                place,
                "its image holds no spec, as the image of an environment or of another program: it is not imported",
            );
        }
        Err(problem) => return piece.refuse(place, format!("its configuration: {problem}")),
    };
    let Some(node) = piece.read(place, config) else { return };
    let is_in_place = place == tag_of(&node);
    let tarball = match checksum {
        Some(digest) if digest == image.last_layer => Some(digest),
        Some(digest) => {
            let message =
                format!("its last layer is {}, but its spec says that the tarball is {digest}", image.last_layer);
            piece.refuse(place, message);
            None
        }
        None => {
            piece.odd(place, "its spec names no checksum of its tarball");
            None
        }
    };
    let tarball = tarball.map(|digest| {
        let record = [("tag", Value::from(place)), ("manifest", Value::from(manifest.to_string().as_str()))];
        Tarball {
            digest,
            mirrors: repository.address(&digest).parse().ok().into_iter().collect(),
            facts: Metadata::new(),
            record: record.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        }
    });
    piece.found = Some(found(place, &node, is_in_place, tarball));
    if !is_in_place {
        piece.odd(place, format!("the spec that it holds is kept at the tag {}", quoted(&tag_of(&node))));
    }
}
