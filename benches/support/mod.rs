//! Measuring whole processes: wall time, processor time and peak memory, the median of
//! several runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a process took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of processor time, of all its threads.
    pub cpu: f64,
    /// Peak memory, in MB.
    pub peak: f64,
}

/// The program that is measured.
pub fn warecat() -> &'static str {
    env!("CARGO_BIN_EXE_warecat")
}

/// Runs `warecat` with these arguments; it must end with one of `exits`.
pub fn run(args: &[&str], exits: &[i32]) -> Cost {
    let start = Instant::now();
    let mut child = Command::new(warecat()).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let proc = PathBuf::from(format!("/proc/{}", child.id()));
    let is_done = AtomicBool::new(false);
    let (status, cost) = std::thread::scope(|scope| {
        let looker = scope.spawn(|| watch(&proc, start, &is_done));
        let status = child.wait().unwrap();
        let wall = start.elapsed().as_secs_f64();
        is_done.store(true, Ordering::Relaxed);
        (status, Cost { wall, ..looker.join().unwrap() })
    });
    assert!(status.code().is_some_and(|code| exits.contains(&code)), "warecat {args:?} ended with {status}");
    cost
}

/// Looks at a process until it is done: often at first, then ever less, since each look
/// takes time from it. The figures in /proc only grow, so the last look is at most a
/// hundredth short.
fn watch(proc: &Path, start: Instant, is_done: &AtomicBool) -> Cost {
    let mut cost = Cost::default();
    while !is_done.load(Ordering::Relaxed) {
        look(proc, &mut cost);
        let pause = start.elapsed() / 100;
        std::thread::sleep(pause.clamp(Duration::from_micros(500), Duration::from_millis(20)));
    }
    cost
}

fn look(proc: &Path, cost: &mut Cost) {
    let status = std::fs::read_to_string(proc.join("status")).unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM:")) {
        let kb: f64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
        cost.peak = cost.peak.max(kb / 1024.0);
    }
    let stat = std::fs::read_to_string(proc.join("stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let field = |n: usize| after.split_whitespace().nth(n).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    // utime and stime, in hundredths of a second.
    cost.cpu = cost.cpu.max((field(11) + field(12)) / 100.0);
}

/// The median of several runs, after one that is not counted.
pub fn median(runs: usize, run: impl Fn() -> Cost) -> Cost {
    run();
    let all: Vec<Cost> = (0..runs).map(|_| run()).collect();
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = all.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[runs / 2]
    };
    Cost { wall: middle(|c| c.wall), cpu: middle(|c| c.cpu), peak: middle(|c| c.peak) }
}

/// Seconds that something takes in this process: the median of several runs.
#[allow(dead_code)] // Not every benchmark has a floor of its own.
pub fn seconds(runs: usize, run: impl Fn()) -> f64 {
    let once = || {
        let start = Instant::now();
        run();
        Cost { wall: start.elapsed().as_secs_f64(), ..Cost::default() }
    };
    median(runs, once).wall
}

/// Prints one line of the table of `docs/benchmarks.md`.
pub fn row(what: &str, measured: &str, floor: &str) {
    println!("| {what} | {measured} | {floor} |");
}

/// A folder for this run of the benchmarks, on the disk of the build.
pub fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}
