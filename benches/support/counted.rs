//! A registry whose bytes are counted: what goes in and out of its connections.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// An address before a registry's own, where both directions are counted.
pub struct Counted {
    /// Host and port.
    pub address: String,
    bytes: Arc<AtomicU64>,
}

impl Counted {
    /// Stands before the registry at `target` until the process ends.
    pub fn before(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, bytes) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicU64::new(0)));
        let (target, counted) = (target.to_owned(), bytes.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(&target).unwrap());
                pass(client.try_clone().unwrap(), server.try_clone().unwrap(), counted.clone());
                pass(server, client, counted.clone());
            }
        });
        Self { address, bytes }
    }

    /// The bytes since the last time that this was asked.
    pub fn take(&self) -> u64 {
        self.bytes.swap(0, Relaxed)
    }
}

/// Passes bytes on and counts them, until one side ends. They are counted before they are
/// passed, so nothing that arrived is missing.
fn pass(mut from: TcpStream, mut to: TcpStream, counted: Arc<AtomicU64>) {
    std::thread::spawn(move || {
        let mut chunk = [0; 16 << 10];
        while let Ok(length @ 1..) = from.read(&mut chunk) {
            counted.fetch_add(length as u64, Relaxed);
            if to.write_all(&chunk[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
