//! A finding: what is wrong, where, how bad.

use crate::code::{Code, Exit};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The catalog cannot be trusted there.
    Error,
    /// Something to look at.
    Warning,
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Finding {
    /// The path within the catalog.
    pub path: String,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is.
    #[serde(serialize_with = "as_text")]
    pub code: Code,
    /// What is wrong, in words.
    pub message: String,
}

fn as_text<S: serde::Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

impl Finding {
    /// A finding at a path; its code says how bad it is.
    #[must_use]
    pub fn new(code: Code, path: &str, message: impl Into<String>) -> Self {
        let severity = if code.exit() == Exit::Done { Severity::Warning } else { Severity::Error };
        Self { path: path.to_owned(), severity, code, message: message.into() }
    }
}

/// Two names that are one where case is ignored; the same text whichever was seen first.
pub(super) fn collision(one: &str, other: &str) -> Finding {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    let message = format!("it and `{first}` are one on a file system that ignores case or normal forms");
    Finding::new(Code::NameCollision, second, message)
}
