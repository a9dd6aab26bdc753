//! The closed list of error codes.
//!
//! A code is a promise: scripts match on it, `docs/codes.md` has a paragraph on each,
//! and it never changes its meaning. Every error and every finding of warecat carries
//! exactly one. This module depends on nothing.

use std::fmt;

/// How a command ends, as the process's exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Everything asked for was done.
    Done = 0,
    /// The command failed; nothing was changed.
    Failed = 1,
    /// The command line cannot be understood.
    Usage = 2,
    /// What was asked for is not in the catalog.
    NotFound = 3,
    /// Something does not match its hash or its place.
    Unverified = 4,
    /// `--dry-run` or `--check` found that something would change.
    WouldChange = 5,
    /// The network failed.
    Network = 6,
    /// Part of the input was refused; the rest was done.
    Partial = 7,
    /// Another process holds the catalog's lock.
    Locked = 8,
}

macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $name:ident = $text:literal => $exit:ident, )+) => {
        /// A stable error code; its text is what people see and scripts match.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $( $(#[doc = $doc])+ $name, )+ }

        impl Code {
            /// Every code, in the order of this file.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            /// The code's text, in kebab case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text),+ }
            }

            /// The exit status of a command that ends with this code.
            #[must_use]
            pub fn exit(self) -> Exit {
                match self { $(Code::$name => Exit::$exit),+ }
            }
        }
    };
}

