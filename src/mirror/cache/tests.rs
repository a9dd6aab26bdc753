use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{Cache, GcOptions};
use crate::model::Digest;

fn cache() -> (tempfile::TempDir, Cache) {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::open(&dir.path().join("cache")).unwrap();
    (dir, cache)
}

fn place(cache: &Cache, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    cache.dir().join("sha256").join(&hex[..2]).join(hex)
}

#[test]
fn what_is_put_is_got_and_is_the_users_alone() {
    let (_dir, cache) = cache();
    let digest = Digest::of(b"abc");
    assert_eq!(cache.get(&digest).unwrap(), None);
    assert!(cache.put(&digest, b"abc").unwrap());
    assert_eq!(cache.get(&digest).unwrap().unwrap(), b"abc");
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(cache.dir().to_owned()), mode(place(&cache, &digest))), (0o700, 0o600));
}
