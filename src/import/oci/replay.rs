//! Replays of images, derived from what they are said to be built from.
//!
//! A SIF image holds its definition, and has the replay that
//! [`crate::import::image::replay`] makes of that. Another image names its base by
//! `org.opencontainers.image.base.digest`: that is its replay's input, when the catalog has
//! it. What was done to the base is not published in a form that could be run again, so the
//! one step prints its formula and nothing else. Both are marked `derived`. A base that the
//! catalog has not is named in the record only, and no reference is made up.

use std::collections::{BTreeMap, BTreeSet};

use super::describe;
use super::found::{Content, ImageFound, TagFound};
use crate::import::image::base::{self, KnownImages, RegistryImage};
use crate::import::image::definition::Definition;
use crate::import::image::replay::{self, Base};
use crate::model::{
    Action, CatalogRef, Digest, EchoAction, GatherDirective, ItemLabel, Map, Pipe, Plot, PlotInput, PlotInputSimple,
    PlotOutput, Protoformula, SandboxPort, Step, WareId,
};

const BASE: &str = "base";
const STEP: &str = "build";
const OUTPUT: &str = "image";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";
const BASE_NAME: &str = "org.opencontainers.image.base.name";

/// The items that images can be built from.
pub(super) struct Bases<'k> {
    /// Those that are imported, by the digests of manifests and indexes.
    by_digest: BTreeMap<Digest, Vec<CatalogRef>>,
    /// The same, by host, repository and tag.
    by_tag: BTreeMap<(String, String, String), Vec<CatalogRef>>,
    /// Others that the catalog has.
    known: &'k KnownImages,
}

/// Where an item is found in its registry.
pub(super) struct At<'a> {
    pub(super) host: &'a str,
    pub(super) repository: &'a str,
    pub(super) tag: &'a str,
    pub(super) digests: BTreeSet<Digest>,
}

impl<'k> Bases<'k> {
    /// Nothing but what the catalog has.
    pub(super) fn new(known: &'k KnownImages) -> Self {
        Self { by_digest: BTreeMap::new(), by_tag: BTreeMap::new(), known }
    }

    /// Adds an item that is imported.
    pub(super) fn add(&mut self, at: At<'_>, item: &CatalogRef) {
        let name = (at.host.to_owned(), at.repository.to_owned(), at.tag.to_owned());
        self.by_tag.entry(name).or_default().push(item.clone());
        for digest in at.digests {
            self.by_digest.entry(digest).or_default().push(item.clone());
        }
    }

    /// The item with this digest that an image with this label can be built from.
    fn with_digest(&self, digest: &Digest, label: &ItemLabel) -> Option<&CatalogRef> {
        base::fitting(self.by_digest.get(digest)?, label)
    }

    /// The item that is called so. One that is named by its digest is that or none: its tag
    /// may have moved.
    fn named(&self, image: &RegistryImage, label: &ItemLabel) -> Option<&CatalogRef> {
        let imported = match (image.digest(), image.tag()) {
            (Some(digest), _) => self.by_digest.get(digest),
            (None, Some(tag)) => {
                let name = (image.host().to_string(), image.name().to_owned(), tag.as_str().to_owned());
                self.by_tag.get(&name)
            }
            (None, None) => None,
        };
        base::fitting(imported.or_else(|| self.known.get(image))?, label)
    }
}

/// The base that an image's labels and annotations say.
fn said(tag: &TagFound, image: &ImageFound) -> Option<(Digest, Option<RegistryImage>)> {
    let said = describe::said(tag, image);
    let digest: Digest = said.first(&[BASE_DIGEST])?.parse().ok()?;
    let name = said.first(&[BASE_NAME]).and_then(RegistryImage::parse);
    Some((digest, name.map(|name| name.at(digest))))
}

/// The images of registries that an image is built from, as it says.
pub(super) fn bases(tag: &TagFound, image: &ImageFound) -> Vec<RegistryImage> {
    let mut found: Vec<RegistryImage> = said(tag, image).and_then(|(_, name)| name).into_iter().collect();
    if let Content::Sif { facts, .. } = &image.content {
        let stages = Definition::parse(&facts.attributes.deffile).stages;
        found.extend(stages.iter().filter_map(RegistryImage::of_stage));
    }
    found
}

/// The replay of an item.
pub(super) fn plot(
    tag: &TagFound,
    image: &ImageFound,
    label: &ItemLabel,
    ware: &WareId,
    bases: &Bases<'_>,
) -> Option<Plot> {
    let by_label = || {
        let (digest, name) = said(tag, image)?;
        bases.with_digest(&digest, label).or_else(|| bases.named(&name?, label)).cloned()
    };
    match &image.content {
        Content::Sif { facts, .. } => replay::plot(&facts.attributes.deffile, |stage, is_last| {
            let image = RegistryImage::of_stage(stage)?;
            // The label says it exactly, and of the stage that became the image.
            let exact = if is_last { by_label() } else { None };
            exact.or_else(|| bases.named(&image, label).cloned()).map(Base::Fetched)
        }),
        Content::Image { .. } | Content::Artifact(_) => Some(echo(by_label()?, ware)),
    }
}

/// The plot of an image of which no more is known than its base.
fn echo(base: CatalogRef, ware: &WareId) -> Plot {
    let input = Pipe { step: String::new(), label: BASE.to_owned() };
    let gather = GatherDirective {
        from: SandboxPort::Path(OUTPUT.to_owned()),
        packtype: ware.packtype().parse().ok(),
        filters: None,
    };
    let step = Protoformula {
        inputs: Map::from_iter([(SandboxPort::Path(BASE.to_owned()), PlotInput::Simple(PlotInputSimple::Pipe(input)))]),
        action: Action::Echo(EchoAction {}),
        outputs: Map::from_iter([(OUTPUT.to_owned(), gather)]),
    };
    let output = PlotOutput(Pipe { step: STEP.to_owned(), label: OUTPUT.to_owned() });
    Plot {
        inputs: Map::from_iter([(BASE.to_owned(), PlotInput::Simple(PlotInputSimple::Catalog(base)))]),
        steps: Map::from_iter([(STEP.to_owned(), Step::Protoformula(step))]),
        outputs: Map::from_iter([(OUTPUT.to_owned(), output)]),
    }
}
