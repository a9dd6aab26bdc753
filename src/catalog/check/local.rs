//! Looking whether this machine holds what mirrors say it holds.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::model::{Mirrors, WareId, WarehouseAddr};

/// Mirrors that this machine could hold and does not, in words.
pub(super) fn missing(mirrors: &Mirrors) -> Vec<String> {
    let wares = mirrors.by_ware.iter().flat_map(|map| map.iter());
    wares
        .flat_map(|(ware, addresses)| addresses.iter().map(move |address| (ware, address)))
        .filter_map(|(ware, address)| Some((ware, local_path(address)?)))
        .filter_map(|(ware, path)| {
            Some(format!("{ware} should be at `{}`, but {}", path.display(), fault(ware, &path)?))
        })
        .collect()
}

/// Where an address lies on this machine: a file, or a CernVM-FS repository that is mounted.
fn local_path(address: &WarehouseAddr) -> Option<PathBuf> {
    let (_, rest) = address.as_str().split_once("://")?;
    match address.scheme() {
        "file" => rest.starts_with('/').then(|| PathBuf::from(OsString::from_vec(decoded(rest)))),
        "cvmfs" => {
            let repository = Path::new("/cvmfs").join(rest.split('/').next()?);
            repository.exists().then(|| Path::new("/cvmfs").join(rest))
        }
        _ => None,
    }
}

/// What is wrong with a place, in words. An image is a file of its own; what else a mirror
/// may name is only looked for.
fn fault(ware: &WareId, path: &Path) -> Option<&'static str> {
    match path.symlink_metadata() {
        Err(_absent) => Some("nothing is there"),
        Ok(found) if ware.packtype() == "sif" && !found.is_file() => Some("that is not a plain file"),
        Ok(_) => None,
    }
}

/// The bytes that a URL's path means (RFC 3986, section 2.1); a `%` before anything but two
/// hexadecimal digits is one.
fn decoded(path: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn a_path_of_a_url_means_the_bytes_of_its_escapes() {
        for (path, bytes) in [("/a%20b%2Fc", "/a b/c"), ("/%zz%2", "/%zz%2"), ("/%", "/%"), ("", ""), ("/%C3%BC", "/ü")]
        {
            assert_eq!(decoded(path), bytes.as_bytes());
        }
    }
}
