//! Whether a catalog has what jobs ask for: images, environment modules, items.
//!
//! Invariants: everything is read as the rest of the catalog is, verified; a reference
//! that only the running job knows is neither right nor wrong; nothing outside the
//! catalog is looked at, so an image that is there and not imported is missing.

mod answer;
mod facts;
mod image;
mod images;
mod item;
mod module;

pub use answer::{Answer, ImageFound, Problem, Verdict};

use self::images::Image;
use super::error::CatalogError;
use super::open::Catalog;
use crate::model::{Demand, Job, JobPlace, ModuleName, Wanted};

/// The partition whose images serve every partition.
pub const SHARED: &str = "shared";

/// What is known beyond the jobs' own texts.
#[derive(Debug, Clone, Default)]
pub struct AnswerOptions {
    /// Below which name images are looked for; anywhere otherwise.
    pub within: Option<ModuleName>,
    /// Where the jobs run: what is said here goes before what they say.
    pub place: JobPlace,
}

impl Catalog {
    /// Answers every demand of every job, in their order.
    ///
    /// # Errors
    /// What reading the catalog can meet; that something is not there is an answer.
    pub fn answer(&self, jobs: &[Job], options: &AnswerOptions) -> Result<Vec<Vec<Answer>>, CatalogError> {
        let demands = || jobs.iter().flat_map(|job| &job.demands);
        let needs_images = demands().any(|demand| matches!(demand.wanted, Wanted::Image(_)));
        let needs_names = demands().any(|demand| matches!(demand.wanted, Wanted::Module(_)));
        let images = if needs_images { images::all(self, options.within.as_ref())? } else { Vec::new() };
        let names = if needs_names { self.module_names()? } else { Vec::new() };
        let known = Known { catalog: self, images: &images, names: &names };
        let answers = |job: &Job| {
            let place = merged(&job.place, &options.place);
            job.demands.iter().map(|demand| known.answer(demand, &place)).collect()
        };
        jobs.iter().map(answers).collect()
    }
}

/// What is looked at for all demands alike.
struct Known<'c> {
    catalog: &'c Catalog,
    images: &'c [Image],
    names: &'c [ModuleName],
}

impl Known<'_> {
    fn answer(&self, demand: &Demand, place: &JobPlace) -> Result<Answer, CatalogError> {
        match &demand.wanted {
            Wanted::Image(wanted) => Ok(image::answer(self.images, wanted, place)),
            Wanted::Module(name) => module::answer(self.catalog, self.names, name, place),
            Wanted::Item(reference) => item::answer(self.catalog, reference, place),
            Wanted::Unknown { reason, .. } => Ok(Answer::unknown(reason)),
        }
    }
}

fn merged(said: &JobPlace, given: &JobPlace) -> JobPlace {
    let partitions = if given.partitions.is_empty() { &said.partitions } else { &given.partitions };
    JobPlace { partitions: partitions.clone(), architecture: given.architecture.or(said.architecture) }
}
