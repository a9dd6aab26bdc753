//! What is wrong, where, and a bounded heap of it.
//!
//! A fault of a template is on every page. So that memory and output stay small, only the
//! first findings of each code are kept, in the order of their places; the others are
//! counted. Which ones are kept depends on no thread.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::catalog::check::Severity;
use crate::code::{Code, Exit};

/// So many findings of one code are kept.
const KEPT: usize = 100;

/// One thing that is wrong with a site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SiteFinding {
    /// The file, below the site's folder.
    pub path: String,
    /// The line, from 1; 0 when it is the file as a whole.
    pub line: u64,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is.
    #[serde(serialize_with = "as_text")]
    pub code: Code,
    /// What is wrong and what to do.
    pub message: String,
}

fn as_text<S: serde::Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.as_str())
}

impl SiteFinding {
    pub(super) fn new(code: Code, path: &str, line: u64, message: impl Into<String>) -> Self {
        let severity = if code.exit() == Exit::Done { Severity::Warning } else { Severity::Error };
        Self { path: path.to_owned(), line, severity, code, message: message.into() }
    }
}

/// All findings: the first of each code, and how many there are.
#[derive(Debug, Default)]
pub(super) struct Findings {
    kept: BTreeMap<Code, BTreeSet<SiteFinding>>,
    totals: BTreeMap<Code, usize>,
}

impl Findings {
    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = SiteFinding>) {
        for finding in findings {
            self.add(finding);
        }
    }

    pub(super) fn add(&mut self, finding: SiteFinding) {
        *self.totals.entry(finding.code).or_default() += 1;
        let kept = self.kept.entry(finding.code).or_default();
        kept.insert(finding);
        if kept.len() > KEPT {
            kept.pop_last();
        }
    }

    /// What is kept, sorted by place, and how many there are of each code.
    pub(super) fn sorted(self) -> (Vec<SiteFinding>, BTreeMap<Code, usize>) {
        let mut findings: Vec<SiteFinding> = self.kept.into_values().flatten().collect();
        findings.sort();
        (findings, self.totals)
    }
}

#[cfg(test)]
mod tests {
    use super::{Findings, KEPT, SiteFinding};
    use crate::code::Code;

    #[test]
    fn the_first_findings_are_kept_in_whatever_order_they_come() {
        let finding = |n: usize| SiteFinding::new(Code::SiteLinkBroken, &format!("{n:04}"), 1, "x");
        let heap = |order: Vec<usize>| {
            let mut findings = Findings::default();
            findings.extend(order.into_iter().map(finding));
            findings.sorted()
        };
        let (kept, totals) = heap((0..300).collect());
        assert_eq!((kept.len(), totals[&Code::SiteLinkBroken]), (KEPT, 300));
        assert_eq!(kept[0].path, "0000");
        assert_eq!(heap((0..300).rev().collect()).0, kept);
    }
}
