//! Pages that explain: what the catalog is and how to get its data, how to check what a
//! page says, what each source gave; and the box of a module's page that says how to
//! check and cite a release.
//!
//! Lines to type are made from checked words, and each does today what the page says.

mod about;
mod source;
mod trust;
mod verify;

pub(super) use about::{DataRow, about_page, about_place};
pub(super) use source::Sources;
pub(super) use trust::{Trust, trust};
pub(super) use verify::{Sample, sample, verify_page, verify_place};
