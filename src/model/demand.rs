//! What a job asks of a catalog: pure values, not yet looked up.
//!
//! `import::references` reads them out of job templates and scripts, `catalog` says of
//! each whether it can be met. They stand here since neither of the two uses the other.

use super::architecture::Architecture;

/// All that one file asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Job {
    /// The name that a template gives itself.
    pub template_id: Option<String>,
    /// Where the job runs, as the file says.
    pub place: JobPlace,
    /// What it asks for, in the order of the text.
    pub demands: Vec<Demand>,
}

/// Where a job runs, as far as that is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobPlace {
    /// The partitions that the scheduler may choose from; none when nothing is said.
    pub partitions: Vec<String>,
    /// The architecture of its nodes.
    pub architecture: Option<Architecture>,
}

/// One reference in a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The line it stands in, from 1.
    pub line: usize,
    /// The reference as it is written, with the values of variables that are known.
    pub text: String,
    /// What it asks for.
    pub wanted: Wanted,
}

/// What a reference asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// An image in a file.
    Image(WantedImage),
    /// An environment module, `NAME` or `NAME/VERSION`.
    Module(String),
    /// An item of the catalog, `module:release:item`.
    Item(String),
    /// Something that only the running job knows.
    Unknown {
        /// What kind of thing it is.
        kind: WantedKind,
        /// Why nothing can be said of it.
        reason: &'static str,
    },
}

/// The kinds of what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WantedKind {
    /// [`Wanted::Image`].
    Image,
    /// [`Wanted::Module`].
    Module,
    /// [`Wanted::Item`].
    Item,
}

impl WantedKind {
    /// The kind as reports name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Module => "module",
            Self::Item => "catalog",
        }
    }
}

impl Wanted {
    /// What kind of thing this asks for.
    #[must_use]
    pub fn kind(&self) -> WantedKind {
        match self {
            Self::Image(_) => WantedKind::Image,
            Self::Module(_) => WantedKind::Module,
            Self::Item(_) => WantedKind::Item,
            Self::Unknown { kind, .. } => *kind,
        }
    }
}

/// An image that a job runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WantedImage {
    /// The last part of its path.
    pub file: String,
    /// The folder it lies in, which is its partition, where the path says one.
    pub folder: Option<String>,
    /// The app inside that is run.
    pub app: Option<String>,
    /// The version that it should have.
    pub version: Option<String>,
    /// The architecture that it should have, where the job asks for one in particular.
    pub architecture: Option<Architecture>,
}
