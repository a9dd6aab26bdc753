//! What a page is about, for search engines: JSON-LD in the words of schema.org.
//!
//! Only what the catalog says: what is not known is left out, and nothing is rated. The
//! text is plain JSON; a template writes it through `data_block` (see `safe.rs`).

mod home;
mod software;

pub(super) use home::home;
pub(super) use software::{licence_id, software};

/// The vocabulary of all types here.
const CONTEXT: &str = "https://schema.org";

/// The text of a value.
fn text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain values always have a text")
}
