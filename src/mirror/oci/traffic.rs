//! What was asked of registries, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was asked of registries so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// All requests to registries and token services, without redirects and retries.
    pub requests: u64,
    /// Those for manifests by `GET`.
    pub manifests: u64,
    /// Those for blobs.
    pub blobs: u64,
    /// Those for tokens.
    pub tokens: u64,
}

/// A number that threads count up.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    /// Counts one more.
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// [`Traffic`] while it is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) requests: Counter,
    pub(super) manifests: Counter,
    pub(super) blobs: Counter,
    pub(super) tokens: Counter,
}

impl Counters {
    /// The numbers now.
    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.requests.get(),
            manifests: self.manifests.get(),
            blobs: self.blobs.get(),
            tokens: self.tokens.get(),
        }
    }
}
