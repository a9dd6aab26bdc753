//! Where a redirect leads.
//!
//! Invariant: never to something that [`Location`] would refuse, and never from `https`
//! to `http`. Whether the host may be asked is the gate's business.

use reqwest::Url;
use reqwest::blocking::Response;
use reqwest::header::LOCATION;

use super::error::{FetchError, Refusal};
use super::location::Location;
use super::redact::shown_url;

/// Where a redirect leads, or nothing if the answer is none.
pub(super) fn next_hop(url: &Url, response: &Response) -> Result<Option<Location>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(target) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    let next = redirected(url, target.as_bytes());
    next.map(Some).map_err(|why| FetchError::Refused { at: shown_url(url), why })
}

/// The address that `target`, the value of a `Location` header, means.
fn redirected(url: &Url, target: &[u8]) -> Result<Location, Refusal> {
    let target = std::str::from_utf8(target).map_err(|e| Refusal::Target(e.to_string()))?;
    let target = url.join(target).map_err(|e| Refusal::Target(e.to_string()))?;
    let plain = target.scheme() == "http";
    let next = Location::from_redirect(target).map_err(|e| Refusal::Target(e.to_string()))?;
    if plain && url.scheme() == "https" {
        return Err(Refusal::Downgrade(next.to_string()));
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::{Refusal, redirected};

    #[test]
    fn a_redirect_leads_to_a_usable_address_that_is_not_less_safe() {
        let from = |url: &str, target: &[u8]| redirected(&url.parse().unwrap(), target);
        let https = "https://a.org/b/c";
        let next = from(https, b"../d#e").unwrap();
        assert_eq!(next.to_string(), "https://a.org/d");
        assert!(from("http://a.org/", b"https://a.org/").is_ok());
        let down = Refusal::Downgrade("http://a.org/?token=***".to_owned());
        assert_eq!(from(https, b"http://a.org/?token=1"), Err(down));
        for target in [&b"file:///x"[..], b"https://u:p@a.org/", b"https://", b"\xff", b"data:,x"] {
            assert!(matches!(from(https, target), Err(Refusal::Target(_))), "{target:?}");
        }
    }
}
