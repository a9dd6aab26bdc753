//! `site serve`: the site of a catalog, to look at while it changes.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use warecat::catalog::Catalog;
use warecat::code::{Code, Exit};
use warecat::server::{self, Served, Stop, Watched};

use super::failure::Failure;
use super::site::{self, BuildOptions};
use super::ui::Ui;
use super::{Global, Outcome, cache, context};

/// Between two looks at the files, at least.
const PAUSE: Duration = Duration::from_millis(500);
/// So long nothing may change before a build begins.
const SETTLED: Duration = Duration::from_millis(200);
/// Looking takes at most so manieth of the time.
const SHARE: u32 = 20;

/// Build the site and serve it on this machine, and build it again when the catalog changes.
///
/// Prints the address, and serves until it is interrupted. Only this machine is answered, by
/// the names `localhost`, `127.0.0.1` and `[::1]`; nothing is opened in a browser. Where a
/// build fails, the reason is told and the pages stay as they were.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The port; 0 for any free one. Otherwise the first free one from 8000.
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// The folder to write to; one in the cache otherwise, which is kept for the next time.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Serve the site below this path, as a host with a prefix does.
    #[arg(long, value_name = "PATH", default_value = "/")]
    base_path: String,
    /// Answer on `[::1]` too.
    #[arg(long)]
    ipv6: bool,
    /// A folder of templates in place of the built-in ones; its changes are seen too.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// End after so many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    let folder = context::folder(global)?;
    let out = match &args.output {
        Some(out) => out.clone(),
        None => kept(&folder)?,
    };
    site::check_output(global, &out)?;
    let rebuild = Rebuild {
        global: global.clone(),
        ui: *ui,
        out: out.clone(),
        base: base(args)?,
        templates: args.templates.clone(),
    };
    let watched =
        Watched::new(&folder, args.templates.iter().cloned().collect(), vec![out.clone(), folder.join("_site")]);
    let seen = watched.state();
    rebuild.now(&context::open(global)?)?;
    let served = Served::new(&out, &args.base_path)?;
    let listeners = server::bind(args.port, args.ipv6)?;
    let urls: Vec<String> = listeners
        .iter()
        .filter_map(|listener| Some(format!("http://{}{}", listener.local_addr().ok()?, served.base_path())))
        .collect();
    let mut told = Ok(());
    let ready = || {
        told = tell(&urls, ui);
        // Ends with the process: a build that is cut off is mended by the next.
        thread::spawn(move || rebuild.watch(&watched, seen));
        told.is_ok()
    };
    server::serve(listeners, served, Stop { after: args.seconds.map(Duration::from_secs) }, ready)?;
    told.map(|()| Exit::Done)
}

/// The base URL that pages are built with: the path alone. The page for what is not there
/// then finds its styles from anywhere, and no port gets into a page.
fn base(args: &Args) -> Result<String, Failure> {
    let is_path = args.base_path.starts_with('/');
    let message = || format!("`{}` is not a path to serve below; write `/a/b/`", args.base_path);
    if is_path { Ok(args.base_path.clone()) } else { Err(Failure::new(Code::UsageInvalid, message())) }
}

/// A folder in the cache for the site of this catalog.
fn kept(catalog: &Path) -> Result<PathBuf, Failure> {
    let missing = || {
        let message = "there is no place for the site: neither WARECAT_CACHE_DIR nor HOME is set";
        Failure::new(Code::UsageInvalid, message).with_hint("name a folder with `-o DIR`")
    };
    let whole = catalog.canonicalize().unwrap_or_else(|_| catalog.to_owned());
    let name = blake3::hash(whole.as_os_str().as_encoded_bytes()).to_hex();
    Ok(cache::folder().ok_or_else(missing)?.join("sites").join(&name[..16]))
}

fn tell(urls: &[String], ui: &Ui) -> Result<(), Failure> {
    if ui.is_json() { ui.json(&serde_json::json!({ "urls": urls })) } else { ui.lines(urls) }
}

/// Builds the site again and again.
struct Rebuild {
    global: Global,
    ui: Ui,
    out: PathBuf,
    base: String,
    templates: Option<PathBuf>,
}

impl Rebuild {
    fn now(&self, catalog: &Catalog) -> Result<(), Failure> {
        let options = BuildOptions {
            base_url: Some(self.base.clone()),
            templates: self.templates.clone(),
            commit: site::commit(&self.global)?,
            past: site::past(&self.global, catalog, None, &self.ui)?,
            ..BuildOptions::default()
        };
        site::build(catalog, &self.out, options, &self.ui).map(drop)
    }

    fn watch(&self, watched: &Watched, mut seen: u64) {
        let mut pause = PAUSE;
        loop {
            thread::sleep(pause);
            let begun = Instant::now();
            let mut now = watched.state();
            pause = PAUSE.max(begun.elapsed() * SHARE);
            if now == seen {
                continue;
            }
            // What is being written is looked at again until it rests.
            loop {
                thread::sleep(SETTLED);
                let next = watched.state();
                if next == now {
                    break;
                }
                now = next;
            }
            seen = now;
            let done = context::open(&self.global).and_then(|catalog| self.now(&catalog));
            if let Err(failure) = done {
                self.ui.failure(&failure);
                self.ui.note("the pages stay as they were; the next change is tried again");
            }
        }
    }
}
