//! What both files say of the versions of a package.
//!
//! A version has content where a commit or a SHA-256 is known. Where both are, the commit
//! is taken: `repology.json` alone can say it, so a file with checksums that is read later
//! adds to it and does not change it.

use std::collections::BTreeMap;

use super::members::{list, text, texts};
use super::names::is_version;
use super::notes::Notes;
use crate::import::report::quoted;
use crate::model::{Digest, Value};

/// Most versions of a package; the most real ones are 155.
const MAX_VERSIONS: usize = 20_000;

/// One version.
#[derive(Debug, Default)]
pub(super) struct Version<'v> {
    /// The SHA-256 of its archive.
    pub(super) sha256: Option<Digest>,
    /// The commit that it is.
    pub(super) commit: Option<&'v str>,
    /// Where its archive lies.
    pub(super) urls: Vec<&'v str>,
    /// Its git repositories.
    pub(super) repositories: Vec<&'v str>,
    /// Whether it is a commit, branch or tag.
    pub(super) is_git: bool,
}

impl<'v> Version<'v> {
    fn add(&mut self, more: Self) {
        self.sha256 = self.sha256.or(more.sha256);
        self.commit = self.commit.or(more.commit);
        self.urls.extend(more.urls);
        self.repositories.extend(more.repositories);
        self.is_git |= more.is_git;
    }
}

/// Versions by their spelling.
pub(super) type Versions<'v> = BTreeMap<&'v str, Version<'v>>;

/// Reads the `version` of an entry of `repology.json`.
pub(super) fn of_entry<'v>(entry: &'v Value, notes: &mut Notes<'_>) -> Versions<'v> {
    each(entry, "version", "version", notes, |map, at, notes| {
        let mut version = Version { urls: texts(map, "downloads", at, notes), ..Version::default() };
        version.is_git = map.get("branch").is_some();
        let (repositories, is_list) = match map.get("repositories") {
            None | Some(Value::Null) => (&[][..], true),
            Some(Value::List(items)) => (items.as_slice(), true),
            Some(one) => (std::slice::from_ref(one), false),
        };
        for (index, repository) in repositories.iter().enumerate() {
            let at = if is_list { format!("{at}.repositories[{index}]") } else { format!("{at}.repositories") };
            if !matches!(repository, Value::Map(_)) {
                notes.odd(&at, "it is not a map; only the record has it");
                continue;
            }
            version.repositories.extend(text(repository, "url", &at, notes));
            version.commit = version.commit.or(commit(repository, &at, notes));
            version.is_git |= ["commit", "tag", "branch"].iter().any(|key| repository.get(key).is_some());
        }
        version
    })
}

/// Reads the list `key`, `versions` or `versions_deprecated`, of a package's file.
pub(super) fn of_package<'v>(package: &'v Value, key: &str, notes: &mut Notes<'_>) -> Versions<'v> {
    each(package, key, "name", notes, |map, at, notes| Version {
        sha256: sha256(map, at, notes),
        commit: commit(map, at, notes),
        urls: texts(map, "url", at, notes),
        repositories: texts(map, "git", at, notes),
        is_git: ["commit", "tag", "branch", "git"].iter().any(|key| map.get(key).is_some()),
    })
}

fn each<'v>(
    from: &'v Value,
    key: &str,
    name: &str,
    notes: &mut Notes<'_>,
    read: impl Fn(&'v Value, &str, &mut Notes<'_>) -> Version<'v>,
) -> Versions<'v> {
    let mut found = Versions::new();
    for (index, item) in list(from, key, "", notes).iter().enumerate() {
        let at = format!(".{key}[{index}]");
        if index >= MAX_VERSIONS {
            notes.refused(&at, format!("it and what follows are more versions than the {MAX_VERSIONS} that are taken"));
            break;
        }
        let Some(spelling) = item.get(name).and_then(Value::as_text) else {
            notes.refused(&at, format!("it has no text `{name}`"));
            continue;
        };
        if !is_version(spelling) {
            notes.refused(&format!("{at}.{name}"), format!("{} is not a version", quoted(spelling)));
            continue;
        }
        let version = read(item, &at, notes);
        match found.get_mut(spelling) {
            None => drop(found.insert(spelling, version)),
            Some(known) => {
                notes.odd(&at, format!("the version {} stands twice, and is taken once", quoted(spelling)));
                known.add(version);
            }
        }
    }
    found
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// A whole commit id; a shortened one names no content.
fn commit<'v>(map: &'v Value, at: &str, notes: &mut Notes<'_>) -> Option<&'v str> {
    let commit = text(map, "commit", at, notes)?;
    if matches!(commit.len(), 40 | 64) && is_hex(commit) {
        return Some(commit);
    }
    notes.odd(&format!("{at}.commit"), format!("{} is not a whole commit id; only the record has it", quoted(commit)));
    None
}

/// `sha256`, or a `checksum` of that length.
fn sha256(map: &Value, at: &str, notes: &mut Notes<'_>) -> Option<Digest> {
    let key = if map.get("sha256").is_some() { "sha256" } else { "checksum" };
    let digits = text(map, key, at, notes)?;
    let digest = (digits.len() == 64).then(|| digits.parse().ok()).flatten();
    if digest.is_none() {
        notes.odd(&format!("{at}.{key}"), format!("{} is not a SHA-256; only the record has it", quoted(digits)));
    }
    digest
}

/// What the entry and the file of a package say together; what only one of them lists is
/// told. What the file lists as deprecated is no release unless the entry has it.
pub(super) fn together<'v>(
    entry: Versions<'v>,
    listed: Versions<'v>,
    mut deprecated: Versions<'v>,
    notes: &mut Notes<'_>,
) -> Versions<'v> {
    let mut all = entry;
    let only = |text: &str, other: &str| format!("{} is not in {other}", quoted(text));
    for (spelling, version) in &mut all {
        match deprecated.remove(spelling) {
            Some(more) => version.add(more),
            None if !listed.contains_key(spelling) => {
                notes.odd(".version", only(spelling, "the package's own file, and is taken"));
            }
            None => {}
        }
    }
    for (spelling, more) in listed {
        if !all.contains_key(spelling) {
            notes.odd(".version", only(spelling, "it but in the package's own file, and is taken"));
        }
        all.entry(spelling).or_default().add(more);
    }
    all
}
