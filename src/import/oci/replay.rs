//! Replays: what an image was built on, as far as it says.
//!
//! An image that names its base by digest (`org.opencontainers.image.base.digest`) has a
//! replay with the base as its input, when that is among what is imported; it is marked
//! `derived`. What was done to the base is not published in a form that could be run again,
//! so the one step prints its formula and nothing else. A base that is not imported is named
//! in the record only, and no reference is made up.

use std::collections::BTreeMap;

use super::describe::Said;
use crate::model::{
    Action, CatalogRef, Digest, EchoAction, GatherDirective, ItemLabel, Map, Pipe, Plot, PlotInput, PlotInputSimple,
    PlotOutput, Protoformula, SandboxPort, Step, WareId,
};

const BASE: &str = "base";
const STEP: &str = "build";
const OUTPUT: &str = "image";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// The items of all releases, by the digests of manifests and indexes.
#[derive(Default)]
pub(super) struct Bases(BTreeMap<Digest, Vec<CatalogRef>>);

impl Bases {
    /// Adds an item of a release that a manifest or an index with this digest is named by.
    pub(super) fn add(&mut self, digest: Digest, item: CatalogRef) {
        self.0.entry(digest).or_default().push(item);
    }

    /// The base of an image with this label: an item of the same label, the first by name.
    fn find(&self, digest: &Digest, label: &ItemLabel) -> Option<&CatalogRef> {
        self.0.get(digest)?.iter().filter(|reference| reference.item == *label).min()
    }
}

/// The replay of an item, if its base is there.
pub(super) fn plot(said: &Said<'_>, label: &ItemLabel, ware: &WareId, bases: &Bases) -> Option<Plot> {
    let digest: Digest = said.first(&[BASE_DIGEST])?.parse().ok()?;
    let base = bases.find(&digest, label)?;
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
    Some(Plot {
        inputs: Map::from_iter([(BASE.to_owned(), PlotInput::Simple(PlotInputSimple::Catalog(base.clone())))]),
        steps: Map::from_iter([(STEP.to_owned(), Step::Protoformula(step))]),
        outputs: Map::from_iter([(OUTPUT.to_owned(), output)]),
    })
}
