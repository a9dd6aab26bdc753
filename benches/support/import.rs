//! Measuring an import beside its floor: what no import can do without.
//!
//! The floor parses the same bytes, then writes the same files to a staging folder, syncs
//! once and renames them into place. Nothing is deleted between the runs: on ext4 a large
//! deletion slows whatever writes after it for minutes.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::support::{Cost, row, run};

/// Measures `warecat import KIND --from FROM` into new catalogs, one of `exits` being its
/// status, beside the floor whose parsing is `parse`; prints the row and gives the last
/// catalog.
pub fn measure(work: &Path, what: &str, (kind, from): (&str, &Path), exits: &[i32], parse: &dyn Fn()) -> PathBuf {
    let (import, catalog) = imports(work, kind, from, exits);
    let mut files = Vec::new();
    gather(&catalog, Path::new(""), &mut files);
    let (parsed, staged) = floor(work, &catalog, &files, parse);
    let sum = parsed + staged;
    row(
        &format!("import of {what}, {} files", files.len()),
        &words(import),
        &format!("{sum:.2} s: parse {parsed:.2}, stage, sync and rename {staged:.2} ({:.2}x)", import.wall / sum),
    );
    catalog
}

/// A cost in words.
pub fn words(cost: Cost) -> String {
    format!("{:.2} s wall, {:.2} s CPU, {:.0} MB", cost.wall, cost.cpu, cost.peak)
}

/// Imports into new catalogs, once more than is counted: the median, the highest peak, and
/// the last catalog.
fn imports(work: &Path, kind: &str, from: &Path, exits: &[i32]) -> (Cost, PathBuf) {
    let name = from.file_name().unwrap().to_str().unwrap();
    let (mut all, mut last) = (Vec::new(), work.to_owned());
    for n in 0..4 {
        last = work.join(format!("catalog-of-{name}-{n}"));
        run(&["init", last.to_str().unwrap()], &[0]);
        all.push(run(&["-C", last.to_str().unwrap(), "import", kind, "--from", from.to_str().unwrap()], exits));
    }
    all.remove(0);
    let peak = all.iter().map(|cost| cost.peak).fold(0.0, f64::max);
    all.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    (Cost { peak, ..all[1] }, last)
}

/// Seconds for parsing, and for staging, syncing and renaming: the median of three.
fn floor(work: &Path, catalog: &Path, files: &[(PathBuf, Vec<u8>)], parse: &dyn Fn()) -> (f64, f64) {
    let name = catalog.file_name().unwrap().to_str().unwrap();
    let once = |n: usize| {
        let start = Instant::now();
        parse();
        let parsed = start.elapsed().as_secs_f64();
        let start = Instant::now();
        stage_all(&work.join(format!("floor-of-{name}-{n}")), files);
        (parsed, start.elapsed().as_secs_f64())
    };
    let mut times: Vec<(f64, f64)> = (0..4).map(once).collect();
    times.remove(0);
    times.sort_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
    times[1]
}

fn gather(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if path.starts_with(".warecat") {
            continue;
        }
        if root.join(&path).is_dir() {
            gather(root, &path, files);
        } else {
            let bytes = std::fs::read(root.join(&path)).unwrap();
            files.push((path, bytes));
        }
    }
}

fn stage_all(root: &Path, files: &[(PathBuf, Vec<u8>)]) {
    let stage = root.join("stage");
    std::fs::create_dir_all(&stage).unwrap();
    for (n, (_, bytes)) in files.iter().enumerate() {
        std::fs::write(stage.join(n.to_string()), bytes).unwrap();
    }
    rustix::fs::syncfs(std::fs::File::open(root).unwrap()).unwrap();
    let mut last = PathBuf::new();
    for (n, (path, _)) in files.iter().enumerate() {
        let target = root.join(path);
        let folder = target.parent().unwrap();
        if folder != last {
            std::fs::create_dir_all(folder).unwrap();
            last = folder.to_owned();
        }
        std::fs::rename(stage.join(n.to_string()), target).unwrap();
    }
}
