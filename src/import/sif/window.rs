//! A part of a source as a stream that knows no other part.

use std::io::{self, Read, Seek, SeekFrom};

use super::source::Source;

/// The bytes of one object: reading and seeking never leave them.
pub(super) struct Window<'s, S: Source + ?Sized> {
    source: &'s S,
    start: u64,
    size: u64,
    at: u64,
}

impl<'s, S: Source + ?Sized> Window<'s, S> {
    /// The `size` bytes from `start` on, which lie within the source.
    pub(super) fn new(source: &'s S, start: u64, size: u64) -> Self {
        Self { source, start, size, at: 0 }
    }
}

impl<S: Source + ?Sized> Read for Window<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.size.saturating_sub(self.at);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        self.source.read_at(self.start + self.at, &mut into[..length])?;
        self.at += length as u64;
        Ok(length)
    }
}

impl<S: Source + ?Sized> Seek for Window<'_, S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let place = place.filter(|place| *place <= self.size);
        self.at = place.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place outside the object"))?;
        Ok(self.at)
    }
}
