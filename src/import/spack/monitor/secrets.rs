//! Takes secrets out of logs and environments (`threats.md` T-33).
//!
//! Beside what every importer takes out of URLs: what is assigned to a name that says
//! that it is secret, what follows `Bearer` or `Basic`, tokens that begin as those of
//! well-known services do, and private keys. The name stays, the value becomes `…`.

use std::borrow::Cow;

use crate::import::redact::without_secrets;

/// Words of a name that tell a secret value.
const WORDS: [&str; 9] =
    ["token", "password", "passwd", "passphrase", "secret", "apikey", "credential", "credentials", "auth"];
/// Such words that are also ordinary ones: they count in names of variables.
const VARIABLE_WORDS: [&str; 3] = ["key", "pass", "pwd"];
/// How well-known services begin their tokens.
const PREFIXES: [&str; 12] =
    ["ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "hf_", "AKIA", "npm_", "pypi-"];
/// What a token has at least, behind such a beginning.
const SHORTEST: usize = 12;
const GONE: &str = "…";

/// Whether a variable's name says that its value is secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| WORDS.contains(&word) || VARIABLE_WORDS.contains(&word))
        || WORDS[..6].iter().any(|word| lower.contains(word))
}

/// The text without secrets; borrowed when it has none.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let mut clean = String::with_capacity(text.len());
    let mut is_key = false;
    for line in text.split_inclusive('\n') {
        if line.contains("-----BEGIN ") && line.contains("PRIVATE KEY-----") {
            is_key = true;
            clean.push_str("…\n");
        }
        if is_key {
            is_key = !(line.contains("-----END ") && line.contains("PRIVATE KEY-----"));
            continue;
        }
        clean_line(&without_secrets(line), &mut clean);
    }
    if clean == text { Cow::Borrowed(text) } else { Cow::Owned(clean) }
}

/// Goes through a line word by word; blanks stay as they are.
fn clean_line(line: &str, clean: &mut String) {
    let mut wants_gone = Wants::Nothing;
    for piece in line.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let blank = &piece[word.len()..];
        let now = std::mem::replace(&mut wants_gone, Wants::Nothing);
        match now {
            _ if word.is_empty() => wants_gone = now,
            Wants::Scheme if is_scheme(word) => {
                clean.push_str(word);
                wants_gone = Wants::Value;
            }
            Wants::Value | Wants::Scheme if word != "=" && word != ":" => clean.push_str(&hidden(word)),
            Wants::Value | Wants::Scheme => {
                clean.push_str(word);
                wants_gone = now;
            }
            Wants::Nothing => {
                let (shown, next) = clean_word(word);
                clean.push_str(&shown);
                wants_gone = next;
            }
        }
        clean.push_str(blank);
    }
}

/// What is to go of the words that follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wants {
    Nothing,
    /// The next word.
    Value,
    /// The next word, or the one behind it when it is `Bearer` or `Basic`.
    Scheme,
}

fn is_scheme(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    word.eq_ignore_ascii_case("bearer") || word.eq_ignore_ascii_case("basic")
}

/// A word without its secrets, and what they make of the next ones.
fn clean_word(word: &str) -> (Cow<'_, str>, Wants) {
    if let Some(at) = word.find(['=', ':']).filter(|at| !word[*at..].starts_with("://")) {
        let (name, value) = (&word[..at], &word[at + 1..]);
        if is_assigned_secret(name) {
            return match value.trim_matches(['"', '\'']) {
                "" => (Cow::Borrowed(word), Wants::Scheme),
                _ if is_scheme(value) => (Cow::Borrowed(word), Wants::Value),
                _ => (Cow::Owned(format!("{}{}", &word[..=at], hidden(value))), Wants::Nothing),
            };
        }
    }
    if is_scheme(word) && word.to_ascii_lowercase().contains("bearer") {
        return (Cow::Borrowed(word), Wants::Value);
    }
    // `--password hunter2`
    if word.starts_with("--") && is_assigned_secret(word) {
        return (Cow::Borrowed(word), Wants::Value);
    }
    (known_tokens(word), Wants::Nothing)
}

