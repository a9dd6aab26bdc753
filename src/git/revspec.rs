//! A revision expression to a commit, and what is near where there is none.

use git2::{ErrorCode, Oid, Repository};

use super::error::GitError;

/// The longest expression that is looked at, in bytes.
const MAX_LENGTH: usize = 1024;
/// How many references are compared for names that are near.
const MAX_COMPARED: usize = 10_000;
const MAX_NEAR: usize = 3;
const NEAR_ENOUGH: f64 = 0.8;

/// Finds the commit that `rev` names.
pub(super) fn resolve(repo: &Repository, rev: &str) -> Result<Oid, GitError> {
    check(rev)?;
    let object = repo
        .revparse_single(rev)
        .map_err(|error| parse_error(repo, rev, error))?;
    match object.peel_to_commit() {
        Ok(commit) => Ok(commit.id()),
        Err(_) => Err(invalid(rev, "it names no commit")),
    }
}

/// Refuses what would be taken for an option by a program, or is no expression at all.
fn check(rev: &str) -> Result<(), GitError> {
    if rev.is_empty() {
        return Err(invalid(rev, "it is empty"));
    }
    if rev.starts_with('-') {
        return Err(invalid(rev, "it begins with `-`"));
    }
    if rev.len() > MAX_LENGTH || rev.chars().any(char::is_control) {
        return Err(invalid(rev, "it is too long or holds control characters"));
    }
    Ok(())
}

fn parse_error(repo: &Repository, rev: &str, error: git2::Error) -> GitError {
    match error.code() {
        ErrorCode::NotFound | ErrorCode::UnbornBranch => GitError::RevisionNotFound {
            rev: rev.to_owned(),
            near: near(repo, rev),
        },
        ErrorCode::Ambiguous => invalid(rev, "more than one object begins so"),
        ErrorCode::InvalidSpec | ErrorCode::Peel => invalid(rev, "it is no revision expression"),
        _ => GitError::Git {
            doing: format!("find the revision `{rev}`"),
            source: error,
        },
    }
}

fn invalid(rev: &str, reason: &str) -> GitError {
    GitError::RevisionInvalid {
        rev: rev.chars().take(200).collect(),
        reason: reason.to_owned(),
    }
}

/// Branches and tags that are spelled alike, nearest first.
fn near(repo: &Repository, rev: &str) -> Vec<String> {
    let Ok(mut references) = repo.references() else {
        return Vec::new();
    };
    let wanted = rev.split(['~', '^', '@', ':']).next().unwrap_or(rev);
    let mut scored: Vec<(f64, String)> = references
        .names()
        .take(MAX_COMPARED)
        .filter_map(Result::ok)
        .filter_map(short_name)
        .map(|name| (strsim::jaro_winkler(wanted, name), name.to_owned()))
        .filter(|(score, _)| *score >= NEAR_ENOUGH)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored.truncate(MAX_NEAR);
    scored.into_iter().map(|(_, name)| name).collect()
}

fn short_name(reference: &str) -> Option<&str> {
    ["refs/heads/", "refs/tags/", "refs/remotes/"]
        .iter()
        .find_map(|start| reference.strip_prefix(start))
}
