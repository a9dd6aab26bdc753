//! The files of a cache, below a folder's path or a URL.

use std::path::Path;

use super::super::{layout2, layout3, spec_file::MAX_SPEC};
use super::{Clients, GatherError, MAX_INDEX, Request};
use crate::mirror::{Cache, FetchError, FetchOptions, Fetched, Fetcher, Listing, Location, raw};
use crate::model::{Digest, WarehouseAddr};

/// Which files a cache has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Spack 0.12 to 0.23.
    Two,
    /// Spack 1.0 and later.
    Three,
}

/// What a file is read as, which says how large it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// A spec, a manifest, a checksum.
    Small,
    /// An index.
    Large,
}

/// Where a cache's files are.
pub(super) struct Root<'a> {
    location: &'a Location,
    cache: Option<&'a Cache>,
    names_folder: bool,
    small: Fetcher,
    large: Fetcher,
    blobs: Fetcher,
}

/// Whether a tarball that a spec names is there.
#[derive(Debug)]
pub(super) enum Presence {
    /// It is, and its bytes have the digest; or it is on a server, and was not asked for.
    There,
    /// It is not.
    Absent,
    /// Its bytes have another digest.
    Other(Digest),
}

impl<'a> Root<'a> {
    pub(super) fn new(location: &'a Location, request: &Request<'_>, clients: &Clients<'a>) -> Self {
        let with = |max: u64, decompress: bool| {
            let mut options = FetchOptions { decompress, want_content_hash: false, ..clients.fetch.clone() };
            options.limits.max_raw = options.limits.max_raw.min(max);
            options.limits.max_content = options.limits.max_content.min(max);
            Fetcher::new(options)
        };
        Self {
            location,
            cache: clients.cache,
            names_folder: request.names_folder,
            small: with(MAX_SPEC, true),
            large: with(MAX_INDEX, true),
            blobs: with(MAX_INDEX, false),
        }
    }

    /// Whether its files can only be asked for by name.
    pub(super) fn is_remote(&self) -> bool {
        self.location.is_remote()
    }

    /// The address, as it is shown.
    pub(super) fn shown(&self) -> String {
        self.location.to_string()
    }

    /// Which files there are.
    pub(super) fn layout(&self) -> Result<Layout, GatherError> {
        if let Some(listing) = crate::mirror::list(self.location)? {
            let has = |name: &str| listing.folders.iter().any(|folder| folder == name);
            return match (has("v3"), has(layout2::FOLDER)) {
                (true, _) => Ok(Layout::Three),
                (false, true) => Ok(Layout::Two),
                (false, false) => Err(GatherError::NoCache { at: self.shown() }),
            };
        }
        // Some servers send a page in the place of every file that is not there, so what
        // is no page decides.
        let mut page = None;
        for (path, layout) in [(layout3::INDEX, Layout::Three), (layout2::INDEX, Layout::Two)] {
            match self.read(path, Size::Large) {
                Ok(Some(_)) => return Ok(layout),
                Ok(None) => {}
                Err(error @ GatherError::WebPage { .. }) => page = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(page.unwrap_or(GatherError::NoCache { at: self.shown() }))
    }

    /// A file's content; nothing if there is none.
    pub(super) fn read(&self, path: &str, size: Size) -> Result<Option<Vec<u8>>, GatherError> {
        let fetcher = if size == Size::Small { &self.small } else { &self.large };
        let location = self.location.join(path)?;
        let fetched = match self.cache {
            Some(cache) => fetcher.fetch_cached(&location, cache)?,
            None => fetcher.fetch_optional(&location)?,
        };
        fetched.map(|fetched| self.not_a_page(fetched, &location)).transpose()
    }

    fn not_a_page(&self, fetched: Fetched, location: &Location) -> Result<Vec<u8>, GatherError> {
        if self.is_remote() && fetched.looks_like_html() {
            return Err(GatherError::WebPage { at: location.to_string(), line: fetched.first_line() });
        }
        Ok(fetched.bytes)
    }

    /// A blob's content, unpacked, its bytes compared with its digest; nothing if there is
    /// none. What the download cache has is not asked for.
    pub(super) fn blob(&self, blob: &layout3::Blob, size: Size) -> Result<Option<Vec<u8>>, GatherError> {
        let location = self.location.join(&blob.path())?;
        let kept = self.cache.filter(|_| self.is_remote());
        let cached = kept.map(|cache| cache.get(&blob.digest)).transpose()?.flatten();
        let bytes = match cached {
            Some(bytes) => bytes,
            None => {
                let Some(fetched) = self.blobs.fetch_optional(&location)? else { return Ok(None) };
                let found = Digest::of(&fetched.bytes);
                if found != blob.digest {
                    return Err(GatherError::Blob { at: location.to_string(), expected: blob.digest, found });
                }
                if let Some(cache) = kept {
                    cache.put(&blob.digest, &fetched.bytes)?;
                }
                fetched.bytes
            }
        };
        if !blob.is_compressed {
            return Ok(Some(bytes));
        }
        let fetcher = if size == Size::Small { &self.small } else { &self.large };
        Ok(Some(raw::unpack(&bytes, &location.to_string(), &fetcher.options().limits)?))
    }

    /// The files and folders of a folder; nothing if there is none, or on a server.
    pub(super) fn list(&self, path: &str) -> Result<Option<Listing>, GatherError> {
        match crate::mirror::list(&self.location.join(path)?) {
            Ok(listing) => Ok(listing),
            Err(FetchError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a tarball is there. In a folder its bytes are hashed.
    pub(super) fn presence(&self, path: &str, digest: &Digest) -> Result<Presence, GatherError> {
        let Some(folder) = self.location.as_path() else { return Ok(Presence::There) };
        match raw::digest_of(&folder.join(path)) {
            Ok(found) if found == *digest => Ok(Presence::There),
            Ok(found) => Ok(Presence::Other(found)),
            Err(FetchError::Missing { .. }) => Ok(Presence::Absent),
            Err(error) => Err(error.into()),
        }
    }

    /// Where a file can be had by others: its URL, or its path where that may be written.
    /// An address with a query is not written, since there may be a secret in it.
    pub(super) fn address(&self, path: &str) -> Option<WarehouseAddr> {
        let text = match self.location.as_path() {
            Some(folder) if self.names_folder && folder.is_absolute() => file_url(&folder.join(path)),
            Some(_) => return None,
            None => self.location.join(path).ok()?.to_string(),
        };
        text.parse().ok().filter(|_| !text.contains('?'))
    }
}

/// A `file` URL (RFC 8089): bytes that a URL's path may not hold are escaped.
fn file_url(path: &Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;
    let mut url = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"/-._~+@,=".contains(byte);
        // Writing to a `String` cannot fail.
        let _ = if is_plain { url.write_char(char::from(*byte)) } else { write!(url, "%{byte:02X}") };
    }
    url
}
