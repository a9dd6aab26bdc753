use std::fs::File;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Cache, GcOptions, GcReport};
use crate::model::Digest;

const DAY: u64 = 24 * 60 * 60;
/// The time of these tests, in days since 1970.
const TODAY: u64 = 20_000;

fn cache() -> (tempfile::TempDir, Cache) {
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::open(&dir.path().join("above/cache")).unwrap();
    (dir, cache)
}

fn place(cache: &Cache, digest: &Digest) -> PathBuf {
    let hex = digest.hex();
    cache.dir().join("sha256").join(&hex[..2]).join(hex)
}

/// Says that a file was used at the beginning of a day.
fn use_at(path: &Path, day: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(day * DAY);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// Keeps bytes that were used so many days ago.
fn put(cache: &Cache, bytes: &[u8], days_ago: u64) -> Digest {
    let digest = Digest::of(bytes);
    cache.put(&digest, bytes).unwrap();
    use_at(&place(cache, &digest), TODAY - days_ago);
    digest
}

fn gc(cache: &Cache, options: &GcOptions) -> (u64, u64) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(TODAY * DAY);
    let tried = cache.gc(options, now, true).unwrap();
    let done = cache.gc(options, now, false).unwrap();
    assert_eq!(tried, done, "a dry run says what is done");
    let GcReport { removed, kept, .. } = done;
    assert_eq!(cache.info().unwrap().entries, kept);
    (removed, kept)
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
    assert_eq!(mode(cache.dir().join("sha256")), 0o700);
    assert_eq!(std::fs::read_dir(cache.dir().join("tmp")).unwrap().count(), 0);
}

#[test]
fn other_bytes_are_neither_kept_nor_got() {
    let (_dir, cache) = cache();
    let digest = Digest::of(b"abc");
    assert!(!cache.put(&digest, b"abd").unwrap());
    assert_eq!(cache.info().unwrap().entries, 0);
    cache.put(&digest, b"abc").unwrap();
    for damage in [&b"abd"[..], b"", b"abcd"] {
        std::fs::write(place(&cache, &digest), damage).unwrap();
        assert_eq!(cache.get(&digest).unwrap(), None);
        assert!(!place(&cache, &digest).exists());
        cache.put(&digest, b"abc").unwrap();
        assert_eq!(cache.get(&digest).unwrap().unwrap(), b"abc");
    }
}

#[test]
fn t03_no_link_is_followed_and_nothing_waits_for_a_fifo() {
    let (dir, cache) = cache();
    let (digest, outside) = (Digest::of(b"abc"), dir.path().join("outside"));
    cache.put(&digest, b"abc").unwrap();
    std::fs::rename(place(&cache, &digest), &outside).unwrap();
    symlink(&outside, place(&cache, &digest)).unwrap();
    assert_eq!(cache.get(&digest).unwrap(), None);
    assert!(outside.exists() && place(&cache, &digest).symlink_metadata().is_err());
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, place(&cache, &digest), rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert_eq!(cache.get(&digest).unwrap(), None);
    // A folder that is a link: what lies there is not touched either.
    let elsewhere = dir.path().join("elsewhere");
    std::fs::rename(cache.dir().join("sha256"), &elsewhere).unwrap();
    symlink(&elsewhere, cache.dir().join("sha256")).unwrap();
    assert!(cache.get(&digest).is_err() && cache.put(&digest, b"abc").is_err() && cache.info().is_err());
    assert!(cache.gc(&GcOptions { all: true, ..GcOptions::default() }, SystemTime::now(), false).is_err());
    assert_eq!(std::fs::read_dir(elsewhere).unwrap().count(), 1);
}

#[test]
fn what_is_no_folder_is_no_cache() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let error = Cache::open(&dir.path().join("file")).unwrap_err();
    assert!(error.to_string().contains("/file`: cannot make the folder"), "{error}");
    assert!(Cache::open(&dir.path().join("file/below")).is_err());
}

#[test]
fn clearing_removes_what_was_not_used_for_longest() {
    let (_dir, cache) = cache();
    let old = put(&cache, b"old", 40);
    let middle = put(&cache, b"middle", 20);
    let new = put(&cache, b"new", 1);
    assert_eq!(cache.info().unwrap().oldest_use, Some((TODAY - 40) * DAY));
    assert_eq!(gc(&cache, &GcOptions::default()), (0, 3));
    let days = |days| Some(Duration::from_secs(days * DAY));
    assert_eq!(gc(&cache, &GcOptions { older_than: days(40), ..GcOptions::default() }), (0, 3));
    assert_eq!(gc(&cache, &GcOptions { older_than: days(39), ..GcOptions::default() }), (1, 2));
    assert_eq!(cache.get(&old).unwrap(), None);
    // To be looked at is to be used.
    assert!(cache.get(&middle).unwrap().is_some());
    assert_eq!(gc(&cache, &GcOptions { max_bytes: Some(6), ..GcOptions::default() }), (1, 1));
    assert!(cache.get(&new).unwrap().is_none() && cache.get(&middle).unwrap().is_some());
    assert_eq!(gc(&cache, &GcOptions { all: true, ..GcOptions::default() }), (1, 0));
}

#[test]
fn clearing_touches_nothing_else() {
    let (_dir, cache) = cache();
    let digest = put(&cache, b"old", 40);
    let foreign = [cache.dir().join("README"), place(&cache, &digest).with_file_name("not-a-digest")];
    let (abandoned, current) = (cache.dir().join("tmp/1-1"), cache.dir().join("tmp/1-2"));
    for path in foreign.iter().chain([&abandoned, &current]) {
        std::fs::write(path, "x").unwrap();
        use_at(path, TODAY - 40);
    }
    use_at(&current, TODAY);
    assert_eq!(gc(&cache, &GcOptions { all: true, ..GcOptions::default() }), (1, 0));
    assert!(foreign.iter().all(|path| path.exists()));
    assert!(!abandoned.exists() && current.exists());
}

#[test]
fn many_writers_readers_and_cleaners_do_not_mind_each_other() {
    let (_dir, cache) = cache();
    let texts: Vec<Vec<u8>> = (0..16u8).map(|n| vec![n; 10_000]).collect();
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let (texts, dir) = (&texts, cache.dir());
            scope.spawn(move || {
                // As if it were another process.
                let cache = Cache::open(dir).unwrap();
                for text in texts.iter().cycle().skip(thread * 3).take(100) {
                    let digest = Digest::of(text);
                    if thread == 0 {
                        let all = GcOptions { all: true, ..GcOptions::default() };
                        cache.gc(&all, SystemTime::UNIX_EPOCH, false).unwrap();
                    }
                    assert!(cache.put(&digest, text).unwrap());
                    assert!(cache.get(&digest).unwrap().is_none_or(|found| found == *text));
                }
            });
        }
    });
}
