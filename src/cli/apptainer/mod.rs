//! `import apptainer`: a folder of images, as sites keep it.

mod hashes;
mod image;
mod scan;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use warecat::catalog::Catalog;
use warecat::code::Code;
use warecat::import::apptainer::{Importer, Options};
use warecat::model::{ModuleName, WarehouseAddr};

use self::hashes::Hashes;
use self::image::Reading;
use self::scan::Scan;
use super::failure::Failure;
use super::import::{ImportArgs, import};
use super::job::{Gathered, known_names, spellings};
use super::ui::Ui;
use super::{Global, Outcome, bases, inspect};

/// Import a folder of Apptainer images: `images/<partition>/<name>_<version>.sif`.
///
/// Only whole images are taken; links, half copies and what is no image are told. Each file
/// is hashed once: what is known of it is kept, and used as long as its size, times and
/// number on its device are the same. Exits with 7 when files were refused and the others
/// were taken.
#[derive(Debug, clap::Args)]
pub(crate) struct ApptainerArgs {
    /// The folder. Images lie in `images/<partition>/`, or in folders or by themselves in it.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// The name below which the modules lie.
    #[arg(long, value_name = "P")]
    prefix: ModuleName,
    /// Only this partition; may be given several times.
    #[arg(long, value_name = "NAME")]
    partition: Vec<String>,
    /// The URL of the folder, for mirrors; `file://` and the folder when that is absolute,
    /// and no mirrors otherwise.
    #[arg(long, value_name = "URL")]
    mirror_root: Option<WarehouseAddr>,
    /// Verify signatures with the OpenPGP certificates in KEYS, armored or binary.
    #[arg(long, value_name = "KEYS")]
    keyring: Option<PathBuf>,
    /// Keep hashes in FILE, not in the cache folder.
    #[arg(long, value_name = "FILE")]
    hash_cache: Option<PathBuf>,
    /// Hash every image again.
    #[arg(long)]
    rehash: bool,
    #[command(flatten)]
    import: ImportArgs,
}

pub(crate) fn run(args: &ApptainerArgs, global: &Global, ui: &Ui) -> Outcome {
    import("apptainer", &args.prefix, &args.import, global, ui, |catalog| {
        let folder = Folder {
            root: &args.root,
            prefix: &args.prefix,
            partitions: &args.partition,
            mirror_root: args.mirrors(),
            keyring: args.keyring.as_deref(),
            hash_cache: args.hash_cache.as_deref(),
            rehash: args.rehash,
        };
        folder.gather(catalog, ui)
    })
}

/// A folder of images, and how it is read.
pub(crate) struct Folder<'a> {
    /// The folder.
    pub(crate) root: &'a Path,
    /// Where its modules go.
    pub(crate) prefix: &'a ModuleName,
    /// Only these partitions; all when there are none.
    pub(crate) partitions: &'a [String],
    /// The address of the folder, for mirrors.
    pub(crate) mirror_root: Option<String>,
    /// A file of certificates to verify signatures with.
    pub(crate) keyring: Option<&'a Path>,
    /// Where hashes are kept, if not in the cache folder.
    pub(crate) hash_cache: Option<&'a Path>,
    /// Whether every image is hashed again.
    pub(crate) rehash: bool,
}

impl Folder<'_> {
    /// Reads the folder.
    pub(crate) fn gather(&self, catalog: &Catalog, ui: &Ui) -> Result<Gathered, Failure> {
        let keyring = self.keyring.map(inspect::keyring).transpose()?;
        let known = known_names(&spellings(catalog, self.prefix)?);
        let options = Options { prefix: self.prefix.clone(), mirror_root: self.mirror_root.clone() };
        let mut importer = Importer::new(options);
        let scan = Scan::of(self.root, self.partitions, &mut importer)?;
        let root = self.root.canonicalize().unwrap_or_else(|_unreadable| self.root.to_owned());
        let file = self.hash_cache.map(Path::to_owned).or_else(hashes::file);
        let hashes = match &file {
            Some(file) if !self.rehash => Hashes::read(file),
            _ => Hashes::default(),
        };
        let bar = ui.bytes(scan.bytes());
        let reading = Reading {
            root: &root,
            keyring: keyring.as_ref(),
            known: &hashes,
            now: nanoseconds(SystemTime::now()),
            read: &|bytes| bar.inc(bytes),
        };
        let found = reading.all(&scan, &mut importer);
        bar.finish_and_clear();
        if let Some(file) = &file
            && let Err(error) = hashes.replaced(&root, |folder| scan.has(folder), found).write(file)
        {
            ui.warn(format!("hashes are not kept in `{}`: {error}", file.display()));
        }
        let bases = bases::known(catalog, &importer.bases(), |_name| true)?;
        let imported = importer.finish(&known, &bases);
        let covers = imported.covers();
        Ok(Gathered { import: imported.import, covers: Box::new(covers), url: None })
    }
}

impl ApptainerArgs {
    /// The root of mirrors: a relative folder means another one on another machine.
    fn mirrors(&self) -> Option<String> {
        self.mirror_root.as_ref().map(|address| address.as_str().to_owned()).or_else(|| address(&self.root))
    }
}

/// The address of an absolute folder.
pub(crate) fn address(root: &Path) -> Option<String> {
    let absolute = root.to_str().filter(|_| root.is_absolute());
    absolute.map(|root| format!("file://{}", Importer::url_path(root)))
}

fn nanoseconds(now: SystemTime) -> i128 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or_default()
}

/// A folder that cannot be read at all.
fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => Code::NotFound,
        std::io::ErrorKind::NotADirectory => Code::SourceInvalid,
        _ => Code::Io,
    };
    Failure::new(code, format!("`{}` cannot be read: {error}", path.display()))
}
