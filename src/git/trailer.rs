//! Trailers: `Key: value` lines at the end of a commit's message.

use git2::message_trailers_strs;

/// The last value of the trailer `key`, whose case does not matter.
pub(super) fn find(message: &str, key: &str) -> Option<String> {
    let trailers = message_trailers_strs(message).ok()?;
    trailers
        .iter()
        .rfind(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value.to_owned())
}

/// Adds the trailer `key: value` to a message, into the block of trailers that it ends
/// with, or as a new one.
///
/// ```
/// let message = warecat::git::with_trailer("add bash", "Catalog-Root", "bafy");
/// assert_eq!(message, "add bash\n\nCatalog-Root: bafy\n");
/// ```
#[must_use]
pub fn with_trailer(message: &str, key: &str, value: &str) -> String {
    let message = message.trim_end();
    let has_block = message_trailers_strs(message).is_ok_and(|block| block.len() > 0);
    let gap = if has_block { "\n" } else { "\n\n" };
    format!("{message}{gap}{key}: {value}\n")
}

#[cfg(test)]
mod tests {
    use super::{find, with_trailer};

    #[test]
    fn a_trailer_that_was_added_is_found() {
        let once = with_trailer(
            "subject\n\nbody: not a trailer\nreally\n",
            "Catalog-Root",
            "a",
        );
        let twice = with_trailer(&once, "Signed-off-by", "N <n@example.org>");
        assert!(twice.ends_with("\n\nCatalog-Root: a\nSigned-off-by: N <n@example.org>\n"));
        assert_eq!(find(&twice, "catalog-root").as_deref(), Some("a"));
        assert_eq!(find("subject\n\nbody", "Catalog-Root"), None);
    }
}
