//! Whether a `catalog:` reference leads to an item.

use super::answer::{Answer, Problem, Verdict};
use crate::catalog::error::CatalogError;
use crate::catalog::open::Catalog;
use crate::catalog::resolve::Query;
use crate::code::Exit;
use crate::model::{Architecture, JobPlace};

pub(super) fn answer(catalog: &Catalog, reference: &str, place: &JobPlace) -> Result<Answer, CatalogError> {
    let found = match Query::parse(reference).and_then(|query| catalog.resolve(&query)) {
        Ok(found) => found,
        Err(error) => return failed(error),
    };
    let name = found.reference.to_string();
    let base = match (Architecture::of_label(found.reference.item.as_str()), place.architecture) {
        (Some(has), Some(needs)) if has != needs => {
            let message = format!("`{name}` is for {has}, and the job needs {needs}");
            Answer::new(Verdict::Fails(Problem::WrongArchitecture), message)
        }
        _ => Answer::new(Verdict::Resolves, format!("`{name}` is in the catalog")),
    };
    Ok(Answer { reference: Some(name), yanked: found.yanked, ..base })
}

/// That it is not there, or cannot be there, is an answer; that the catalog cannot be
/// read is an error.
fn failed(error: CatalogError) -> Result<Answer, CatalogError> {
    if !matches!(error.code().exit(), Exit::NotFound | Exit::Usage) {
        return Err(error);
    }
    let base = Answer::new(Verdict::Fails(Problem::ReferenceMissing), error.to_string());
    let near = match error {
        CatalogError::NotFound { near, .. } => near,
        _ => Vec::new(),
    };
    Ok(Answer { near, ..base })
}
