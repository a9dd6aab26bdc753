//! What the files say of themselves.
//!
//! The files of the packages are one line of the source document, `packages/*.json`: its
//! hash is that of what `sha256sum packages/*.json` prints in the C locale, its size their
//! bytes together.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::package::Package;
use super::read::Repology;
use crate::import::report::SourceFacts;
use crate::model::{Digest, ModuleProposal, SourceFile, Value};

/// The kind of a module of a package, as reports count it.
pub(super) const PACKAGE: &str = "package";
/// The kind of a module of a virtual.
pub(super) const VIRTUAL: &str = "virtual";

/// The files that were read.
pub(super) fn files(repology: &Repology, packages: &BTreeMap<String, Package>) -> Vec<SourceFile> {
    let mut list = String::new();
    let mut size = 0;
    let mut sorted: Vec<&SourceFile> = packages.values().map(|package| &package.file).collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    for file in &sorted {
        // Writing to a `String` does not fail.
        let _ = writeln!(list, "{}  {}", file.sha256, file.name);
        size += file.size;
    }
    let name = "packages/*.json".to_owned();
    let all = SourceFile { name, sha256: Digest::of(list.as_bytes()).hex(), size, header: None };
    (!sorted.is_empty()).then_some(all).into_iter().chain(repology.file.clone()).collect()
}

/// What is told of the source.
pub(super) fn of_source(files: Vec<SourceFile>, modules: &[ModuleProposal]) -> SourceFacts {
    let update = files.iter().find_map(|file| file.header.as_ref()?.get("last_update")).and_then(Value::as_text);
    let timestamp = update.filter(|text| is_moment(text)).map(str::to_owned);
    let releases = || modules.iter().flat_map(|module| &module.releases);
    let wares = |packtype: &str| {
        releases().filter(|release| release.items.values().any(|ware| ware.packtype() == packtype)).count()
    };
    let kind = |kind: &str| modules.iter().filter(|module| module.kind == kind).count();
    let (archives, commits) = (wares("file"), wares("git"));
    let counts = [
        ("packages", kind(PACKAGE)),
        ("virtuals", kind(VIRTUAL)),
        ("versions", releases().count()),
        ("with_content", archives + commits),
        ("archives", archives),
        ("commits", commits),
    ];
    SourceFacts {
        kind: "spack",
        version: timestamp.as_deref().map(|text| text[..10].to_owned()),
        timestamp,
        files,
        counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count as u64)).collect(),
    }
}

/// A date and time as Python prints them, `2025-11-26 05:04:48.800164`, without a zone.
fn is_moment(text: &str) -> bool {
    let (second, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digit = |b: u8| b.is_ascii_digit();
    let shape = |(b, p): (u8, u8)| if p == b'0' { is_digit(b) } else { b == p || (p == b' ' && b == b'T') };
    second.len() == 19
        && second.bytes().zip(*b"0000-00-00 00:00:00").all(shape)
        && fraction.len() <= 9
        && fraction.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::is_moment;

    #[test]
    fn t23_a_time_is_told_by_its_shape() {
        assert!(is_moment("2025-11-26 05:04:48.800164") && is_moment("2025-11-26 05:04:48"));
        for bad in ["", "2025-11-26", "2025-11-26 05:04:48Z", "x025-11-26 05:04:48", "2025-11-26 05:04:48.\u{1b}"] {
            assert!(!is_moment(bad), "{bad:?}");
        }
    }
}
