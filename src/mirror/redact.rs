//! Hides what may be secret in an address that is shown or kept.
//!
//! Signed and token-bearing URLs are secrets in plain sight, and messages end up in logs,
//! reports and catalogs. Invariant: neither function lets a password or a query value
//! whose name or shape suggests a secret through; hiding too much is accepted.

use reqwest::Url;

/// What stands in the place of a hidden value.
const HIDDEN: &str = "***";

/// Parts of query names that suggest a secret, in lower case: tokens, keys, passwords,
/// and the signatures of pre-signed S3, Google and Azure URLs.
const SECRET_NAMES: [&str; 11] =
    ["token", "key", "secret", "pass", "pwd", "auth", "sig", "cred", "session", "jwt", "sas"];

/// From this length on, a query item without `=` may be a bare token.
const BARE_TOKEN_LEN: usize = 16;

/// The URL with secret query values hidden. It has no user part: [`super::Location`]
/// refuses those.
pub(super) fn shown_url(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    let mut shown = String::from(bare);
    let raw = url.query().unwrap_or_default();
    let items = raw.split('&').filter(|item| !item.is_empty());
    // Names are compared decoded (`%74oken` is `token`), but shown as they were written.
    for (index, (item, (name, _))) in items.zip(url.query_pairs()).enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        match item.split_once('=') {
            Some((written, _)) if is_secret_name(&name) => {
                shown.push_str(written);
                shown.push('=');
                shown.push_str(HIDDEN);
            }
            None if item.len() >= BARE_TOKEN_LEN => shown.push_str(HIDDEN),
            _ => shown.push_str(item),
        }
    }
    shown
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.iter().any(|part| name.contains(part))
}

/// A text that was refused as an address, without its user part and query. As it may not
/// be a URL at all, the last `@` anywhere ends the part that is hidden.
pub(super) fn shown_refused(text: &str) -> String {
    let text = text.split_once('?').map_or(text, |(before, _)| before);
    let cut =
        |rest: &str| rest.rsplit_once('@').map_or_else(|| rest.to_owned(), |(_, after)| format!("{HIDDEN}@{after}"));
    let shown = match text.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", cut(rest)),
        None => cut(text),
    };
    crate::text::shown(&shown).to_string()
}

#[cfg(test)]
mod tests {
    use super::{shown_refused, shown_url};

    fn check(url: &str, expected: &str) {
        assert_eq!(shown_url(&url.parse().unwrap()), expected);
    }

    #[test]
    fn secret_query_values_are_hidden_and_others_shown() {
        check("https://a.org/f?v=1&token=s3cr3t", "https://a.org/f?v=1&token=***");
        check("https://a.org/f?private_%74oken=x", "https://a.org/f?private_%74oken=***");
        check("https://a.org/f?X-Amz-Signature=00ff&a", "https://a.org/f?X-Amz-Signature=***&a");
        check("https://a.org/f?&&sig=1&b=2", "https://a.org/f?sig=***&b=2");
        check("https://a.org/f?ghp_0123456789abcdef", "https://a.org/f?***");
        check("https://a.org/f?", "https://a.org/f");
        check("https://a.org/f", "https://a.org/f");
    }

    #[test]
    fn a_refused_text_is_shown_without_its_user_part() {
        assert_eq!(shown_refused("https://u:p@a.org/x?t=1"), "https://***@a.org/x");
        // A password with a slash or an `@` makes the URL malformed; still it is hidden.
        assert_eq!(shown_refused("https://u:p/a@ss@a.org/x"), "https://***@a.org/x");
        assert_eq!(shown_refused("u:p@a.org"), "***@a.org");
        assert_eq!(shown_refused("a\u{1b}[0m"), "a\\u{1b}[0m");
    }
}
