//! `import spack-spec`: files of concrete specs become releases.

use std::path::{Path, PathBuf};

use warecat::catalog::Catalog;
use warecat::code::Code;
use warecat::import::spack::spec::{Importer, Options};
use warecat::mirror::{FetchOptions, Fetcher, Location};
use warecat::model::ModuleName;

use super::failure::Failure;
use super::import::ImportArgs;
use super::job::{Gathered, fetch_options, first_url, known_names, spellings};
use super::ui::Ui;
use super::{Global, Outcome, listing};

/// How deep folders are looked into: an installation's specs lie up to six deep.
const MAX_DEPTH: usize = 16;
/// Most files that are read of one folder.
const MAX_FILES: usize = 200_000;

/// Import concrete specs of Spack: spec JSON, lock files, databases, install folders.
///
/// Each node becomes a release, once its hash was found to be that of its content. Prints
/// `created` or `exists` and the release, for each. Exits with 7 when nodes were refused
/// and the others were taken.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files or URLs, plain or packed with zstd or gzip; of a folder, the `.spack/spec.json`
    /// of each installation in it, and other files of JSON where there is none.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<Location>,
    /// The name below which the modules lie.
    #[arg(long, value_name = "P", default_value = "specs.spack.io")]
    prefix: ModuleName,
    #[command(flatten)]
    import: ImportArgs,
}

pub(crate) fn run(args: &Args, global: &Global, ui: &Ui) -> Outcome {
    listing::import("spack-spec", &args.prefix, &args.import, global, ui, |catalog| {
        let fetch = fetch_options(args.import.is_offline(), &args.files);
        gather(&args.files, &args.prefix, fetch, catalog, ui)
    })
}

/// Reads files of specs. They never say that a release is gone.
pub(crate) fn gather(
    files: &[Location],
    prefix: &ModuleName,
    fetch: FetchOptions,
    catalog: &Catalog,
    ui: &Ui,
) -> Result<Gathered, Failure> {
    let known = known_names(&spellings(catalog, prefix)?);
    let mut importer = Importer::new(Options::new(prefix.clone()), known);
    let fetcher = Fetcher::new(fetch);
    let bar = ui.progress("files read");
    for location in files {
        read(location, &fetcher, &mut importer, &mut || bar.inc(1))?;
    }
    bar.finish_and_clear();
    Ok(Gathered { import: importer.finish(), covers: Box::new(|_| false), url: first_url(files) })
}

/// Reads a file that was named, or the files of a folder. What is wrong with a file that
/// was only found is told, and the others are read.
fn read(
    location: &Location,
    fetcher: &Fetcher,
    importer: &mut Importer,
    tick: &mut dyn FnMut(),
) -> Result<(), Failure> {
    let Some(folder) = location.as_path().filter(|path| path.is_dir()) else {
        let fetched = fetcher.fetch(location)?;
        if fetched.looks_like_html() {
            let message = format!("{location} is a web page, not JSON: `{}`", fetched.first_line());
            return Err(Failure::new(Code::SourceInvalid, message));
        }
        importer.add_file(&location.file_name().unwrap_or_default(), &fetched.bytes)?;
        tick();
        return Ok(());
    };
    let above = folder.file_name().map(|name| format!("{}/", name.to_string_lossy())).unwrap_or_default();
    let mut found = Vec::new();
    find(folder, &above, MAX_DEPTH, &mut found)?;
    if found.is_empty() {
        let message = format!("{location} holds no file of JSON");
        return Err(Failure::new(Code::SourceInvalid, message));
    }
    for (name, path) in found {
        let fetched = fetcher.fetch(&Location::from_path(&path)?)?;
        importer.add_found(&name, &fetched.bytes);
        tick();
    }
    Ok(())
}

/// The files of a folder, in the order of their names, with their names below it; links
/// are not followed.
fn find(folder: &Path, above: &str, depth: usize, found: &mut Vec<(String, PathBuf)>) -> Result<(), Failure> {
    let spec = folder.join(".spack").join("spec.json");
    if is_plain(&spec, false) && is_plain(&folder.join(".spack"), true) {
        found.push((format!("{above}.spack/spec.json"), spec));
        return Ok(());
    }
    let is_dot_spack = above == ".spack/" || above.ends_with("/.spack/");
    let mut entries = std::fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| Failure::new(Code::Io, format!("cannot read the folder `{}`: {error}", folder.display())))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (Ok(name), Ok(kind)) = (entry.file_name().into_string(), entry.file_type()) else { continue };
        let is_wanted = if is_dot_spack { name == "spec.json" } else { is_json(&name) };
        if kind.is_file() && is_wanted {
            found.push((format!("{above}{name}"), entry.path()));
        } else if kind.is_dir() && !name.starts_with('.') && depth > 0 && !is_dot_spack {
            find(&entry.path(), &format!("{above}{name}/"), depth - 1, found)?;
        }
        if found.len() > MAX_FILES {
            let message = format!("`{}` holds more than {MAX_FILES} files", folder.display());
            return Err(Failure::new(Code::LimitExceeded, message));
        }
    }
    Ok(())
}

/// Whether a path is a file, or a folder, itself and not through a link.
fn is_plain(path: &Path, is_folder: bool) -> bool {
    path.symlink_metadata().is_ok_and(|meta| if is_folder { meta.is_dir() } else { meta.is_file() })
}

fn is_json(name: &str) -> bool {
    let plain = name.strip_suffix(".zst").or_else(|| name.strip_suffix(".gz")).unwrap_or(name);
    plain.ends_with(".json") || plain == "spack.lock"
}
