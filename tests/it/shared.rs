//! The real data beside the checkout, where there is some.

use std::path::PathBuf;

/// The path of a file or folder of `../shared/data`, or `None` with a message.
/// Where `WARECAT_REQUIRE_DATA` is set, absent data is a failure.
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let found = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if found.exists() {
        return Some(found);
    }
    assert!(std::env::var_os("WARECAT_REQUIRE_DATA").is_none(), "{} is absent", found.display());
    eprintln!("skipped: the real data `{path}` is not beside this checkout");
    None
}
