//! The templates: embedded in the binary, all replaceable by those of a folder.

use std::fs;
use std::path::Path;

use super::error::SiteError;

/// Every template and asset, by file name, as the binary holds it.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("404.html", include_str!("../../templates/404.html")),
    ("about.html", include_str!("../../templates/about.html")),
    ("base.html", include_str!("../../templates/base.html")),
    ("browse.html", include_str!("../../templates/browse.html")),
    ("changes.html", include_str!("../../templates/changes.html")),
    ("choose.css", include_str!("../../templates/choose.css")),
    ("choose.html", include_str!("../../templates/choose.html")),
    ("choose.js", include_str!("../../templates/choose.js")),
    ("cid.html", include_str!("../../templates/cid.html")),
    ("commit.html", include_str!("../../templates/commit.html")),
    ("compare.html", include_str!("../../templates/compare.html")),
    ("components.html", include_str!("../../templates/components.html")),
    ("contents.html", include_str!("../../templates/contents.html")),
    ("graph.css", include_str!("../../templates/graph.css")),
    ("graph.html", include_str!("../../templates/graph.html")),
    ("home.html", include_str!("../../templates/home.html")),
    ("icon.svg", include_str!("../../templates/icon.svg")),
    ("listing.html", include_str!("../../templates/listing.html")),
    ("module.html", include_str!("../../templates/module.html")),
    ("needed-by.html", include_str!("../../templates/needed-by.html")),
    ("recent.html", include_str!("../../templates/recent.html")),
    ("recipe.html", include_str!("../../templates/recipe.html")),
    ("release-page.html", include_str!("../../templates/release-page.html")),
    ("release.html", include_str!("../../templates/release.html")),
    ("replay.html", include_str!("../../templates/replay.html")),
    ("robots.txt", include_str!("../../templates/robots.txt")),
    ("search.css", include_str!("../../templates/search.css")),
    ("search.html", include_str!("../../templates/search.html")),
    ("search.js", include_str!("../../templates/search.js")),
    ("site.css", include_str!("../../templates/site.css")),
    ("site.js", include_str!("../../templates/site.js")),
    ("sitemap-index.xml", include_str!("../../templates/sitemap-index.xml")),
    ("sitemap.xml", include_str!("../../templates/sitemap.xml")),
    ("social.html", include_str!("../../templates/social.html")),
    ("source.html", include_str!("../../templates/source.html")),
    ("spec.html", include_str!("../../templates/spec.html")),
    ("theme.js", include_str!("../../templates/theme.js")),
    ("trust.html", include_str!("../../templates/trust.html")),
    ("use.css", include_str!("../../templates/use.css")),
    ("use.html", include_str!("../../templates/use.html")),
    ("use.js", include_str!("../../templates/use.js")),
    ("verify.html", include_str!("../../templates/verify.html")),
    ("version-table.html", include_str!("../../templates/version-table.html")),
];

/// The one style sheet of all pages: the `.css` files, in the order of [`TEMPLATES`].
pub(super) const STYLE: &str = "_assets/site.css";
/// The one script of all pages: the `.js` files, in the order of [`TEMPLATES`].
pub(super) const SCRIPT: &str = "_assets/site.js";

/// What sets the theme: of its own, since it runs before anything is painted.
pub(super) const THEME: &str = "_assets/theme.js";
/// Its file among the templates.
pub(super) const THEME_FILE: &str = "theme.js";

/// A template's name and text.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// The file's name.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
}

/// The built-in templates, or those of a folder: it must have every one of
/// [`TEMPLATES`], and may have more of the same kinds.
pub(super) fn load(folder: Option<&Path>) -> Result<Vec<Template>, SiteError> {
    let Some(folder) = folder else {
        return Ok(TEMPLATES
            .iter()
            .map(|(name, text)| Template { name: (*name).into(), text: (*text).into() })
            .collect());
    };
    let mut found = Vec::new();
    for (name, _) in TEMPLATES {
        found.push(read(folder, name)?);
    }
    for name in further(folder)? {
        found.push(read(folder, &name)?);
    }
    Ok(found)
}

/// The files of a kind, one after the other, without indentation, empty lines, and lines
/// that are a comment whole (`// …`, `/* … */`): what people read and browsers need not.
/// In style sheets, also without the spaces after and before punctuation. Files called
/// `site` come first: the others build on them.
pub(super) fn joined(templates: &[Template], kind: &str) -> String {
    let is_wanted = |template: &&Template| template.name.ends_with(kind) && template.name != THEME_FILE;
    let mut files: Vec<_> = templates.iter().filter(is_wanted).collect();
    files.sort_by_key(|template| !template.name.starts_with("site."));
    let lines = files.into_iter().flat_map(|template| template.text.lines()).map(str::trim);
    let is_comment = |line: &&str| line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
    let joined: String =
        lines.filter(|line| !line.is_empty() && !is_comment(line)).flat_map(|line| [line, "\n"]).collect();
    if kind == ".css" { tight(&joined) } else { joined }
}

/// A style sheet without the spaces and line ends that only people need. Texts in double
/// quotes stay as they are.
fn tight(css: &str) -> String {
    const SPACED: &[(&str, &str)] = &[
        ("\n", " "),
        (" {", "{"),
        ("{ ", "{"),
        ("; ", ";"),
        (": ", ":"),
        (", ", ","),
        (";}", "}"),
        ("; }", "}"),
        (" }", "}"),
        ("} ", "}"),
        (" > ", ">"),
    ];
    let squeezed = |text: &str| SPACED.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let parts = css.split('"').enumerate();
    let parts: Vec<String> =
        parts.map(|(at, part)| if at % 2 == 0 { squeezed(part) } else { part.to_owned() }).collect();
    parts.join("\"")
}

fn read(folder: &Path, name: &str) -> Result<Template, SiteError> {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).map_err(|error| SiteError::Template {
        file: path.display().to_string(),
        line: 0,
        message: error.to_string(),
    })?;
    Ok(Template { name: name.to_owned(), text })
}

/// Pages and parts of pages that the built-in set does not have.
fn further(folder: &Path) -> Result<Vec<String>, SiteError> {
    let io = |source| SiteError::Io { what: "read the folder", path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let Ok(name) = entry.map_err(io)?.file_name().into_string() else { continue };
        if name.ends_with(".html") && !TEMPLATES.iter().any(|(known, _)| *known == name) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
