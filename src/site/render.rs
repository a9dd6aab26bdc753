//! Page data and a template to a page's bytes.
//!
//! Every template escapes, whatever its name; see [`super::safe`]. What all pages share
//! is in the variable `site`, a page's own data in `page`.

use std::path::Path;

use serde::Serialize;
use tera::{Context, ErrorKind, Kwargs, State, StringInput, Tera, Value};

use super::error::SiteError;
use super::safe;
use super::templates::Template;

/// Templates, compiled.
pub(super) struct Renderer {
    tera: Tera,
    folder: String,
}

impl Renderer {
    /// Compiles templates.
    pub(super) fn new(templates: &[Template], folder: Option<&Path>) -> Result<Self, SiteError> {
        let folder = folder.map(|path| format!("{}/", path.display())).unwrap_or_default();
        let mut tera = Tera::new();
        tera.autoescape_on([""]);
        tera.set_escape_fn(safe::escape);
        // The one way past `escape`, with an escaping of its own; `safe.rs` says why.
        tera.register_filter("data_block", |json: StringInput<'_>, _: Kwargs, _: &State<'_>| {
            Value::safe_string(&safe::escape_json(json.as_str()))
        });
        let is_template = |t: &&Template| ![".css", ".js", ".svg"].iter().any(|kind| t.name.ends_with(kind));
        tera.add_raw_templates(templates.iter().filter(is_template).map(|t| (t.name.as_str(), t.text.as_str())))
            .map_err(|error| fault(&folder, "templates", &error))?;
        Ok(Self { tera, folder })
    }

    /// The same templates with what every page shows.
    pub(super) fn with<S: Serialize>(&self, site: &S) -> Result<Self, SiteError> {
        let wrong = |error: tera::Error| fault(&self.folder, "templates", &error);
        let mut tera = self.tera.clone();
        tera.global_context().insert_value("site", Value::try_from_serializable(site).map_err(wrong)?);
        Ok(Self { tera, folder: self.folder.clone() })
    }

    /// Renders one page.
    pub(super) fn render<P: Serialize>(&self, template: &str, page: &P) -> Result<Vec<u8>, SiteError> {
        let mut bytes = Vec::with_capacity(16 * 1024);
        self.render_to(template, page, &mut bytes)?;
        Ok(bytes)
    }

    /// The same in place of what `bytes` held.
    pub(super) fn render_to<P: Serialize>(
        &self,
        template: &str,
        page: &P,
        bytes: &mut Vec<u8>,
    ) -> Result<(), SiteError> {
        let wrong = |error: tera::Error| fault(&self.folder, template, &error);
        let mut context = Context::new();
        context.insert_value("page", Value::try_from_serializable(page).map_err(wrong)?);
        bytes.clear();
        self.tera.render_to(template, &context, bytes).map_err(wrong)
    }
}

fn fault(folder: &str, template: &str, error: &tera::Error) -> SiteError {
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => SiteError::Template {
            file: format!("{folder}{}", report.filename()),
            line: report.span().start_line,
            message: report.message().to_owned(),
        },
        kind => {
            let text = kind.to_string();
            let (place, message) = reported(&text).unwrap_or(((template, 0), &text));
            SiteError::Template { file: format!("{folder}{}", place.0), line: place.1, message: message.to_owned() }
        }
    }
}

/// The place and the message of the first of tera's written reports: `error: …`, then
/// `--> file:line:column`. Faults that it finds when all templates are there come so.
fn reported(text: &str) -> Option<((&str, usize), &str)> {
    let (message, rest) = text.split_once("--> ")?;
    let mut place = rest.lines().next()?.rsplitn(3, ':');
    let _column = place.next()?;
    let line = place.next()?.parse().ok()?;
    let message = message.trim();
    Some(((place.next()?, line), message.strip_prefix("error: ").unwrap_or(message)))
}
