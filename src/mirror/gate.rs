//! Which hosts and addresses may be asked.
//!
//! Every hop of a fetch passes here, the first and each redirect: plain `http` only to
//! this machine or to hosts that are named for it; private addresses only for hosts that
//! are allowed to have them; some addresses never. A host that has several addresses is
//! left with those that may be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use super::address::{self, Range};
use super::dns::{self, Pinned};
use super::error::{FetchError, Refusal};
use super::options::{HttpOptions, normal};
use super::redact::shown_url;

/// What `localhost` means, without asking anyone (RFC 6761).
const OWN: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// Checks the URL, and pins its host to the addresses that may be connected to. With
/// `plain`, this URL may be asked over `http`.
pub(super) fn admit(url: &Url, plain: bool, options: &HttpOptions, pins: &Pinned) -> Result<(), FetchError> {
    let refused = |why| FetchError::Refused { at: shown_url(url), why };
    let host = url.host_str().unwrap_or_default();
    if url.scheme() != "https" && !plain && !is_own(host) && !options.allow_insecure.contains(host) {
        return Err(refused(Refusal::Insecure(host.to_owned())));
    }
    // An address is not resolved by anyone, so the pins would not be asked for it.
    if let Ok(literal) = normal(host).parse::<IpAddr>() {
        usable(host, &[literal], options).map_err(refused)?;
        return Ok(());
    }
    if options.proxy.is_some() && !is_own(host) {
        return Ok(());
    }
    // Checked before, under these options: the address of then is connected to again.
    if pins.has(host) && !is_own(host) {
        return Ok(());
    }
    let found = if is_own(host) { OWN.to_vec() } else { look_up(url, host, options)? };
    pins.pin(host, &usable(host, &found, options).map_err(refused)?);
    Ok(())
}

/// Pins the proxy's host. The user named it, so it may be anywhere.
pub(super) fn admit_proxy(url: &Url, options: &HttpOptions, pins: &Pinned) -> Result<(), FetchError> {
    let host = url.host_str().unwrap_or_default();
    if normal(host).parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    let found = look_up(url, host, options)?;
    pins.pin(host, &found);
    Ok(())
}

fn look_up(url: &Url, host: &str, options: &HttpOptions) -> Result<Vec<IpAddr>, FetchError> {
    dns::look_up(host, options.connect_timeout).map_err(|problem| {
        let at = shown_url(url);
        FetchError::Network { at, problem }
    })
}

/// Those of `addresses` that may be asked, at least one.
fn usable(host: &str, addresses: &[IpAddr], options: &HttpOptions) -> Result<Vec<IpAddr>, Refusal> {
    let private = options.allow_private.contains(host);
    let allowed = |address: &IpAddr| match address::range(*address) {
        Range::Public => true,
        Range::Loopback | Range::Private | Range::LinkLocal => private,
        Range::Unusable => false,
    };
    let (usable, others): (Vec<IpAddr>, Vec<IpAddr>) = addresses.iter().partition(|a| allowed(a));
    match others.first() {
        Some(address) if usable.is_empty() => {
            Err(Refusal::Private { host: host.to_owned(), address: *address, kind: address::range(*address).words() })
        }
        _ => Ok(usable),
    }
}

/// Whether the host is this machine by its name or address alone.
pub(super) fn is_own(host: &str) -> bool {
    let host = normal(host);
    let named = host == "localhost" || host.ends_with(".localhost");
    named || host.parse().is_ok_and(|ip: IpAddr| address::range(ip) == Range::Loopback)
}

#[cfg(test)]
mod tests {
    use super::{FetchError, HttpOptions, IpAddr, Pinned, Refusal, admit, usable};
    use crate::mirror::Hosts;

    fn admits(url: &str, options: &HttpOptions) -> Result<(), Refusal> {
        match admit(&url.parse().unwrap(), false, options, &Pinned::default()) {
            Ok(()) => Ok(()),
            Err(FetchError::Refused { why, .. }) => Err(why),
            Err(other) => panic!("{url}: {other}"),
        }
    }

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        let options = HttpOptions { allow_insecure: Hosts::All, ..HttpOptions::default() };
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0177.0.0.1",
            "10.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]",
            "[fc00::1]",
            "[fe80::1]",
            "[64:ff9b::a00:1]",
            "localhost",
            "LOCALHOST.",
        ] {
            let result = admits(&format!("http://{host}/x"), &options);
            assert!(matches!(result, Err(Refusal::Private { .. })), "{host}: {result:?}");
        }
    }

    #[test]
    fn what_is_allowed_holds_for_the_named_host_only() {
        let allow_private = Hosts::named(["127.0.0.1"]);
        let options = HttpOptions { allow_private, ..HttpOptions::default() };
        assert_eq!(admits("http://127.0.0.1/", &options), Ok(()));
        assert!(admits("http://127.0.0.2/", &options).is_err());
        assert!(admits("https://169.254.169.254/", &options).is_err());
    }

    #[test]
    fn some_addresses_are_never_asked() {
        let all = HttpOptions { allow_private: Hosts::All, allow_insecure: Hosts::All, ..HttpOptions::default() };
        assert!(admits("http://0.0.0.0/", &all).is_err());
        assert!(admits("http://[ff02::1]/", &all).is_err());
        assert_eq!(admits("http://10.0.0.1/", &all), Ok(()));
    }

    #[test]
    fn plain_http_needs_the_hosts_name() {
        let insecure = Err(Refusal::Insecure("1.1.1.1".to_owned()));
        assert_eq!(admits("http://1.1.1.1/", &HttpOptions::default()), insecure);
        assert_eq!(admits("https://1.1.1.1/", &HttpOptions::default()), Ok(()));
        let allow_insecure = Hosts::named(["1.1.1.1"]);
        let options = HttpOptions { allow_insecure, ..HttpOptions::default() };
        assert_eq!(admits("http://1.1.1.1/", &options), Ok(()));
    }

    #[test]
    fn a_name_with_mixed_addresses_keeps_the_public_ones() {
        let ips: Vec<IpAddr> = ["10.0.0.1", "1.1.1.1"].map(|a| a.parse().unwrap()).to_vec();
        assert_eq!(usable("a.org", &ips, &HttpOptions::default()), Ok(ips[1..].to_vec()));
        assert!(usable("a.org", &ips[..1], &HttpOptions::default()).is_err());
    }
}
