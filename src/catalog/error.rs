//! What can go wrong when a catalog is read or changed.

use crate::code::Code;
use crate::model::codec::DecodeError;
use crate::model::{CatalogRef, CidError, NameError, RefError, ReleaseRef, WareError, WareId};
use crate::store::StoreError;
use crate::text::shown;

/// A fault of a catalog; see [`CatalogError::code`] for the stable codes.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Reading or writing failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// git failed.
    #[error(transparent)]
    Git(#[from] crate::git::GitError),
    /// A document cannot be read.
    #[error("`{}` cannot be read: {source}", shown(.path))]
    Decode {
        /// The document's path.
        path: String,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// A document is not the one that is named.
    #[error("`{}` is not the document that {named_by} names: expected {expected}, found {found}", shown(.path))]
    Tampered {
        /// Which kind of document it is.
        code: Code,
        /// The document's path.
        path: String,
        /// What names it.
        named_by: String,
        /// The CID by which it is named.
        expected: String,
        /// The CID of what is there.
        found: String,
    },
    /// A document says another name than its place.
    #[error("`{}` calls itself `{}`", shown(.path), shown(.says))]
    Misplaced {
        /// The document's path.
        path: String,
        /// The name in the document.
        says: String,
    },
    /// A document that another names is not there.
    #[error("`{}` is missing, though {named_by} names it", shown(.path))]
    Missing {
        /// Which kind of document it is.
        code: Code,
        /// The document's path.
        path: String,
        /// What names it.
        named_by: String,
    },
    /// What was asked for is not in the catalog.
    #[error("{}", not_found(.what, .asked, .within.as_deref()))]
    NotFound {
        /// `module`, `release` or `item`.
        what: &'static str,
        /// What was asked for; empty when it was left out.
        asked: String,
        /// Where it was looked for.
        within: Option<String>,
        /// What there is that is near, best first.
        near: Vec<String>,
    },
    /// The item is there with another ware.
    #[error("`{reference}` is there already, as {ware}")]
    AlreadyExists {
        /// The item.
        reference: CatalogRef,
        /// Its ware.
        ware: WareId,
    },
    /// The release names another replay.
    #[error("`{release}` has a replay already, {replay}")]
    HasReplay {
        /// The release.
        release: ReleaseRef,
        /// The CID of its replay.
        replay: String,
    },
    /// A new module's name cannot stand beside what is there.
    #[error("`{}` cannot be a module: {reason}", shown(.name))]
    Placement {
        /// `module-nested` or `name-collision`.
        code: Code,
        /// The module's name.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A folder is not a catalog.
    #[error("`{}` is not a catalog: it has no `catalog.toml` and no modules", shown(.path))]
    NotACatalog {
        /// The folder.
        path: String,
    },
    /// A folder is a part of a catalog.
    #[error("`{}` is a part of a catalog: it holds `{}`", shown(.path), shown(.module))]
    WithinCatalog {
        /// The folder.
        path: String,
        /// A module in it, by its own name.
        module: String,
    },
    /// `catalog.toml` cannot be understood.
    #[error("`catalog.toml` cannot be used: {}", .message)]
    Config {
        /// What is wrong, and where.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A revision is for reading.
    #[error("a revision cannot be changed; leave out `--rev` to change the working tree")]
    ReadOnly,
    /// A text is not a name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A text is not a reference.
    #[error(transparent)]
    Reference(#[from] RefError),
    /// A text is not a ware id or address.
    #[error(transparent)]
    Ware(#[from] WareError),
    /// A text is not a CID.
    #[error(transparent)]
    Cid(#[from] CidError),
}

fn not_found(what: &str, asked: &str, within: Option<&str>) -> String {
    match within {
        Some(within) if asked.is_empty() => format!("`{}` does not say which {what}", shown(within)),
        Some(within) => format!("there is no {what} `{}` in `{}`", shown(asked), shown(within)),
        None => format!("there is no {what} `{}`", shown(asked)),
    }
}

impl CatalogError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Git(error) => error.code(),
            Self::Decode { .. } => Code::DocumentUnreadable,
            Self::Tampered { code, .. } | Self::Missing { code, .. } | Self::Placement { code, .. } => *code,
            Self::Misplaced { .. } => Code::DocumentMisplaced,
            Self::NotFound { .. } => Code::NotFound,
            Self::AlreadyExists { .. } | Self::HasReplay { .. } => Code::AlreadyExists,
            Self::NotACatalog { .. } | Self::WithinCatalog { .. } => Code::CatalogMissing,
            Self::Config { .. } => Code::ConfigInvalid,
            Self::ReadOnly => Code::UsageInvalid,
            Self::Name(error) => error.code(),
            Self::Reference(error) => error.code(),
            Self::Ware(error) => error.code(),
            Self::Cid(error) => error.code(),
        }
    }

    /// What to do about it, when there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Git(error) => error.hint(),
            Self::Config { hint, .. } => hint.clone(),
            Self::NotFound { near, .. } if !near.is_empty() => {
                let near: Vec<String> = near.iter().map(|name| format!("`{}`", shown(name))).collect();
                Some(format!("there is {}", near.join(", ")))
            }
            Self::NotACatalog { .. } => Some("make one with `warecat init`, or name one with `-C DIR`".into()),
            Self::WithinCatalog { .. } => Some("name the catalog's own folder with `-C DIR`".into()),
            Self::AlreadyExists { .. } => Some("`--force` replaces it; whoever pinned it will get another ware".into()),
            Self::Tampered { .. } | Self::Missing { .. } | Self::Misplaced { .. } => {
                Some("run `warecat check` for all that is wrong; restore the file from git".into())
            }
            _ => None,
        }
    }
}
