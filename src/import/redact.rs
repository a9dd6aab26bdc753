//! Takes secrets out of text before it is kept (`threats.md` T-33).
//!
//! Upstream's text is kept as it is, but for what would publish a password or token
//! once more: the user part of a URL that has a password, and the value of a query
//! parameter that is named like a secret.

use std::borrow::Cow;

use crate::model::Value;

const PARAMETERS: &[&str] =
    &["token=", "access_token=", "private_token=", "api_key=", "apikey=", "password=", "secret=", "sig="];

/// Takes the secrets out of every text in `value`; says whether there were any.
pub(crate) fn redact(value: &mut Value) -> bool {
    match value {
        Value::Text(text) => match without_secrets(text) {
            Cow::Borrowed(_) => false,
            Cow::Owned(clean) => {
                *text = clean;
                true
            }
        },
        Value::List(items) => items.iter_mut().fold(false, |found, item| redact(item) | found),
        Value::Map(map) => map.values_mut().fold(false, |found, item| redact(item) | found),
        _ => false,
    }
}

/// The text without secrets; borrowed when it has none.
pub(crate) fn without_secrets(text: &str) -> Cow<'_, str> {
    if !text.contains("://") {
        return Cow::Borrowed(text);
    }
    let mut clean = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at + 3);
        let (url, after) = url.split_at(url.find(char::is_whitespace).unwrap_or(url.len()));
        clean.push_str(before);
        clean.push_str(&without_parameters(without_password(url)));
        rest = after;
    }
    clean.push_str(rest);
    if clean == text { Cow::Borrowed(text) } else { Cow::Owned(clean) }
}

fn without_password(url: &str) -> &str {
    let authority = url.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rfind('@') {
        Some(at) if authority[..at].contains(':') => &url[at + 1..],
        _ => url,
    }
}

fn without_parameters(url: &str) -> Cow<'_, str> {
    let Some((path, query)) = url.split_once('?') else { return Cow::Borrowed(url) };
    let kept = query.split('&').map(|parameter| {
        let lower = parameter.to_ascii_lowercase();
        match PARAMETERS.iter().find(|secret| lower.starts_with(**secret)) {
            Some(secret) => format!("{}…", &parameter[..secret.len()]),
            None => parameter.to_owned(),
        }
    });
    Cow::Owned(format!("{path}?{}", kept.collect::<Vec<_>>().join("&")))
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn t33_passwords_and_tokens_are_taken_out_and_nothing_else() {
        let clean = |text| without_secrets(text).into_owned();
        assert_eq!(clean("see https://me:pw@a.io/x?a=1 now"), "see https://a.io/x?a=1 now");
        assert_eq!(clean("https://a.io/?b=2&Token=abc&c"), "https://a.io/?b=2&Token=…&c");
        for same in ["", "a: b@c", "https://a.io/x?y=z#w", "ssh://git@a.io/x", "http://a http://b", "x://", "token=1"] {
            assert_eq!(clean(same), same);
        }
    }
}
