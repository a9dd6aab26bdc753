//! Git repositories, through libgit2 alone: find one, read any revision without a
//! checkout, tell commits apart, commit a set of paths, list what is not committed.
//!
//! Invariants:
//! - No program runs: not git, no hook, filter, monitor, signer or remote helper,
//!   whatever the repository's configuration asks for. libgit2 has no code for them
//!   except the built-in line-ending filters, and commits go round those too.
//! - The check of who owns a repository (`safe.directory`) stays on.
//! - Symbolic links, submodules and oddly named tree entries are shown, never followed.
//! - A commit is HEAD's tree plus the given changes and nothing else.
//!
//! Deliberately absent: fetching, pushing, merging, checking out, signing. The clock
//! and the environment are the caller's: times and overriding identities are arguments.

mod change;
mod clean;
mod commit;
mod difference;
mod error;
mod graft;
mod head;
mod identity;
mod index;
mod listing;
mod log;
mod objects;
mod path;
mod pool;
mod repo;
mod revision;
mod revspec;
mod status;
mod trailer;
mod when;
mod worktree;

#[cfg(test)]
mod tests;

pub use change::{Change, Content};
pub use commit::{CommitId, CommitOptions};
pub use difference::{Changed, How, Look};
pub use error::GitError;
pub use identity::Identity;
pub use listing::{Entry, EntryKind};
pub use log::{Log, LogEntry};
pub use repo::Repo;
pub use revision::Revision;
pub use status::{State, Uncommitted};
pub use trailer::with_trailer;
pub use when::When;
