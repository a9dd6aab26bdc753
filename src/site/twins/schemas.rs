//! The JSON Schemas of the twins, which the site holds below `_schema/`.

use super::super::links::Place;

/// Each shape with its schema.
pub(in super::super) const SCHEMAS: &[(&str, &str)] = &[
    ("about", include_str!("../../../schema/site/about.schema.json")),
    ("catalog", include_str!("../../../schema/site/catalog.schema.json")),
    ("changes", include_str!("../../../schema/site/changes.schema.json")),
    ("commit", include_str!("../../../schema/site/commit.schema.json")),
    ("facet", include_str!("../../../schema/site/facet.schema.json")),
    ("home", include_str!("../../../schema/site/home.schema.json")),
    ("line", include_str!("../../../schema/site/line.schema.json")),
    ("list", include_str!("../../../schema/site/list.schema.json")),
    ("module", include_str!("../../../schema/site/module.schema.json")),
    ("replay", include_str!("../../../schema/site/replay.schema.json")),
    ("search", include_str!("../../../schema/site/search.schema.json")),
    ("source", include_str!("../../../schema/site/source.schema.json")),
    ("verify", include_str!("../../../schema/site/verify.schema.json")),
];

/// Where the schema of a shape lies.
pub(in super::super) fn schema_place(shape: &str) -> Place {
    Place::ours(&format!("_schema/{shape}.json"))
}
