//! Loopback addresses and ports.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use super::error::ServeError;

/// The port that is tried first.
pub const PORT: u16 = 8000;
/// So many ports are tried, one after the other.
const TRIED: u16 = 50;

/// Listens on loopback, on IPv4 and if asked on IPv6 too, the same port: the one that is
/// named (0 for any free one), or the first free one from [`PORT`].
///
/// # Errors
/// `server-failed` when the port, or each that was tried, is taken.
pub fn bind(port: Option<u16>, with_ipv6: bool) -> Result<Vec<TcpListener>, ServeError> {
    let Some(port) = port else {
        let mut ports = PORT..PORT + TRIED;
        let last = ports.next_back().unwrap_or(PORT);
        return ports.find_map(|port| both(port, with_ipv6).ok()).map_or_else(|| both(last, with_ipv6), Ok);
    };
    both(port, with_ipv6)
}

fn both(port: u16, with_ipv6: bool) -> Result<Vec<TcpListener>, ServeError> {
    let first = one(IpAddr::V4(Ipv4Addr::LOCALHOST), "127.0.0.1", port)?;
    let port = first.local_addr().map_err(ServeError::System)?.port();
    let mut all = vec![first];
    if with_ipv6 {
        all.push(one(IpAddr::V6(Ipv6Addr::LOCALHOST), "[::1]", port)?);
    }
    Ok(all)
}

fn one(address: IpAddr, host: &'static str, port: u16) -> Result<TcpListener, ServeError> {
    let failed = |source: io::Error| ServeError::Port { host, port, source };
    let listener = TcpListener::bind(SocketAddr::new(address, port)).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    Ok(listener)
}
