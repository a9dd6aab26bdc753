//! What is said of one reference.

/// Whether a reference can be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The catalog has it, and it fits the job.
    Resolves,
    /// It does not, and why.
    Fails(Problem),
    /// Only the running job knows what is meant.
    Unknown,
}

/// Why a reference cannot be met; the texts are part of the JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// There is no image of this name.
    ImageMissing,
    /// There is no environment module of this name or version.
    ModuleMissing,
    /// There is no such item, or it is no reference.
    ReferenceMissing,
    /// The image is in another partition than the job.
    WrongPartition,
    /// It is there for other architectures only.
    WrongArchitecture,
    /// The image is of another version.
    VersionMismatch,
    /// The image has no such app.
    AppMissing,
}

impl Problem {
    /// The problem as JSON names it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImageMissing => "image_missing",
            Self::ModuleMissing => "module_missing",
            Self::ReferenceMissing => "reference_missing",
            Self::WrongPartition => "wrong_partition",
            Self::WrongArchitecture => "wrong_arch",
            Self::VersionMismatch => "version_mismatch",
            Self::AppMissing => "app_missing",
        }
    }

    /// Whether nothing is there, rather than something that does not fit.
    #[must_use]
    pub fn is_absence(self) -> bool {
        matches!(self, Self::ImageMissing | Self::ModuleMissing | Self::ReferenceMissing)
    }
}

/// What the catalog says of one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it can be met.
    pub verdict: Verdict,
    /// The same in words. They may hold text of the job and of the catalog, unescaped.
    pub message: String,
    /// What it leads to, `module:release` or `module:release:item`, also where that does
    /// not fit the job.
    pub reference: Option<String>,
    /// The image that it leads to.
    pub image: Option<ImageFound>,
    /// What may have been meant or would do, the best first.
    pub near: Vec<String>,
    /// For an image that is missing: all that could be run there, sorted.
    pub available: Vec<String>,
    /// Why what it leads to should not be used any more, when it should not.
    pub yanked: Option<String>,
}

/// An image, as a job's author knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFound {
    /// Its path: from a folder `images` on, where it lies in one.
    pub path: String,
    /// The folder that it lies in.
    pub partition: String,
}

impl Answer {
    pub(super) fn new(verdict: Verdict, message: impl Into<String>) -> Self {
        Self {
            verdict,
            message: message.into(),
            reference: None,
            image: None,
            near: Vec::new(),
            available: Vec::new(),
            yanked: None,
        }
    }

    pub(super) fn unknown(reason: &str) -> Self {
        Self::new(Verdict::Unknown, format!("cannot be checked: {reason}"))
    }
}
