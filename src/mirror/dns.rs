//! Names to addresses, resolved once and pinned.
//!
//! The client is given a resolver that knows only addresses which the gate has checked,
//! so that the address which was checked is the one that is connected to: a name that
//! changes its answer between the check and the connection gains nothing.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::options::normal;

/// The addresses that names may be connected to.
#[derive(Debug, Clone, Default)]
pub(super) struct Pinned(Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>);

impl Pinned {
    /// Pins `host` to `addresses`, in the place of what it had.
    pub(super) fn pin(&self, host: &str, addresses: &[IpAddr]) {
        // Port 0 stands for the port of the URL.
        let sockets = addresses.iter().map(|ip| SocketAddr::new(*ip, 0)).collect();
        let mut pins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pins.insert(normal(host), sockets);
    }

    /// Whether `host` is pinned.
    pub(super) fn has(&self, host: &str) -> bool {
        !self.get(host).is_empty()
    }

    fn get(&self, host: &str) -> Vec<SocketAddr> {
        let pins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pins.get(&normal(host)).cloned().unwrap_or_default()
    }
}

impl Resolve for Pinned {
    fn resolve(&self, name: Name) -> Resolving {
        let sockets = self.get(name.as_str());
        let answer = if sockets.is_empty() {
            Err(format!("`{}` was not checked", name.as_str()).into())
        } else {
            Ok(Box::new(sockets.into_iter()) as Addrs)
        };
        Box::pin(std::future::ready(answer))
    }
}

/// Asks the system for the addresses of `host`, for at most `limit`; errors are in words.
///
/// The system's call cannot be stopped, so it runs in a thread of its own, which is left
/// behind when it takes longer.
pub(super) fn look_up(host: &str, limit: Duration) -> Result<Vec<IpAddr>, String> {
    let (sender, receiver) = mpsc::channel();
    let name = host.to_owned();
    let ask = move || {
        let found = (name.as_str(), 0).to_socket_addrs();
        // Nobody listens any more when the wait was given up.
        let _ = sender.send(found.map(|all| all.map(|socket| socket.ip()).collect::<Vec<_>>()));
    };
    let thread = std::thread::Builder::new().name("mirror-dns".to_owned());
    thread.spawn(ask).map_err(|e| format!("no thread to look up `{host}`: {e}"))?;
    match receiver.recv_timeout(limit) {
        Ok(Ok(addresses)) if addresses.is_empty() => Err(format!("`{host}` has no address")),
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(format!("`{host}` cannot be looked up: {error}")),
        Err(error) => Err(format!("`{host}` was not looked up within {} s: {error}", limit.as_secs_f32())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Name, Pinned, Resolve, look_up};
    use std::task::{Context, Poll, Waker};

    fn resolve(pins: &Pinned, host: &str) -> Option<Vec<String>> {
        let mut answer = pins.resolve(host.parse::<Name>().unwrap());
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(found)) => Some(found.map(|a| a.ip().to_string()).collect()),
            Poll::Ready(Err(_)) => None,
            Poll::Pending => panic!("pinned answers are there at once"),
        }
    }

    #[test]
    fn only_pinned_addresses_are_connected_to() {
        let pins = Pinned::default();
        assert_eq!(resolve(&pins, "localhost"), None);
        pins.pin("Localhost", &["192.0.2.7".parse().unwrap()]);
        assert_eq!(resolve(&pins, "localhost"), Some(vec!["192.0.2.7".to_owned()]));
        assert_eq!(resolve(&pins, "other"), None);
    }

    #[test]
    fn a_name_that_does_not_exist_is_an_error_in_words() {
        let found = look_up("localhost", Duration::from_secs(5)).unwrap();
        assert!(found.iter().all(std::net::IpAddr::is_loopback));
        let error = look_up("no such host", Duration::from_secs(5)).unwrap_err();
        assert!(error.contains("no such host"), "{error}");
    }
}
