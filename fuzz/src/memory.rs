//! How much memory one execution of a target takes: what is allocated from Rust, counted.
//!
//! C code (xz, zstd) allocates on its own; the size of the process (`-rss_limit_mb`) says
//! how much of that was used.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The system's allocator, counting.
pub struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// The most that any execution took so far.
static MOST: AtomicUsize = AtomicUsize::new(0);

const MIB: usize = 1 << 20;

fn taken(size: usize) {
    let live = LIVE.fetch_add(size, Relaxed) + size;
    PEAK.fetch_max(live, Relaxed);
}

// SAFETY: every call is handed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        taken(size);
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Runs a target, which must not take more than `limit` bytes at any moment. Each new whole
/// MiB of the most that was taken is told.
pub fn within(limit: usize, run: impl FnOnce()) {
    let before = LIVE.load(Relaxed);
    PEAK.store(before, Relaxed);
    run();
    let took = PEAK.load(Relaxed).saturating_sub(before);
    assert!(took <= limit, "{took} bytes are more than {limit}");
    if took / MIB > MOST.fetch_max(took, Relaxed) / MIB {
        eprintln!("the most that one execution took: {took} bytes");
    }
}
