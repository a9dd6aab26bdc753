//! The journal: the list of renames that make a transaction, written before the first.
//!
//! One JSON value a line: first the number of changes and the BLAKE3 of all that
//! follows, then each change. It names places of the layout and staged files by
//! number only, so a forged journal cannot reach outside the catalog; and it names the
//! folder that it was written in by device and inode, so that one which came with a
//! clone or a copy is not obeyed.

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::layout::{PRIVATE, Place};

/// The journal of a committed transaction whose renames may not all be made.
pub(super) const PATH: &str = ".warecat/journal";
/// The journal while it is written.
pub(super) const NEW_PATH: &str = ".warecat/journal.new";
/// Longest journal that is read, in bytes: room for two million changes.
pub(super) const MAX_LENGTH: usize = 512 * 1024 * 1024;

/// One change of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// A staged file takes its place.
    Write {
        /// Where it belongs.
        place: Place,
        /// Where it is staged, within the catalog.
        staged: String,
    },
    /// A document goes away.
    Remove {
        /// Where it is.
        place: Place,
    },
}

#[derive(Serialize, Deserialize)]
struct Head {
    changes: usize,
    /// Device and inode of the catalog's folder.
    folder: (u64, u64),
    blake3: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Write(String, String),
    Remove(String),
}

/// The folder of a transaction's staged files, by its random number.
pub(super) fn stage_folder(id: u64) -> String {
    format!("{PRIVATE}/tx-{id:016x}")
}

/// The text of a journal.
pub(super) fn write(changes: &[Change], folder: (u64, u64)) -> Vec<u8> {
    let mut body = Vec::with_capacity(changes.len() * 128);
    for change in changes {
        let line = match change {
            Change::Write { place, staged } => Line::Write(place.to_string(), staged.clone()),
            Change::Remove { place } => Line::Remove(place.to_string()),
        };
        serde_json::to_writer(&mut body, &line).expect("texts can be written to a buffer");
        body.push(b'\n');
    }
    let head = Head { changes: changes.len(), folder, blake3: blake3::hash(&body).to_hex().to_string() };
    let mut text = serde_json::to_vec(&head).expect("a head can be written to a buffer");
    text.push(b'\n');
    text.append(&mut body);
    text
}

/// Reads a journal, whole or not at all; `None` for one of another folder.
pub(super) fn parse(text: &[u8], folder: (u64, u64)) -> Result<Option<Vec<Change>>, StoreError> {
    let wrong = |reason: &str| StoreError::Journal { path: PATH, reason: reason.to_owned() };
    let end = text.iter().position(|b| *b == b'\n').ok_or_else(|| wrong("it has no head"))?;
    let head: Head = serde_json::from_slice(&text[..end]).map_err(|error| wrong(&error.to_string()))?;
    if head.folder != folder {
        return Ok(None);
    }
    let body = &text[end + 1..];
    if blake3::hash(body).to_hex().as_str() != head.blake3 {
        return Err(wrong("its checksum does not match"));
    }
    let changes: Vec<Change> = body
        .split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).ok().and_then(change).ok_or_else(|| wrong("a line is malformed")))
        .collect::<Result<_, _>>()?;
    if changes.len() != head.changes {
        return Err(wrong("it has not as many lines as it says"));
    }
    Ok(Some(changes))
}

fn change(line: Line) -> Option<Change> {
    match line {
        Line::Write(path, staged) => {
            Some(Change::Write { place: Place::parse(&path)?, staged: is_staged(&staged).then_some(staged)? })
        }
        Line::Remove(path) => Some(Change::Remove { place: Place::parse(&path)? }),
    }
}

/// Whether a path is one that a transaction stages files at.
fn is_staged(path: &str) -> bool {
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    path.strip_prefix(PRIVATE)
        .and_then(|rest| rest.strip_prefix("/tx-"))
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(id, rest)| Some((id, rest.split_once('/')?)))
        .is_some_and(|(id, (bucket, file))| hex(id, 16) && hex(bucket, 2) && file.len() < 20 && hex(file, file.len()))
}

#[cfg(test)]
mod tests {
    use super::{Change, is_staged, parse, write};
    use crate::store::Place;

    const HERE: (u64, u64) = (1, 2);

    fn sample() -> Vec<Change> {
        vec![
            Change::Write {
                place: Place::parse("a.org/b/_module.json").unwrap(),
                staged: ".warecat/tx-0123456789abcdef/0a/1f".into(),
            },
            Change::Remove { place: Place::parse("a.org/b/_releases/v1.json").unwrap() },
        ]
    }

    #[test]
    fn a_journal_round_trips() {
        assert_eq!(parse(&write(&sample(), HERE), HERE).unwrap(), Some(sample()));
    }

    #[test]
    fn a_journal_of_another_folder_is_not_obeyed() {
        assert_eq!(parse(&write(&sample(), (1, 3)), HERE).unwrap(), None);
    }

    #[test]
    fn a_cut_or_changed_journal_is_refused() {
        let text = write(&sample(), HERE);
        for end in 0..text.len() {
            assert!(parse(&text[..end], HERE).is_err(), "cut at {end}");
        }
        let mut changed = text.clone();
        let at = changed.len() - 20;
        changed[at] ^= 1;
        assert!(parse(&changed, HERE).is_err());
    }

    #[test]
    fn a_journal_reaches_only_places_and_staged_files() {
        let forged = |line: &str| {
            let body = format!("{line}\n");
            let head = format!(
                "{{\"changes\":1,\"folder\":[1,2],\"blake3\":\"{}\"}}\n",
                blake3::hash(body.as_bytes()).to_hex()
            );
            parse((head + &body).as_bytes(), HERE)
        };
        let staged = ".warecat/tx-0123456789abcdef/00/0";
        assert!(forged(&format!("{{\"write\":[\"a/_module.json\",\"{staged}\"]}}")).is_ok());
        assert!(forged(&format!("{{\"write\":[\"../x/_module.json\",\"{staged}\"]}}")).is_err());
        assert!(forged(&format!("{{\"write\":[\".git/hooks/pre-commit\",\"{staged}\"]}}")).is_err());
        assert!(forged("{\"write\":[\"a/_module.json\",\"/etc/passwd\"]}").is_err());
        assert!(!is_staged(".warecat/tx-0123456789abcdef/00/../../x"));
        assert!(forged("{\"remove\":\"README.md\"}").is_err());
    }
}