/// Whether what a name in a log is given is secret. A compiler's message such as
/// `error: unexpected token: x` has an ordinary word before its colon, with a blank
/// behind; of these, one more word is lost.
fn is_assigned_secret(name: &str) -> bool {
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.eq_ignore_ascii_case("authorization") {
        return true;
    }
    let is_variable = name.contains('_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let lower = name.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    if is_variable { is_secret_name(name) } else { words.next_back().is_some_and(|word| WORDS[..8].contains(&word)) }
}

fn hidden(value: &str) -> String {
    // A quote or bracket at the end closes what stays.
    let end = value.trim_end_matches(['"', '\'', ')', ']', '}', ',', ';']);
    let start = end.len() - end.trim_start_matches(['"', '\'']).len();
    format!("{}{GONE}{}", &value[..start], &value[end.len()..])
}

fn known_tokens(word: &str) -> Cow<'_, str> {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    for prefix in PREFIXES {
        let Some(at) = word.find(prefix) else { continue };
        let starts = at == 0 || !letter(word.as_bytes()[at - 1]);
        let length = word[at + prefix.len()..].bytes().take_while(|b| letter(*b)).count();
        if starts && length >= SHORTEST {
            let after = at + prefix.len() + length;
            return Cow::Owned(format!("{}{GONE}{}", &word[..at + prefix.len()], &word[after..]));
        }
    }
    Cow::Borrowed(word)
}

#[cfg(test)]
mod tests {
    use super::{clean, is_secret_name};

    #[test]
    fn t33_secrets_of_logs_are_taken_out() {
        for (given, expected) in [
            ("export FOO_TOKEN=abc123 x", "export FOO_TOKEN=… x"),
            ("'curl' '-H' 'Authorization: Bearer abc.def' 'u'", "'curl' '-H' 'Authorization: Bearer …' 'u'"),
            ("authorization: Basic dXNlcjpwdw==\n", "authorization: Basic …\n"),
            ("bearer abc", "bearer …"),
            ("git clone https://me:pw@a.io/x.git", "git clone https://a.io/x.git"),
            ("wget https://a.io/x?token=abc", "wget https://a.io/x?token=…"),
            ("--password hunter2 --verbose", "--password … --verbose"),
            ("--password=hunter2", "--password=…"),
            ("\"api_key\": \"k\",", "\"api_key\": \"…\","),
            ("password: hunter2", "password: …"),
            ("AWS_SECRET_ACCESS_KEY = abc", "AWS_SECRET_ACCESS_KEY = abc"),
            ("using ghp_0123456789abcdefABCD.", "using ghp_…."),
            ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nend\n", "…\nend\n"),
        ] {
            assert_eq!(clean(given), expected);
        }
    }

    #[test]
    fn t33_ordinary_logs_stay_as_they_are() {
        for same in [
            "",
            "==> [2026-01-01-00:00:00.0] './configure' '--prefix=/opt/x' '--with-key=1'\n  CC  a.o\n",
            "checking for basic types... yes\r\n",
            "a.c:1:2: warning: unused variable 'tokens'\n",
            "the author: someone; key: value; compass=1",
            "http://a.io/b#c ::: = : ",
        ] {
            assert_eq!(clean(same), same);
        }
    }

    #[test]
    fn t33_names_of_secret_variables_are_told() {
        for secret in
            ["SPACK_TOKEN", "SPACK_AUTH", "spack_api_key", "SPACK_MYSECRETS", "SPACK_DB_PASSWORD", "SPACK_PWD"]
        {
            assert!(is_secret_name(secret), "{secret}");
        }
        for open in ["SPACK_CC", "SPACK_KEYBOARD", "SPACK_ENV_PATH", "SPACK_AUTHOR", "SPACK_COMPASS"] {
            assert!(!is_secret_name(open), "{open}");
        }
    }
}
