//! The ranges of IP addresses: which are the public Internet and which are not.
//!
//! Pure. The source is the two IANA special-purpose address registries (RFC 6890 and its
//! successors). An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4) is what
//! the inner address is, since that is where its packets go.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// The public Internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network, a provider's inner network included.
    Private,
    /// The link, where cloud machines find their metadata and credentials.
    LinkLocal,
    /// Nothing that a file can be fetched from, whatever is allowed.
    Unusable,
}

impl Range {
    /// The range in words, to follow "which is".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Loopback => "this machine",
            Self::Private => "in a private network",
            Self::LinkLocal => "a link-local address",
            Self::Unusable => "no address of a server",
        }
    }
}

/// The range that `address` is in.
pub(super) fn range(address: IpAddr) -> Range {
    match address {
        IpAddr::V4(v4) => range_v4(v4),
        IpAddr::V6(v6) => range_v6(v6),
    }
}

fn range_v4(address: Ipv4Addr) -> Range {
    match address.octets() {
        [127, ..] => Range::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Range::Private,
        // Shared address space of providers (RFC 6598), benchmarking (RFC 2544).
        [100, 64..=127, ..] | [198, 18..=19, ..] => Range::Private,
        [169, 254, ..] => Range::LinkLocal,
        // "This network", of which Linux takes 0.0.0.0 as loopback; multicast; reserved.
        [0, ..] | [224..=255, ..] => Range::Unusable,
        // Protocol assignments and documentation.
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Range::Unusable,
        _ => Range::Public,
    }
}

fn range_v6(address: Ipv6Addr) -> Range {
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        range_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Range::Loopback,
        [0, 0, 0, 0, 0, 0xffff, high, low] => inner(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        [0x64, 0xff9b, 1, ..] => Range::Private,
        // Unique local, and the site-local that it replaced.
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Range::Private,
        [0xfe80..=0xfebf, ..] => Range::LinkLocal,
        // Teredo, which hides an inner address, and documentation.
        [0x2001, 0 | 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Range::Unusable,
        [0x2000..=0x3fff, ..] => Range::Public,
        _ => Range::Unusable,
    }
}

#[cfg(test)]
mod tests {
    use super::{Range, range};

    fn check(expected: Range, addresses: &[&str]) {
        for text in addresses {
            assert_eq!(range(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_in_their_ranges() {
        check(Range::Public, &["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1", "::ffff:8.8.8.8"]);
        check(Range::Public, &["64:ff9b::808:808", "2002:808:808::1"]);
        check(Range::Loopback, &["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]);
        check(Range::Private, &["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "198.18.0.1"]);
        check(Range::Private, &["fc00::1", "fdff::1", "fec0::1", "::ffff:10.0.0.1", "2002:a00:1::1"]);
        check(Range::LinkLocal, &["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"]);
        check(Range::Unusable, &["0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "255.255.255.255", "ff02::1"]);
        check(Range::Unusable, &["192.0.2.1", "2001:db8::1", "2001::1", "::127.0.0.1", "::ffff:0.0.0.0"]);
    }
}
