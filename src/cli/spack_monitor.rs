//! `import spack-monitor`: what `spack install --monitor-save-local` left.

use std::path::{Path, PathBuf};

use warecat::catalog::Catalog;
use warecat::code::Code;
use warecat::import::spack::monitor::Importer;
use warecat::import::spack::spec::Options;
use warecat::mirror::{Fetcher, Listing, Location, list};
use warecat::model::ModuleName;

use super::failure::Failure;
use super::import::ImportArgs;
use super::job::{Gathered, fetch_options, known_names, spellings};
use super::ui::Ui;
use super::{Global, Outcome, listing};

/// Most folders of runs in the folder given.
const MAX_RUNS: usize = 10_000;

/// Import the specs and builds that `spack install --monitor-save-local` left.
///
/// Specs become releases as with `import spack-spec`, each build a record on the release
/// of its spec; what a release knows of builds is only ever added to. Exits with 7 when
/// something was refused and the rest was taken.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of one run, or the one that holds such folders.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The name below which the modules lie.
    #[arg(long, value_name = "P", default_value = "specs.spack.io")]
    prefix: ModuleName,
    #[command(flatten)]
    import: ImportArgs,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    listing::import("spack-monitor", &args.prefix, &args.import, global, ui, |catalog| {
        gather(std::slice::from_ref(&args.dir), &args.prefix, catalog, ui)
    })
}

/// Reads the folders of runs. They never say that a release is gone.
pub(crate) fn gather(dirs: &[PathBuf], prefix: &ModuleName, catalog: &Catalog, ui: &Ui) -> Result<Gathered, Failure> {
    let known = known_names(&spellings(catalog, prefix)?);
    let mut importer = Importer::new(Options::new(prefix.clone()), known);
    let fetcher = Fetcher::new(fetch_options(true, &[]));
    let bar = ui.progress("files read");
    for dir in dirs {
        let mut count = 0;
        for (above, folder) in folders(dir)? {
            let location = Location::from_path(&folder)?;
            let Listing { files, .. } = list(&location)?.unwrap_or_default();
            for name in files.iter().filter(|name| name.ends_with(".json")) {
                let fetched = fetcher.fetch(&location.join(name)?)?;
                importer.add_file(&format!("{above}{name}"), &fetched.bytes)?;
                count += 1;
                bar.inc(1);
            }
        }
        if count == 0 {
            let message = format!("`{}` holds no file of Spack's monitor", dir.display());
            return Err(Failure::new(Code::SourceInvalid, message));
        }
    }
    bar.finish_and_clear();
    Ok(Gathered { import: importer.finish(), covers: Box::new(|_| false), url: None })
}

/// The folder itself and those in it, with what stands before the names of their files.
fn folders(dir: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let cannot = |error| match std::io::Error::kind(&error) {
        std::io::ErrorKind::NotFound => Failure::new(Code::NotFound, format!("`{}` does not exist", dir.display())),
        _ => Failure::new(Code::Io, format!("cannot read the folder `{}`: {error}", dir.display())),
    };
    let mut found = vec![(String::new(), dir.to_owned())];
    let entries = std::fs::read_dir(dir).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(cannot)?;
    for entry in entries {
        // A link was not named by anyone and may lead anywhere.
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if let (Ok(name), true) = (entry.file_name().into_string(), is_folder)
            && !name.starts_with('.')
        {
            found.push((format!("{name}/"), entry.path()));
        }
        if found.len() > MAX_RUNS {
            let message = format!("`{}` holds more than {MAX_RUNS} folders", dir.display());
            return Err(Failure::new(Code::LimitExceeded, message));
        }
    }
    found.sort();
    Ok(found)
}