codes! {
    /// An operation of the file system failed.
    Io = "io" => Failed,
    /// A name breaks a rule of names: it could leave the catalog or be unsafe on some system.
    NameInvalid = "name-invalid" => Usage,
    /// A reference is not `module`, `module:release` or `module:release:item`.
    ReferenceInvalid = "reference-invalid" => Usage,
    /// A ware id is not `packtype:hash`.
    WareInvalid = "ware-invalid" => Usage,
    /// A mirror's address cannot be used.
    AddressInvalid = "address-invalid" => Usage,
    /// A content identifier is malformed or of another kind than expected.
    CidInvalid = "cid-invalid" => Failed,
    /// A value on the command line cannot be used.
    UsageInvalid = "usage-invalid" => Usage,

    /// A document cannot be read: not JSON, or not of its schema.
    DocumentUnreadable = "document-unreadable" => Unverified,
    /// A document is larger than any real one.
    DocumentTooLarge = "document-too-large" => Unverified,
    /// A path of the catalog is a symbolic link, a device or another thing that is not a plain file or folder.
    FileUnsafe = "file-unsafe" => Unverified,
    /// A name inside the catalog breaks a rule of names.
    NameUnsafe = "name-unsafe" => Unverified,
    /// A release is not the one that its module names.
    ReleaseTampered = "release-cid-mismatch" => Unverified,
    /// A module names a release whose file is not there.
    ReleaseMissing = "release-missing" => Unverified,
    /// A release or module says another name than its place.
    DocumentMisplaced = "document-misplaced" => Unverified,
    /// A release names a replay whose file is not there.
    ReplayMissing = "replay-missing" => Unverified,
    /// A replay's or record's file is named after another document.
    DocumentMisnamed = "document-misnamed" => Unverified,
    /// A release or module names a record whose file is not there.
    RecordMissing = "record-missing" => Unverified,
    /// A module lies below another module, where Warpforge does not see it.
    ModuleNested = "module-nested" => Unverified,
    /// A folder holds releases or mirrors but no module.
    ModuleMissing = "module-missing" => Unverified,
    /// Two names are one on a file system that ignores case or normalises Unicode.
    NameCollision = "name-collision" => Unverified,
    /// A document that nothing names.
    DocumentOrphaned = "document-orphaned" => Done,
    /// A document's text is not as warecat and Warpforge write it.
    TextNotCanonical = "text-not-canonical" => Done,
    /// A catalog reference leads to nothing in this catalog.
    ReferenceDangling = "reference-dangling" => Done,
    /// A replay depends on the machine it runs on: a mount, an ingest or the network.
    ReplayNotHermetic = "replay-not-hermetic" => Done,
    /// Two module names are easily taken for each other.
    NameLookalike = "name-lookalike" => Done,
    /// A `Catalog-Root:` trailer does not match the tree that it was computed for.
    RootStale = "root-stale" => Done,
    /// A ware that names a place has an address that is another place.
    LocationMismatch = "location-mismatch" => Unverified,
    /// A location that this machine can look at does not hold what the catalog says.
    LocationMissing = "location-missing" => Unverified,

    /// What was asked for is not in the catalog.
    NotFound = "not-found" => NotFound,
    /// The item is there already, with another ware.
    AlreadyExists = "already-exists" => Failed,
    /// A folder is not a catalog.
    CatalogMissing = "catalog-missing" => Failed,
    /// A folder that should be new or empty is not.
    FolderNotEmpty = "folder-not-empty" => Failed,
    /// `catalog.toml` cannot be understood.
    ConfigInvalid = "config-invalid" => Failed,
    /// Another process is changing the catalog.
    Locked = "locked" => Locked,
    /// The journal of an unfinished write cannot be trusted.
    JournalInvalid = "journal-invalid" => Failed,
    /// `--check` or `--dry-run` found that something would change.
    WouldChange = "would-change" => WouldChange,

    /// There is no git repository.
    GitMissing = "git-missing" => Failed,
    /// git's configuration does not say who commits.
    GitIdentityMissing = "git-identity-missing" => Failed,
    /// A revision does not exist in the repository.
    RevisionNotFound = "revision-not-found" => NotFound,
    /// libgit2 reported an error.
    GitFailed = "git-failed" => Failed,

    /// A source cannot be read or is not of its kind.
    SourceInvalid = "source-invalid" => Failed,
    /// A source's bytes are not the published ones.
    SourceHashMismatch = "source-hash-mismatch" => Unverified,
    /// One entry of a source was refused; the others were taken.
    EntryRefused = "entry-refused" => Partial,
    /// One entry of a source is odd and was taken as far as it can be.
    EntryOdd = "entry-odd" => Done,
    /// An input is larger, deeper or longer than its limit.
    LimitExceeded = "limit-exceeded" => Failed,
    /// A ware changed under its name: a pin no longer holds.
    PinBroken = "pin-broken" => Partial,

    /// The network failed or the server refused.
    NetworkFailed = "network-failed" => Network,
    /// An address is refused: its scheme, or a private network.
    NetworkRefused = "network-refused" => Network,
    /// The network is needed but `--offline` forbids it.
    NetworkOffline = "network-offline" => Network,

    /// A template cannot be used.
    TemplateInvalid = "template-invalid" => Failed,
    /// The output folder holds files that are not of a site.
    OutputForeign = "output-foreign" => Failed,
    /// A folder holds no site that warecat built.
    SiteMissing = "site-missing" => Failed,
    /// The site cannot be served: no port is free, or the network is not there.
    ServerFailed = "server-failed" => Failed,
    /// A link of a site leads to a file that is not there.
    SiteLinkBroken = "site-link-broken" => Unverified,
    /// A link of a site leads to an id that its page does not have.
    SiteAnchorMissing = "site-anchor-missing" => Unverified,
    /// A link of a site leads out of the site's folder.
    SiteLinkOutside = "site-link-outside" => Unverified,
    /// A link of a site is not written as a URL is.
    SiteLinkInvalid = "site-link-invalid" => Unverified,
    /// A link of a site runs something, or tells another site where the visitor came from.
    SiteLinkUnsafe = "site-link-unsafe" => Unverified,
    /// A page fetches something from, or sends something to, another host.
    SiteRequestForeign = "site-request-foreign" => Unverified,
    /// A data file, or a data block of a page, is not JSON.
    SiteDataInvalid = "site-data-invalid" => Unverified,
    /// A feed, sitemap or drawing is not XML, or lacks what its kind needs.
    SiteXmlInvalid = "site-xml-invalid" => Unverified,
    /// A page is not valid HTML.
    SiteHtmlInvalid = "site-html-invalid" => Unverified,
    /// A page has an element or attribute that HTML has no more.
    SiteHtmlObsolete = "site-html-obsolete" => Unverified,
    /// Two elements of a page have one id.
    SiteIdRepeated = "site-id-repeated" => Unverified,
    /// A page does not say in which language it is.
    SiteLanguageMissing = "site-language-missing" => Unverified,
    /// A page's headings are no outline.
    SiteHeadingOrder = "site-heading-order" => Unverified,
    /// A page's parts cannot be told apart, or not be reached, without seeing them.
    SiteLandmarks = "site-landmarks" => Unverified,
    /// Something that is used or seen has no name for those who do not see it.
    SiteNameMissing = "site-name-missing" => Unverified,
    /// A link's text does not say where it leads.
    SiteLinkVague = "site-link-vague" => Unverified,
    /// A role or an `aria-` attribute does not exist, has a wrong value or names nothing.
    SiteAriaInvalid = "site-aria-invalid" => Unverified,
    /// A table's cells have no headers.
    SiteTableHeaders = "site-table-headers" => Unverified,
    /// The keyboard goes through a page in another order than it is read, or into what is hidden.
    SiteFocusOrder = "site-focus-order" => Unverified,
    /// A `time` element holds no date or time.
    SiteTimeInvalid = "site-time-invalid" => Unverified,
    /// A page holds script or style of its own.
    SiteInlineCode = "site-inline-code" => Unverified,
    /// A page's content security policy is missing or lets too much through.
    SitePolicyMissing = "site-policy-missing" => Unverified,
    /// Two pages have one title.
    SiteTitleRepeated = "site-title-repeated" => Done,
    /// Pages, styles or scripts are heavier than their budget.
    SiteTooHeavy = "site-too-heavy" => Done,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "`{text}` stands twice");
            assert!(text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
        }
    }
}
