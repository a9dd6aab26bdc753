//! Images to modules: names, items, mirrors, releases.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Options;
use super::describe;
use super::image::ImageFile;
use super::record;
use super::sidecar::{Nodes, Sidecar};
use crate::import::image::base::{self, KnownImages, RegistryImage};
use crate::import::image::definition::Stage;
use crate::import::image::replay::{self, Base};
use crate::import::names::{KnownNames, assign};
use crate::import::report::{Diagnostics, quoted};
use crate::model::{
    CatalogRef, Metadata, ModuleName, ModuleProposal, ReleaseName, ReleaseProposal, WareId, WarehouseAddr, folded,
    metadata, order,
};

/// What modules of images count as in a report.
const KIND: &str = "image";
const DERIVED: &str = "derived";

/// The catalog's names of partitions and images.
pub(super) struct Names {
    prefix: ModuleName,
    partitions: BTreeMap<String, ModuleName>,
    images: HashMap<(Option<String>, String), ModuleName>,
}

impl Names {
    /// Names all images, and those that could not be taken.
    pub(super) fn of<'i>(
        prefix: &ModuleName,
        known: &KnownNames,
        images: impl Iterator<Item = &'i ImageFile>,
        refused: &BTreeSet<(Option<String>, String)>,
        scanned: &BTreeSet<Option<String>>,
    ) -> Self {
        let taken = images.map(|image| (image.partition.clone(), image.name.name.clone()));
        let mut spellings: BTreeMap<Option<String>, BTreeSet<String>> = BTreeMap::new();
        for (partition, name) in taken.chain(refused.iter().cloned()) {
            spellings.entry(partition).or_default().insert(name);
        }
        for partition in scanned {
            spellings.entry(partition.clone()).or_default();
        }
        let folders: BTreeSet<&str> = spellings.keys().flatten().map(String::as_str).collect();
        // A partition is no module, so nothing in the catalog knows its spelling.
        let partitions: BTreeMap<String, ModuleName> =
            assign(prefix, &folders, &KnownNames::new()).unwrap_or_default().into_iter().collect();
        let mut found = HashMap::new();
        for (partition, names) in &spellings {
            let scope = match partition {
                Some(partition) => partitions.get(partition),
                None => Some(prefix),
            };
            let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
            let assigned = scope.and_then(|scope| assign(scope, &names, known).ok()).unwrap_or_default();
            found.extend(assigned.into_iter().map(|(name, module)| ((partition.clone(), name), module)));
        }
        Self { prefix: prefix.clone(), partitions, images: found }
    }

    pub(super) fn module(&self, partition: Option<&str>, name: &str) -> Option<ModuleName> {
        self.images.get(&(partition.map(str::to_owned), name.to_owned())).cloned()
    }

    /// The name above the modules of a partition.
    pub(super) fn scope(&self, partition: Option<&str>) -> Option<ModuleName> {
        partition.map_or_else(|| Some(self.prefix.clone()), |partition| self.partitions.get(partition).cloned())
    }
}

/// The images of one release, by item.
type Items<'i> = BTreeMap<String, &'i ImageFile>;

/// What is known of images beside themselves.
pub(super) struct Given<'a> {
    /// The sidecar of each image, by the image's path.
    pub(super) sidecars: &'a BTreeMap<String, Sidecar>,
    /// Which nodes have them.
    pub(super) nodes: &'a Nodes,
    /// What the catalog has of the registries' images that definitions name.
    pub(super) known: &'a KnownImages,
}

/// All that an image's release needs to know of the others.
struct Context<'a> {
    given: &'a Given<'a>,
    /// The releases of images by partition and file.
    bases: HashMap<(Option<&'a str>, &'a str), CatalogRef>,
    /// Where each ware is.
    mirrors: BTreeMap<WareId, Vec<WarehouseAddr>>,
}

/// The modules of all images, sorted by name.
pub(super) fn modules(
    options: &Options,
    names: &Names,
    images: &[&ImageFile],
    given: &Given<'_>,
    told: &mut Diagnostics,
) -> Vec<ModuleProposal> {
    let mut modules: BTreeMap<ModuleName, BTreeMap<String, (ReleaseName, Items<'_>)>> = BTreeMap::new();
    for image in images {
        let Some(module) = names.module(image.partition.as_deref(), &image.name.name) else {
            told.refused(&image.path, "", "its name is too long");
            continue;
        };
        let release: ReleaseName = match image.name.release.parse() {
            Ok(release) => release,
            Err(error) => {
                told.refused(&image.path, "", format!("its version cannot be a release: {error}"));
                continue;
            }
        };
        let releases = modules.entry(module).or_default();
        let (kept, items) = releases.entry(folded(release.as_str())).or_insert_with(|| (release.clone(), Items::new()));
        place(image, &release, kept, items, told);
    }
    let context = Context { given, bases: bases(&modules), mirrors: mirrors(options, images, told) };
    modules.iter().map(|(name, releases)| context.module(name, releases, told)).collect()
}

/// Puts an image among the items of its release, unless another stands there.
fn place<'i>(
    image: &'i ImageFile,
    release: &ReleaseName,
    kept: &ReleaseName,
    items: &mut Items<'i>,
    told: &mut Diagnostics,
) {
    if release != kept {
        let message = format!("the release {} is the same where case is ignored, and is taken", quoted(kept.as_str()));
        return told.refused(&image.path, "", message);
    }
    let label = image.item().as_str().to_owned();
    match items.get(&label) {
        None => drop(items.insert(label, image)),
        Some(other) if other.digest == image.digest => {}
        Some(other) => {
            let message = format!(
                "`{}` is the item `{label}` of the release `{release}` with other bytes, and is taken",
                other.path
            );
            told.refused(&image.path, "", message);
        }
    }
}

