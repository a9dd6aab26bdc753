//! Reading a build cache of Spack: from its files or images to what the catalog imports.

use std::path::PathBuf;

use warecat::catalog::Catalog;
use warecat::code::Code;
use warecat::import::spack::buildcache::{Clients, Keyring, Place, Reading as By, Request, gather};
use warecat::mirror::oci::Repository;
use warecat::mirror::{FetchOptions, Fetcher, Location};
use warecat::model::ModuleName;

use super::failure::Failure;
use super::import::{ImportArgs, import};
use super::job::{Gathered, fetch_options, known_names, spellings};
use super::registry::RegistryArgs;
use super::ui::Ui;
use super::{Global, Outcome};

/// How many specs are read at once, unless told: reading is waiting, most of the time.
pub(crate) const JOBS: u16 = 8;

/// By what the specs of a cache are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Read {
    /// By the index alone.
    Index,
    /// By listing the cache, without its index.
    #[value(alias = "tags")]
    Specs,
    /// By listing, and the index is compared with what is there.
    Both,
}

/// Import a build cache of Spack: what was built, how, and where its tarballs are.
///
/// Tarballs are not downloaded; those in a folder are hashed. Exits with 7 when specs
/// were refused and the others were taken.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildcacheArgs {
    /// The cache: a folder, an `https://` URL, or `oci://HOST[:PORT]/NAME`.
    #[arg(long, value_name = "PATH_OR_URL")]
    from: Place,
    /// The name below which the modules lie.
    #[arg(long, value_name = "P")]
    prefix: ModuleName,
    /// How the specs are found.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Read::Both)]
    read: Read,
    /// Verify signatures with the OpenPGP certificates in FILE, armored or binary.
    #[arg(long, value_name = "FILE")]
    keyring: Option<PathBuf>,
    #[command(flatten)]
    registry: RegistryArgs,
    #[command(flatten)]
    import: ImportArgs,
}

pub(crate) fn run(args: &BuildcacheArgs, global: &Global, ui: &Ui) -> Outcome {
    import("spack-buildcache", &args.prefix, &args.import, global, ui, |catalog| {
        let locations = match &args.from {
            Place::Files(location) => vec![location.clone()],
            Place::Registry(_) => Vec::new(),
        };
        let reading = Reading {
            place: &args.from,
            prefix: &args.prefix,
            read: args.read,
            keyring: args.keyring.clone(),
            names_folder: true,
            may_be_private: true,
            registry: &args.registry,
            fetch: fetch_options(args.import.is_offline(), &locations),
            jobs: args.import.jobs().unwrap_or(JOBS),
        };
        reading.gather(catalog, ui)
    })
}

/// One reading of a cache.
pub(crate) struct Reading<'a> {
    /// The cache.
    pub(crate) place: &'a Place,
    /// Where its modules go.
    pub(crate) prefix: &'a ModuleName,
    /// How its specs are found.
    pub(crate) read: Read,
    /// A file of certificates to verify signatures with.
    pub(crate) keyring: Option<PathBuf>,
    /// Whether an absolute path of a folder may be written as the address of its tarballs.
    pub(crate) names_folder: bool,
    /// Whether a registry may be a host of a private network.
    pub(crate) may_be_private: bool,
    /// How registries are asked.
    pub(crate) registry: &'a RegistryArgs,
    /// How to fetch.
    pub(crate) fetch: FetchOptions,
    /// How many specs are read at once.
    pub(crate) jobs: u16,
}

impl Reading<'_> {
    /// Reads the cache.
    pub(crate) fn gather(&self, catalog: &Catalog, ui: &Ui) -> Result<Gathered, Failure> {
        let spellings = spellings(catalog, self.prefix)?;
        let keyring = self.keyring.as_deref().map(|path| self.keyring(path)).transpose()?;
        let private: Vec<Repository> = match self.place {
            Place::Registry(repository) if self.may_be_private => vec![repository.clone()],
            _ => Vec::new(),
        };
        let registry = self.registry.registry(&private, self.fetch.offline, ui)?;
        let cache = if self.is_remote() { self.registry.cache()? } else { None };
        let clients = Clients { fetch: &self.fetch, cache: cache.as_ref(), registry: &registry };
        let reading = match self.read {
            Read::Index => By::Index,
            Read::Specs => By::Specs,
            Read::Both => By::Both,
        };
        let request = Request {
            place: self.place,
            reading,
            keyring: keyring.as_ref(),
            names_folder: self.names_folder,
            jobs: usize::from(self.jobs),
        };
        let bar = ui.progress("specs read");
        let inventory = gather(&request, &clients, &|| bar.inc(1));
        bar.finish_and_clear();
        let import = inventory?.finish(self.prefix, &known_names(&spellings));
        // What could not be read may be of any package, and is not dropped.
        let is_whole = !import.diagnostics.iter().any(|diagnostic| diagnostic.code == Code::EntryRefused);
        let prefix = self.prefix.clone();
        let covers = move |name: &ModuleName| is_whole && name.is_within(&prefix);
        Ok(Gathered { import, covers: Box::new(covers), url: self.url() })
    }

    fn keyring(&self, path: &std::path::Path) -> Result<Keyring, Failure> {
        let fetched = Fetcher::new(self.fetch.clone()).fetch(&Location::from_path(path)?)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Keyring::parse(&name, &fetched.bytes)?)
    }

    fn is_remote(&self) -> bool {
        matches!(self.place, Place::Files(location) if location.is_remote())
    }

    fn url(&self) -> Option<String> {
        match self.place {
            Place::Files(location) => location.is_remote().then(|| location.to_string()),
            Place::Registry(repository) => Some(repository.to_string()),
        }
    }
}
