//! The importer of a folder of Apptainer images.
//!
//! | a folder of images | catalog |
//! | --- | --- |
//! | an image's name, in a partition | module `<prefix>/<partition>/<name>` |
//! | the version in its file's name | release |
//! | operating system and architecture | item `linux-<architecture>`; a `sif` ware, by the SHA-256 of the file |
//! | the definition that the image holds | a derived replay |
//! | what the image and its sidecar say | record `apptainer.image`, by item |
//!
//! Names follow `name.rs` and [`crate::import::names`]; each file says what it decides. The
//! bytes are read elsewhere: [`Importer`] is given what was found, in any order.
//!
//! Invariants: the same images and sidecars in any order give an equal [`Import`]; no place
//! of the machine reaches a document unless the caller names it as the root of mirrors. Two
//! images that claim one item are never merged: the first by path is taken, the other
//! refused.

mod describe;
mod image;
mod name;
mod propose;
mod record;
mod sidecar;

use std::collections::{BTreeMap, BTreeSet};

use self::image::ImageFile;
use self::name::ImageName;
use self::sidecar::{NODES, Nodes, Sidecar};
use super::image::definition::Definition;
use super::image::{KnownImages, RegistryImage, SifFacts};
use super::names::KnownNames;
use super::report::{Diagnostics, Import, SourceFacts};
use crate::model::{Digest, ModuleName, SourceFile};

pub use self::sidecar::MAX_SIDECAR;

/// Where what is imported goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name above all modules.
    pub prefix: ModuleName,
    /// The URL of the folder, for mirrors; none are written where there is none.
    pub mirror_root: Option<String>,
}

/// Where an image lies below the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its path, parts joined by `/`.
    pub path: &'a str,
    /// The folder that it lies in, where folders are partitions.
    pub partition: Option<&'a str>,
}

/// Takes images and sidecars one by one, in any order, and makes proposals of them all.
#[derive(Debug)]
pub struct Importer {
    options: Options,
    images: BTreeMap<String, ImageFile>,
    sidecars: BTreeMap<String, Sidecar>,
    nodes: Nodes,
    files: Vec<SourceFile>,
    /// The partitions that were looked at; nothing stands for the folder of images itself.
    scanned: BTreeSet<Option<String>>,
    /// Files that are not named as images.
    others: u64,
    /// Partition and name of images that are there and could not be taken.
    refused: BTreeSet<(Option<String>, String)>,
    diagnostics: Diagnostics,
}

/// What an import gives, and of which modules it speaks.
#[derive(Debug)]
pub struct Imported {
    /// Proposals and diagnostics.
    pub import: Import,
    /// The names above the modules of each partition that was looked at.
    scopes: BTreeSet<ModuleName>,
    /// Modules of images that are there and could not be taken: nothing of theirs vanished.
    unclear: BTreeSet<ModuleName>,
}

impl Imported {
    /// Whether a module's absence means that its images vanished: its partition was looked
    /// at, and no image of its name was refused.
    pub fn covers(&self) -> impl Fn(&ModuleName) -> bool + Sync + use<> {
        let (scopes, unclear) = (self.scopes.clone(), self.unclear.clone());
        move |name| {
            let scope = name.as_str().rsplit_once('/').and_then(|(scope, _)| scope.parse::<ModuleName>().ok());
            scope.is_some_and(|scope| scopes.contains(&scope)) && !unclear.contains(name)
        }
    }
}

