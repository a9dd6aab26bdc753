//! Why a site cannot be built.

use std::io;
use std::path::PathBuf;

use crate::code::Code;
use crate::model::ModuleName;
use crate::text::shown;

/// Why a module could not be read, as the catalog says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The stable code of the catalog's error.
    pub code: Code,
    /// What is wrong, and where.
    pub message: String,
}

/// Why a site cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// An operation of the file system failed.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The output folder, or something in it, is not of a site that we wrote.
    #[error("{} is not part of a site that warecat wrote: {reason}", path.display())]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// What it is instead.
        reason: &'static str,
    },
    /// A folder is not a site that we built.
    #[error("{} holds no site: there is no `.warecat-site` in it", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// A template is missing, is not one, or does not fit the data of its page.
    #[error("the template {}, line {line}: {}", shown(file), shown(message))]
    Template {
        /// The template's file name, with its folder when it is not a built-in one.
        file: String,
        /// The line, from 1; 0 when the fault has no place.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The address that the site is to have cannot be used.
    #[error("`{}` is not a base URL: {reason}; write `https://host/path/` or `/path/`", shown(text))]
    BaseUrl {
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A module cannot be read.
    #[error("the module {module} cannot be read: {}", error.message)]
    Load {
        /// The module.
        module: ModuleName,
        /// What the catalog says.
        error: LoadError,
    },
}

impl SiteError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Io { .. } => Code::Io,
            Self::Foreign { .. } => Code::OutputForeign,
            Self::Missing { .. } => Code::SiteMissing,
            Self::Template { .. } => Code::TemplateInvalid,
            Self::BaseUrl { .. } => Code::UsageInvalid,
            Self::Load { error, .. } => error.code,
        }
    }
}
