//! A module with all that belongs to it, read and verified.

use std::collections::BTreeMap;

use crate::model::order::{newest_first, sorted_newest_first};
use crate::model::{
    Metadata, Mirrors, ModuleName, Plot, Record, RecordCid, Release, ReleaseName, WarpforgeCid, metadata,
};

/// A module with its releases, mirrors, replays and records, each checked against its CID.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleEntry {
    /// The module's name.
    pub name: ModuleName,
    /// The CID of the module's capsule.
    pub cid: WarpforgeCid,
    /// The module's metadata.
    pub metadata: Metadata,
    /// Its releases, in the order of the module document.
    pub releases: Vec<ReleaseEntry>,
    /// Where its wares can be had.
    pub mirrors: Mirrors,
    /// The replays that its releases name.
    pub replays: BTreeMap<WarpforgeCid, Plot>,
    /// The records that it and its releases name.
    pub records: BTreeMap<RecordCid, Record>,
}

/// A release and its CID.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseEntry {
    /// The CID of the release, which its module names.
    pub cid: WarpforgeCid,
    /// The release.
    pub release: Release,
}

impl ReleaseEntry {
    /// The release's name.
    #[must_use]
    pub fn name(&self) -> &ReleaseName {
        &self.release.release_name
    }

    /// A metadata value of the release.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&str> {
        self.release.metadata.get(key).map(String::as_str)
    }
}

impl ModuleEntry {
    /// The name that people know the module by: upstream's spelling, or the last part
    /// of its name.
    #[must_use]
    pub fn title(&self) -> &str {
        self.metadata.get(metadata::NAME).map_or_else(|| self.name.last_segment(), String::as_str)
    }

    /// Its releases in the order in which every view shows them.
    #[must_use]
    pub fn newest_first(&self) -> Vec<&ReleaseEntry> {
        sorted_newest_first(&self.releases, |release| release.name().as_str())
    }

    /// What it is, where it is no plain package: what it says itself, or what its releases
    /// say that are parts of something. That a spec is external or spliced is said of a
    /// release only.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        let said = |release| {
            let kind = ReleaseEntry::fact(release, metadata::KIND)?;
            (!matches!(kind, "external" | "spliced")).then_some((release.name().as_str(), kind))
        };
        let of_releases = || self.releases.iter().filter_map(said).min_by(|a, b| newest_first(a.0, b.0));
        let own = self.metadata.get(metadata::MODULE_KIND).map(String::as_str);
        own.or_else(|| of_releases().map(|(_, kind)| kind))
    }

    /// What upstream says of the module, when it names a record.
    #[must_use]
    pub fn record(&self) -> Option<(&RecordCid, &Record)> {
        let cid: RecordCid = self.metadata.get(metadata::RECORD)?.parse().ok()?;
        self.records.get_key_value(&cid)
    }

    /// The plot that says how a release was made, when it names one.
    #[must_use]
    pub fn replay_of(&self, release: &ReleaseEntry) -> Option<(&WarpforgeCid, &Plot)> {
        let cid: WarpforgeCid = release.fact(metadata::REPLAY)?.parse().ok()?;
        self.replays.get_key_value(&cid)
    }

    /// What upstream says of a release, when it names a record.
    #[must_use]
    pub fn record_of(&self, release: &ReleaseEntry) -> Option<(&RecordCid, &Record)> {
        let cid: RecordCid = release.fact(metadata::RECORD)?.parse().ok()?;
        self.records.get_key_value(&cid)
    }

    /// The records of a release's builds, in the order in which it names them.
    pub fn builds_of<'e>(&'e self, release: &'e ReleaseEntry) -> impl Iterator<Item = (&'e RecordCid, &'e Record)> {
        let named = metadata::records_named(&release.release.metadata).filter(|(key, _)| *key == metadata::BUILDS);
        named.filter_map(|(_, cid)| self.records.get_key_value(&cid.parse::<RecordCid>().ok()?))
    }
}
