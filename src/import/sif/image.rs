//! An image: its header, and its objects with ranges that were checked.

use super::error::SifError;
use super::header::{self, DESCRIPTOR, Header};
use super::object::{Kind, Object, PartitionKind};
use super::source::Source;

/// An image that was opened. Its objects' data is read when it is asked for.
#[derive(Debug)]
pub struct Image<'s, S: Source + ?Sized> {
    source: &'s S,
    header: Header,
    objects: Vec<Object>,
}

impl<'s, S: Source + ?Sized> Image<'s, S> {
    /// Reads the header and the descriptors.
    ///
    /// # Errors
    /// `source-invalid`: no SIF image, one of an unknown version, truncated or damaged.
    /// `limit-exceeded`, `io`.
    pub fn open(source: &'s S) -> Result<Self, SifError> {
        let header = Header::read(source)?;
        let length = usize::try_from(header.total * DESCRIPTOR)
            .map_err(|_wide| SifError::Damaged("more descriptors than this machine can address".into()))?;
        let mut table = vec![0; length];
        source.read_at(header.table, &mut table)?;
        let mut objects = Vec::new();
        for descriptor in table.chunks_exact(DESCRIPTOR as usize) {
            objects.extend(Object::of_descriptor(descriptor, source.len())?);
        }
        check_ids(&objects)?;
        check_places(&header, &objects)?;
        Ok(Self { source, header, objects })
    }

    /// Where its bytes are read from.
    pub(super) fn source(&self) -> &'s S {
        self.source
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The objects, in the order of their descriptors.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The partition that holds the container's root, if there is one.
    #[must_use]
    pub fn primary(&self) -> Option<&Object> {
        let is_primary = |object: &&Object| matches!(object.kind, Kind::Partition { kind: PartitionKind::Primary, .. });
        self.objects.iter().find(is_primary)
    }

    /// The data of an object.
    ///
    /// # Errors
    /// `limit-exceeded` when it is larger than `limit` bytes; `io`.
    pub fn data(&self, object: &Object, limit: u64) -> Result<Vec<u8>, SifError> {
        let too_many = || SifError::TooMany { what: "bytes of an object", found: object.size, limit };
        if object.size > limit {
            return Err(too_many());
        }
        let mut data = vec![0; usize::try_from(object.size).map_err(|_wide| too_many())?];
        self.source.read_at(object.offset, &mut data)?;
        Ok(data)
    }
}

/// Two objects of one id could be meant by one link.
fn check_ids(objects: &[Object]) -> Result<(), SifError> {
    let mut ids: Vec<u32> = objects.iter().map(|object| object.id).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(SifError::Damaged(format!("two objects have the id {}", pair[0]))),
        None => Ok(()),
    }
}

/// Bytes that are two things at once could be read as either.
fn check_places(header: &Header, objects: &[Object]) -> Result<(), SifError> {
    let table = header.table..header.table + header.total * DESCRIPTOR;
    let mut places: Vec<(u64, u64, String)> = objects
        .iter()
        .map(|object| (object.offset, object.offset + object.size, format!("object {}", object.id)))
        .collect();
    places.push((0, header::LENGTH, "the header".to_owned()));
    places.push((table.start, table.end, "the table of descriptors".to_owned()));
    places.retain(|(start, end, _)| start < end);
    places.sort();
    match places.windows(2).find(|pair| pair[1].0 < pair[0].1) {
        Some([(_, _, one), (_, _, other)]) => Err(SifError::Damaged(format!("{one} and {other} share bytes"))),
        _ => Ok(()),
    }
}
