//! Versions to releases and mirrors.

use super::address::{Addresses, is_repository};
use super::members::texts;
use super::names;
use super::notes::Notes;
use super::version::{Version, Versions};
use crate::model::{ItemLabel, Map, Metadata, ReleaseProposal, SourceVersion, Value, WareId, WarehouseAddr, metadata};

/// What a release says it came from: it has no record that says so.
const SOURCE: &str = "spack";
/// The item of known content.
const CONTENT: &str = "src";
/// The item that stands in as long as no content is known.
const STAND_IN: &str = "upstream";

/// The releases of a package, and where their wares can be had.
#[derive(Debug, Default)]
pub(super) struct Releases {
    pub(super) all: Vec<ReleaseProposal>,
    pub(super) mirrors: Vec<(WareId, Vec<WarehouseAddr>)>,
    /// The package's own git repository.
    pub(super) repository: Option<WarehouseAddr>,
}

/// Makes the releases of a package.
pub(super) fn of_versions(package: &str, entry: &Value, versions: &Versions<'_>, notes: &mut Notes<'_>) -> Releases {
    let repository = repository(entry, versions, notes);
    let mut addresses = Addresses::default();
    let mut found = Releases::default();
    for (spelling, name) in names::releases(versions.keys().copied()) {
        let version = &versions[spelling];
        let Some((label, ware)) = ware(package, spelling, version) else { continue };
        let places = addresses.read(places(version, &ware, repository));
        if !places.is_empty() {
            found.mirrors.push((ware.clone(), places));
        }
        let mut facts = Metadata::new();
        if name.as_str() != spelling {
            facts.insert(metadata::VERSION.to_owned(), spelling.to_owned());
        }
        facts.insert(metadata::SOURCE.to_owned(), SOURCE.to_owned());
        found.all.push(ReleaseProposal {
            name,
            items: [(self::label(label), ware)].into_iter().collect::<Map<_, _>>(),
            metadata: facts,
            replay: None,
            record: None,
            builds: Vec::new(),
            stand_in: Some(self::label(STAND_IN)),
        });
    }
    found.repository = addresses.read(repository).pop();
    addresses.tell(notes);
    found.mirrors = each_once(found.mirrors);
    found
}

fn label(text: &str) -> ItemLabel {
    text.parse().expect("it obeys the rules of labels")
}

/// The item of a version: its content, or the version itself.
fn ware(package: &str, spelling: &str, version: &Version<'_>) -> Option<(&'static str, WareId)> {
    let content = match (version.commit, version.sha256) {
        (Some(commit), _) => Some(format!("git:{commit}")),
        (None, Some(digest)) => Some(format!("file:{}", digest.to_cid())),
        (None, None) => None,
    };
    if let Some(text) = content {
        return Some((CONTENT, text.parse().ok()?));
    }
    Some((STAND_IN, SourceVersion::new(package, spelling).ok()?.ware()))
}

/// Where a ware can be had: archives from their URLs, commits from repositories, and what
/// is only known by its version from both.
fn places<'v>(version: &Version<'v>, ware: &WareId, own: Option<&'v str>) -> Vec<&'v str> {
    let mut repositories = version.repositories.clone();
    if repositories.is_empty() && version.is_git {
        repositories.extend(own);
    }
    match ware.packtype() {
        "git" => repositories,
        "file" => version.urls.clone(),
        _ => version.urls.iter().copied().chain(repositories).collect(),
    }
}

/// The package's own git repository, which upstream puts at the end of `downloads`.
fn repository<'v>(entry: &'v Value, versions: &Versions<'v>, notes: &mut Notes<'_>) -> Option<&'v str> {
    let last = texts(entry, "downloads", "", notes).pop()?;
    let is_known = versions.values().any(|version| version.repositories.contains(&last));
    (is_known || is_repository(last)).then_some(last)
}

/// Versions can share an archive or a commit: then they share its mirrors.
fn each_once(mut mirrors: Vec<(WareId, Vec<WarehouseAddr>)>) -> Vec<(WareId, Vec<WarehouseAddr>)> {
    mirrors.sort_by(|a, b| a.0.cmp(&b.0));
    let mut found: Vec<(WareId, Vec<WarehouseAddr>)> = Vec::with_capacity(mirrors.len());
    for (ware, addresses) in mirrors {
        match found.last_mut().filter(|(last, _)| *last == ware) {
            Some((_, known)) => {
                for address in addresses {
                    if !known.contains(&address) {
                        known.push(address);
                    }
                }
            }
            None => found.push((ware, addresses)),
        }
    }
    found
}
