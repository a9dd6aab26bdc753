//! Search: one index and one ranking, for the command line and for the site.
//!
//! [`Document`] is what is searched of a module, a pure function of its documents;
//! [`Index`] joins those of all modules and puts them in order; [`Query`] is what someone
//! asks; [`Index::run`] answers. The site writes the same index as data files, and
//! `templates/search.js` answers from them as [`Index::run`] does: a test holds the two to
//! the same results in the same order. `docs/search.md` has the rules for people.
//!
//! Invariants: no pattern language is ever given to an engine; every step is linear in
//! the index for each word of a query, and a query has few (`threats.md` T-29); the order
//! of results depends on nothing but index and query. May use `model` and `catalog`.

mod document;
mod field;
mod index;
mod near;
mod query;
mod rank;
mod spelling;

pub use document::{Document, MAX_TEXT};
pub use field::{FIELDS, Field, OTHER_WORDS, is_meant};
pub use index::{Entry, Facet, Index};
pub use query::{Filter, MAX_FILTERS, MAX_QUERY, MAX_WORDS, Query, Sort};
pub use rank::{Found, Hit};