impl Importer {
    /// An importer that was given nothing.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let (images, sidecars, nodes, files, scanned, others, refused, diagnostics) = Default::default();
        Self { options, images, sidecars, nodes, files, scanned, others, refused, diagnostics }
    }

    /// A path as it stands in a URL (RFC 3986, section 2.3).
    #[must_use]
    pub fn url_path(path: &str) -> String {
        propose::encoded(path)
    }

    /// Says that a partition was looked at, so that what is not there has vanished; nothing
    /// stands for the folder of images itself.
    pub fn add_partition(&mut self, partition: Option<&str>) {
        self.scanned.insert(partition.map(str::to_owned));
    }

    /// Counts a file that is not named as an image.
    pub fn count_other(&mut self) {
        self.others += 1;
    }

    /// Adds an image of `size` bytes with the SHA-256 `digest`.
    pub fn add_image(&mut self, place: Place<'_>, size: u64, digest: Digest, facts: SifFacts) {
        let file = place.path.rsplit('/').next().unwrap_or_default();
        let Some(name) = ImageName::of_file(file) else {
            return self.diagnostics.refused(
                place.path,
                "",
                "its name does not say what it is: write `<name>_<version>.sif`",
            );
        };
        let (path, partition) = (place.path.to_owned(), place.partition.map(str::to_owned));
        self.images.insert(path.clone(), ImageFile { path, partition, name, size, digest, facts });
    }

    /// Tells of a file that is named as an image and cannot be taken as one. What the
    /// catalog has of its name is not held to have vanished.
    pub fn refuse(&mut self, place: Place<'_>, reason: &str) {
        let file = place.path.rsplit('/').next().unwrap_or_default();
        if let Some(name) = ImageName::of_file(file) {
            self.refused.insert((place.partition.map(str::to_owned), name.name));
        }
        self.diagnostics.refused(place.path, "", reason);
    }

    /// Tells of something that is no image, such as a link: what the catalog has of its
    /// name is not protected by it.
    pub fn tell(&mut self, path: &str, reason: &str) {
        self.diagnostics.odd(path, "", reason);
    }

    /// Adds a sidecar, by its path below the root.
    pub fn add_sidecar(&mut self, path: &str, bytes: &[u8]) {
        if bytes.len() as u64 > MAX_SIDECAR {
            let message = format!("its {} bytes are more than the limit of {MAX_SIDECAR}", bytes.len());
            return self.diagnostics.refused(path, "", message);
        }
        let read = if path.rsplit('/').next() == Some(NODES) {
            sidecar::nodes(bytes).map(|nodes| self.nodes.extend(nodes))
        } else {
            Sidecar::parse(path, bytes).map(|sidecar| drop(self.sidecars.insert(path.to_owned(), sidecar)))
        };
        match read {
            Ok(()) => {
                let (sha256, size) = (Digest::of(bytes).hex(), bytes.len() as u64);
                self.files.push(SourceFile { name: path.to_owned(), sha256, size, header: None });
            }
            Err(problem) => self.diagnostics.refused(path, "", problem),
        }
    }

    /// The images of registries that definitions are built from, for [`Self::finish`].
    #[must_use]
    pub fn bases(&self) -> BTreeSet<RegistryImage> {
        let stages = self.images.values().flat_map(|image| Definition::parse(&image.facts.attributes.deffile).stages);
        stages.filter_map(|stage| RegistryImage::of_stage(&stage)).collect()
    }

    /// Makes proposals of all that was added; `known` are the modules that the catalog has,
    /// `bases` the items that it has of the images that [`Self::bases`] gave.
    #[must_use]
    pub fn finish(mut self, known: &KnownNames, bases: &KnownImages) -> Imported {
        let sidecars = self.matched();
        for image in self.images.values() {
            let (facts, told) = (&image.facts, &mut self.diagnostics);
            let odd = facts.problems.iter().chain(&facts.bad_signatures).cloned().chain(image.contradictions());
            odd.for_each(|problem| told.odd(&image.path, "", problem));
        }
        let names = propose::Names::of(&self.options.prefix, known, self.images.values(), &self.refused, &self.scanned);
        let images: Vec<&ImageFile> = self.images.values().collect();
        let given = propose::Given { sidecars: &sidecars, nodes: &self.nodes, known: bases };
        let modules = propose::modules(&self.options, &names, &images, &given, &mut self.diagnostics);
        let unclear =
            self.refused.iter().filter_map(|(partition, name)| names.module(partition.as_deref(), name)).collect();
        self.files.sort_by(|a, b| a.name.cmp(&b.name));
        let releases: usize = modules.iter().map(|module| module.releases.len()).sum();
        let wares: BTreeSet<_> = images.iter().map(|image| image.digest).collect();
        let others = usize::try_from(self.others).unwrap_or(usize::MAX);
        let counts = [
            ("images", images.len()),
            ("modules", modules.len()),
            ("releases", releases),
            ("wares", wares.len()),
            ("other-files", others),
        ];
        let source = SourceFacts {
            kind: "apptainer",
            version: None,
            timestamp: None,
            files: self.files,
            counts: counts.into_iter().map(|(name, count)| (name.to_owned(), count as u64)).collect(),
        };
        let import = Import { modules, diagnostics: self.diagnostics.into_sorted(), source };
        Imported {
            import,
            scopes: self.scanned.iter().filter_map(|partition| names.scope(partition.as_deref())).collect(),
            unclear,
        }
    }

    /// The sidecar of each image, by the image's path; what has no image is told.
    fn matched(&mut self) -> BTreeMap<String, Sidecar> {
        let mut found: BTreeMap<String, Sidecar> = BTreeMap::new();
        for sidecar in std::mem::take(&mut self.sidecars).into_values() {
            let same: Vec<&ImageFile> = self.images.values().filter(|image| image.stem() == sidecar.stem).collect();
            let own = |image: &&&ImageFile| sidecar.partition() == image.partition.as_deref();
            let Some(image) = same.iter().find(own).or(same.first()) else {
                let message = "there is no image that it speaks of: it is stale, or its image was not taken";
                self.diagnostics.odd(&sidecar.file, "", message);
                continue;
            };
            for (field, message) in sidecar.contradictions(image) {
                self.diagnostics.odd(&sidecar.file, field, message);
            }
            if let Some(other) = found.get(&image.path) {
                let message = format!("`{}` speaks of the same image, and is taken", other.file);
                self.diagnostics.odd(&sidecar.file, "", message);
            } else {
                found.insert(image.path.clone(), sidecar);
            }
        }
        found
    }
}
