//! Reading a document for a check: what is wrong with it becomes findings.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::finding::Finding;
use crate::code::Code;
use crate::model::codec::{self, MAX_DOCUMENT};
use crate::store::{Files, Place};

/// Reads a document; `Raw` is the same with unchecked names, to tell a bad name from a
/// bad file. `None` when it is not there or cannot be used; the latter is a finding.
pub(super) fn read<T, Raw>(files: &dyn Files, place: &Place, findings: &mut Vec<Finding>) -> Option<Option<T>>
where
    T: Serialize + DeserializeOwned,
    Raw: DeserializeOwned,
{
    let path = place.to_string();
    let text = match files.read(&path, MAX_DOCUMENT) {
        Ok(Some(text)) => text,
        Ok(None) => return Some(None),
        Err(error) => {
            findings.push(Finding::new(error.code(), &path, error.to_string()));
            return None;
        }
    };
    match codec::decode::<T>(&text) {
        Ok(document) => {
            if let Some(difference) = difference(&text, &codec::encode(&document)) {
                findings.push(Finding::new(Code::TextNotCanonical, &path, difference));
            }
            Some(Some(document))
        }
        Err(error) => {
            let is_name = codec::decode::<Raw>(&text).is_ok();
            let code = if is_name { Code::NameUnsafe } else { Code::DocumentUnreadable };
            findings.push(Finding::new(code, &path, error.to_string()));
            None
        }
    }
}

/// How a text differs from the canonical one; `None` when it does not.
fn difference(text: &[u8], canonical: &[u8]) -> Option<String> {
    if text == canonical {
        return None;
    }
    let body = &canonical[..canonical.len() - 1];
    if text == body {
        return Some("it has no newline at its end".into());
    }
    if text.starts_with(canonical) && text.trim_ascii_end() == body {
        return Some("it has more than one newline at its end".into());
    }
    if std::str::from_utf8(text).is_err() {
        return Some("it holds bytes that are not UTF-8, which are read as U+FFFD".into());
    }
    let line = text.split(|b| *b == b'\n').zip(canonical.split(|b| *b == b'\n')).take_while(|(a, b)| a == b).count();
    Some(format!("its text differs from the canonical one in line {}", line + 1))
}