fn bases<'a>(
    modules: &BTreeMap<ModuleName, BTreeMap<String, (ReleaseName, Items<'a>)>>,
) -> HashMap<(Option<&'a str>, &'a str), CatalogRef> {
    let mut found = HashMap::new();
    for (module, releases) in modules {
        for (release, items) in releases.values() {
            for image in items.values() {
                let reference = CatalogRef { module: module.clone(), release: release.clone(), item: image.item() };
                found.insert((image.partition.as_deref(), image.file()), reference);
            }
        }
    }
    found
}

/// Where each ware is: a copy is one ware in two places.
fn mirrors(options: &Options, images: &[&ImageFile], told: &mut Diagnostics) -> BTreeMap<WareId, Vec<WarehouseAddr>> {
    let mut found: BTreeMap<WareId, Vec<WarehouseAddr>> = BTreeMap::new();
    let Some(root) = &options.mirror_root else { return found };
    for image in images {
        match format!("{}/{}", root.trim_end_matches('/'), encoded(&image.path)).parse::<WarehouseAddr>() {
            Ok(address) => found.entry(image.ware()).or_default().push(address),
            Err(error) => told.odd(&image.path, "", format!("it has no mirror: {error}")),
        }
    }
    found
}

/// A path as it stands in a URL (RFC 3986, section 2.3).
pub(super) fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'+' | b'@' | b',' | b'=' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

impl Context<'_> {
    fn module(
        &self,
        name: &ModuleName,
        releases: &BTreeMap<String, (ReleaseName, Items<'_>)>,
        told: &mut Diagnostics,
    ) -> ModuleProposal {
        let mut newest: Vec<&(ReleaseName, Items<'_>)> = releases.values().collect();
        newest.sort_by(|a, b| order::newest_first(a.0.as_str(), b.0.as_str()));
        let mut facts = Metadata::new();
        // What the newest release says goes before what older ones do.
        for image in newest.iter().flat_map(|(_, items)| items.values()) {
            for (key, value) in describe::module(image, self.given.sidecars.get(&image.path)) {
                facts.entry(key).or_insert(value);
            }
        }
        let spelling = newest.iter().flat_map(|(_, items)| items.values()).map(|image| &image.name.name).next();
        if let Some(spelling) = spelling.filter(|spelling| *spelling != name.last_segment()) {
            facts.insert(metadata::NAME.to_owned(), spelling.clone());
        }
        let mut proposals: Vec<ReleaseProposal> = Vec::new();
        let mut wares = BTreeSet::new();
        for (release, items) in releases.values() {
            wares.extend(items.values().map(|image| image.ware()));
            proposals.push(self.release(release, items, told));
        }
        let mirrors = wares.into_iter().filter_map(|ware| Some((ware.clone(), self.mirrors.get(&ware)?.clone())));
        ModuleProposal {
            name: name.clone(),
            kind: KIND,
            metadata: facts,
            record: None,
            releases: proposals,
            mirrors: mirrors.collect(),
            warehouses: Vec::new(),
        }
    }

    fn release(&self, name: &ReleaseName, items: &Items<'_>, told: &mut Diagnostics) -> ReleaseProposal {
        let images: Vec<&ImageFile> = items.values().copied().collect();
        let mut facts = describe::release(&images);
        let replay = images
            .first()
            .and_then(|image| replay::plot(&image.facts.attributes.deffile, |stage, _is_last| self.base(image, stage)));
        if replay.is_some() {
            facts.insert(metadata::REPLAY_ORIGIN.to_owned(), DERIVED.to_owned());
        }
        for image in &images {
            let problem = replay::problem(&image.facts.attributes.deffile);
            problem.into_iter().for_each(|problem| told.odd(&image.path, "", problem));
        }
        let parts = images.iter().map(|image| {
            let nodes =
                image.partition.as_ref().and_then(|p| self.given.nodes.get(&(p.clone(), image.stem().to_owned())));
            (image.item(), record::part(image, self.given.sidecars.get(&image.path), nodes, told))
        });
        let record = Some(record::capsule(parts.collect()));
        let items = images.iter().map(|image| (image.item(), image.ware())).collect();
        let (builds, stand_in) = (Vec::new(), None);
        ReleaseProposal { name: name.clone(), items, metadata: facts, replay, record, builds, stand_in }
    }

    /// What a stage of an image's definition is built from, where the catalog has that.
    fn base(&self, image: &ImageFile, stage: &Stage) -> Option<Base> {
        let (agent, from) = stage.base();
        if agent.is_some_and(|agent| agent.eq_ignore_ascii_case("localimage")) {
            return Some(Base::File(from?.to_owned(), self.beside(image, from?)?));
        }
        let items = self.given.known.get(&RegistryImage::of_stage(stage)?)?;
        base::fitting(items, &image.item()).cloned().map(Base::Fetched)
    }

    /// The release of the image that a definition calls by this path: in the partition that
    /// the path names, else in the image's own.
    fn beside(&self, image: &ImageFile, from: &str) -> Option<CatalogRef> {
        let mut parts = from.rsplit('/');
        let (file, folder) = (parts.next()?, parts.next());
        let own = image.partition.as_deref();
        let found = match folder.filter(|folder| !matches!(*folder, "" | "." | "..")) {
            Some(folder) if own.is_some() => self.bases.get(&(Some(folder), file)),
            _ => self.bases.get(&(own, file)),
        };
        found.filter(|_| file != image.file()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_path_is_written_as_urls_are() {
        assert_eq!(encoded("images/a b/ü%?#_1.0+x.sif"), "images/a%20b/%C3%BC%25%3F%23_1.0+x.sif");
    }
}
