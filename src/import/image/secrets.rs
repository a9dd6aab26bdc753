//! Takes secrets out of what an image says before it is kept (`threats.md` T-33).
//!
//! Beside what [`redact`] finds in URLs: the value of a label or of an assignment in a
//! script whose name says that it is a secret, what follows `Bearer` in a header, and words
//! that begin as the tokens of well-known services do. A value that is taken from elsewhere
//! (`$TOKEN`) is none.

use std::borrow::Cow;

use crate::import::redact::{redact, without_secrets};
use crate::model::Value;

const NAMES: [&str; 9] =
    ["token", "password", "passwd", "secret", "apikey", "api_key", "private_key", "access_key", "credential"];
const TOKENS: [&str; 8] = ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "hf_", "xoxb-", "AKIA"];
/// Shortest token, its beginning aside.
const SHORTEST: usize = 12;
const LEFT_OUT: &str = "…";

/// Takes the secrets out of a value; says whether there were any.
pub(in crate::import) fn remove(value: &mut Value) -> bool {
    let in_urls = redact(value);
    walk(value) | in_urls
}

/// A text without its secrets; borrowed when it has none.
pub(in crate::import) fn without(text: &str) -> Cow<'_, str> {
    let clean = without_secrets(text);
    match lines(&clean) {
        Some(lines) => Cow::Owned(lines),
        None => clean,
    }
}

fn walk(value: &mut Value) -> bool {
    match value {
        Value::Text(text) => match lines(text) {
            Some(clean) => {
                *text = clean;
                true
            }
            None => false,
        },
        Value::List(items) => items.iter_mut().fold(false, |found, item| walk(item) | found),
        Value::Map(map) => map.iter_mut().fold(false, |found, (key, item)| member(key, item) | found),
        _ => false,
    }
}

fn member(key: &str, value: &mut Value) -> bool {
    match value {
        Value::Text(text) if is_secret(key) && is_said(text) => {
            *text = LEFT_OUT.to_owned();
            true
        }
        other => walk(other),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    NAMES.iter().any(|secret| name.ends_with(secret))
}

/// Whether a value is itself, and not taken from a variable or a file.
fn is_said(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    !value.is_empty() && !value.starts_with(['$', '`']) && value != LEFT_OUT
}

/// The text with what is secret in its lines left out, if there is anything.
fn lines(text: &str) -> Option<String> {
    let mut found = false;
    let clean: Vec<String> = text
        .split('\n')
        .map(|line| {
            let kept = words(&assignment(line));
            found |= kept != line;
            kept
        })
        .collect();
    found.then(|| clean.join("\n"))
}

/// `export NAME=value` and `NAME: value`, with the value left out where the name says so.
fn assignment(line: &str) -> Cow<'_, str> {
    for sign in ['=', ':'] {
        let Some((before, value)) = line.split_once(sign) else { continue };
        let name = before.split_whitespace().next_back().unwrap_or_default();
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if is_name && is_secret(name) && is_said(value) {
            return Cow::Owned(format!("{before}{sign}{LEFT_OUT}"));
        }
    }
    Cow::Borrowed(line)
}

/// The line with its tokens left out; blanks are kept as they are.
fn words(line: &str) -> String {
    let is_header = line.to_ascii_lowercase().contains("authorization:");
    let mut after_bearer = false;
    let mut clean = String::with_capacity(line.len());
    for word in line.split_inclusive([' ', '\t']) {
        let plain = word.trim_end_matches([' ', '\t']);
        let blank = &word[plain.len()..];
        let starts = TOKENS.iter().find_map(|token| plain.find(token).map(|at| (at, at + token.len())));
        let is_word = |rest: &str| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.\"'".contains(&b));
        match starts {
            _ if after_bearer && is_said(plain) => clean.push_str(LEFT_OUT),
            Some((at, end)) if plain.len() - end >= SHORTEST && is_word(&plain[end..]) => {
                clean.push_str(&plain[..at]);
                clean.push_str(LEFT_OUT);
            }
            _ => clean.push_str(plain),
        }
        clean.push_str(blank);
        after_bearer = is_header && plain.eq_ignore_ascii_case("bearer") || after_bearer && plain.is_empty();
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::{remove, without};
    use crate::model::Value;

    #[test]
    fn t33_secrets_in_scripts_are_left_out_and_nothing_else() {
        for (text, clean) in [
            ("export HF_TOKEN=hf_abcdefghijklmnop", "export HF_TOKEN=…"),
            ("  DB_PASSWORD='x y'", "  DB_PASSWORD=…"),
            ("a\nAPI_KEY=1\nb", "a\nAPI_KEY=…\nb"),
            ("password: hunter2", "password:…"),
            ("curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: Bearer … x"),
            ("pip install x --token glpat-aaaaaaaaaaaaaaaaaaaa y", "pip install x --token … y"),
            ("git clone https://me:pw@a.example/x", "git clone https://a.example/x"),
        ] {
            assert_eq!(without(text), clean);
        }
        for same in [
            "export PATH=/a:/b",
            "export TOKEN=$TOKEN",
            "TOKEN=\"${X}\"",
            "TOKEN=",
            "echo bearer of news: none",
            "tokenize=1",
            "hf_hub",
            "a  b\t c ",
            "",
        ] {
            assert_eq!(without(same), same);
        }
    }

    #[test]
    fn t33_a_label_that_is_named_like_a_secret_loses_its_value() {
        let mut value: Value =
            serde_json::from_str(r#"{"labels": {"deploy.token": "abc", "Version": "1"}, "list": ["API_KEY=2"]}"#)
                .unwrap();
        assert!(remove(&mut value));
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(text, r#"{"labels":{"deploy.token":"…","Version":"1"},"list":["API_KEY=…"]}"#);
        assert!(!remove(&mut value));
    }
}
