//! `cache`: what was downloaded and is kept.

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::Subcommand;
use serde_json::json;
use warecat::code::{Code, Exit};
use warecat::mirror::{Cache, CacheInfo, GcOptions};

use super::failure::Failure;
use super::ui::Ui;
use super::{Global, Outcome, context};

/// The file in the cache folder that keeps the hashes of images.
pub(crate) const SIF_HASHES: &str = "sif-hashes";

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Look at, or clear, what was downloaded and is kept.
///
/// Imports keep what they download in `$WARECAT_CACHE_DIR`, else in
/// `$XDG_CACHE_HOME/warecat` or `~/.cache/warecat`. All of it can be had again.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Info(InfoArgs),
    Gc(GcArgs),
}

/// Say how much is kept.
#[derive(Debug, clap::Args)]
struct InfoArgs {
    /// Look at DIR.
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
}

/// Remove what was not used for long.
#[derive(Debug, clap::Args)]
struct GcArgs {
    /// Remove what was not used for so many days.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    older_than: u32,
    /// Remove what was not used for longest, until at most SIZE bytes are left; `K`, `M` and
    /// `G` stand for 1024, 1024² and 1024³.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_size: Option<u64>,
    /// Remove everything.
    #[arg(long, conflicts_with_all = ["older_than", "max_size"])]
    all: bool,
    /// Say what would be removed.
    #[arg(long)]
    dry_run: bool,
    /// Clear DIR.
    #[arg(long, value_name = "DIR")]
    cache_dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    context::refuse_revision(global)?;
    match &args.command {
        Command::Info(args) => info(args, ui),
        Command::Gc(args) => gc(args, ui),
    }
}

/// Where downloads are kept, if the environment says where the user's things are.
pub(crate) fn folder() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // A relative path there is to be ignored (XDG base directory specification).
    let shared = || set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    set("WARECAT_CACHE_DIR").or_else(|| {
        let caches = shared().or_else(|| set("HOME").map(|home| home.join(".cache")));
        caches.map(|caches| caches.join("warecat"))
    })
}

/// The cache, or nothing where there is none yet; looking at it does not make one.
fn open(dir: Option<&PathBuf>) -> Result<(PathBuf, Option<Cache>), Failure> {
    let missing = || {
        Failure::new(Code::UsageInvalid, "there is no place for a cache: neither WARECAT_CACHE_DIR nor HOME is set")
            .with_hint("name the folder with `--cache-dir DIR`")
    };
    let dir = dir.cloned().or_else(folder).ok_or_else(missing)?;
    let cache = if dir.symlink_metadata().is_ok() { Some(Cache::open(&dir)?) } else { None };
    Ok((dir, cache))
}

fn info(args: &InfoArgs, ui: &Ui) -> Outcome {
    let (dir, cache) = open(args.cache_dir.as_ref())?;
    let none = CacheInfo { entries: 0, bytes: 0, oldest_use: None };
    let info = cache.map(|cache| cache.info()).transpose()?.unwrap_or(none);
    if ui.is_json() {
        ui.json(&json!({
            "dir": dir.to_string_lossy(), "entries": info.entries, "bytes": info.bytes, "oldest_use": info.oldest_use,
        }))?;
        return Ok(Exit::Done);
    }
    let days = info.oldest_use.map(|used| now().as_secs().saturating_sub(used) / DAY);
    let mut lines = vec![
        format!("folder\t{}", dir.display()),
        format!("entries\t{}", info.entries),
        format!("bytes\t{}", info.bytes),
    ];
    lines.extend(days.map(|days| format!("longest unused\t{days} days")));
    ui.lines(lines)?;
    Ok(Exit::Done)
}

fn gc(args: &GcArgs, ui: &Ui) -> Outcome {
    let (dir, cache) = open(args.cache_dir.as_ref())?;
    let options = GcOptions {
        all: args.all,
        older_than: Some(Duration::from_secs(u64::from(args.older_than) * DAY)),
        max_bytes: args.max_size,
    };
    let clear = |cache: Cache| cache.gc(&options, SystemTime::UNIX_EPOCH + now(), args.dry_run);
    let mut report = cache.map(clear).transpose()?.unwrap_or_default();
    if args.all
        && let Some(bytes) = remove_hashes(&dir.join(SIF_HASHES), args.dry_run)?
    {
        (report.removed, report.removed_bytes) = (report.removed + 1, report.removed_bytes + bytes);
    }
    if ui.is_json() {
        ui.json(&report)?;
    }
    let verb = if args.dry_run { "would remove" } else { "removed" };
    ui.note(format!(
        "{verb} {} entries, {} bytes; {} entries, {} bytes are left",
        report.removed, report.removed_bytes, report.kept, report.kept_bytes
    ));
    Ok(if args.dry_run && report.removed > 0 { Exit::WouldChange } else { Exit::Done })
}

/// Removes the hashes of images, which are no entry of the cache; gives their size in bytes,
/// and nothing where there are none.
fn remove_hashes(file: &Path, is_dry: bool) -> Result<Option<u64>, Failure> {
    let Some(found) = file.symlink_metadata().ok().filter(|found| !found.is_dir()) else { return Ok(None) };
    if !is_dry {
        std::fs::remove_file(file)
            .map_err(|error| Failure::new(Code::Io, format!("`{}` cannot be removed: {error}", file.display())))?;
    }
    Ok(Some(found.len()))
}

/// The present time, since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'K' | 'k')) => (&text[..at], 1 << 10),
        Some((at, 'M' | 'm')) => (&text[..at], 1 << 20),
        Some((at, 'G' | 'g')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let wrong = || "write a number, with `K`, `M` or `G` after it or nothing".to_owned();
    let number: u64 = digits.parse().ok().ok_or_else(wrong)?;
    number.checked_mul(unit).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::{parse_size, remove_hashes};

    #[test]
    fn the_hashes_of_images_go_with_everything() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hashes");
        assert_eq!(remove_hashes(&file, false).unwrap(), None);
        std::fs::write(&file, "12345").unwrap();
        assert_eq!((remove_hashes(&file, true).unwrap(), file.exists()), (Some(5), true));
        assert_eq!((remove_hashes(&file, false).unwrap(), file.exists()), (Some(5), false));
    }

    #[test]
    fn sizes_are_numbers_with_a_unit() {
        assert_eq!([parse_size("10"), parse_size("2k"), parse_size("3G")], [Ok(10), Ok(2048), Ok(3 << 30)]);
        for text in ["", "K", "-1", "1T", "1.5G", "99999999999G", "1é"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
