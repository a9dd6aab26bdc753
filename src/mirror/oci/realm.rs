//! Where a registry may send us for a token.
//!
//! A token service is told who asks, so a registry must not name just anyone (CVE-class
//! "hostile realm"): it is the registry's own host, another one of the same registrable
//! domain, or one that the user named; always over `https`, unless the registry itself is
//! asked without and names its very origin.

use reqwest::Url;

use crate::mirror::{Hosts, Location};

/// The token service that `realm` names, asked for by the registry at `registry`; or why
/// it may not be asked, in words.
pub(super) fn admitted(realm: &str, registry: &Url, extra: &Hosts) -> Result<Location, &'static str> {
    let url = Url::parse(realm).ok().ok_or("it is not a URL")?;
    let location = Location::from_redirect(url.clone()).ok().ok_or("it is not a plain `https` URL")?;
    if url.scheme() != "https" {
        let own = registry.scheme() == "http" && url.origin() == registry.origin();
        return if own { Ok(location) } else { Err("it is not asked over `https`") };
    }
    let (Some(there), Some(here)) = (url.host_str(), registry.host_str()) else { return Err("it has no host") };
    if there.eq_ignore_ascii_case(here) || extra.contains(there) {
        return Ok(location);
    }
    if !is_name(&url) || !is_name(registry) {
        return Err("it is another address");
    }
    match (psl::domain_str(there), psl::domain_str(here)) {
        (Some(there), Some(here)) if there == here => Ok(location),
        _ => Err("it is of another domain"),
    }
}

fn is_name(url: &Url) -> bool {
    url.domain().is_some()
}

#[cfg(test)]
mod tests {
    use super::{Hosts, admitted};

    fn admits(realm: &str, registry: &str) -> bool {
        admitted(realm, &registry.parse().unwrap(), &Hosts::named(["sso.example.net"])).is_ok()
    }

    #[test]
    fn a_registrys_own_domain_is_admitted() {
        assert!(admits("https://auth.docker.io/token", "https://registry-1.docker.io/v2/"));
        assert!(admits("https://ghcr.io/token", "https://ghcr.io/v2/"));
        assert!(admits("https://gitlab.example.co.uk/jwt/auth", "https://registry.example.co.uk:5050/v2/"));
        assert!(admits("https://127.0.0.1:5001/token", "https://127.0.0.1:5000/v2/"));
        assert!(admits("https://sso.example.net/token", "https://quay.io/v2/"));
        assert!(admits("http://127.0.0.1:5000/token", "http://127.0.0.1:5000/v2/"));
    }

    #[test]
    fn t15_any_other_realm_is_refused() {
        for (realm, registry) in [
            ("https://evil.example.com/token", "https://ghcr.io/v2/"),
            // One company's domain, many people's hosts.
            ("https://evil.github.io/token", "https://good.github.io/v2/"),
            ("https://evil.co.uk/token", "https://good.co.uk/v2/"),
            ("http://ghcr.io/token", "https://ghcr.io/v2/"),
            ("http://127.0.0.1:5001/token", "http://127.0.0.1:5000/v2/"),
            ("http://localhost:5000/token", "http://127.0.0.1:5000/v2/"),
            ("https://169.254.169.254/latest", "https://ghcr.io/v2/"),
            ("https://127.0.0.2/token", "https://127.0.0.1/v2/"),
            ("https://[::1]/token", "https://127.0.0.1/v2/"),
            ("https://registry/token", "https://other/v2/"),
            ("https://u:p@ghcr.io/token", "https://ghcr.io/v2/"),
            ("file:///etc/passwd", "https://ghcr.io/v2/"),
            ("ftp://ghcr.io/", "https://ghcr.io/v2/"),
            ("/token", "https://ghcr.io/v2/"),
            ("", "https://ghcr.io/v2/"),
        ] {
            assert!(!admits(realm, registry), "{realm}");
        }
    }
}
