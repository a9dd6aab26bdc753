//! Which of upstream's addresses are mirrors.
//!
//! A mirror is an address that others can use: of the web, of FTP or of git. Upstream also
//! publishes paths of the machine that made the file and texts without a scheme; these
//! stay in the record.

use super::notes::Notes;
use crate::import::redact::without_secrets;
use crate::import::report::quoted;
use crate::model::WarehouseAddr;

const SCHEMES: &[&str] = &["https", "http", "ftp", "git", "ssh"];

/// Reads a package's addresses, and tells once how many of them are no mirrors.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    refused: Vec<String>,
}

impl Addresses {
    /// The mirrors among these texts, each once, in their order.
    pub(super) fn read<'v>(&mut self, texts: impl IntoIterator<Item = &'v str>) -> Vec<WarehouseAddr> {
        let mut found: Vec<WarehouseAddr> = Vec::new();
        for text in texts {
            match parse(text) {
                Some(address) if !found.contains(&address) => found.push(address),
                Some(_) => {}
                None => self.refused.push(text.to_owned()),
            }
        }
        found
    }

    /// Tells what was no mirror.
    pub(super) fn tell(mut self, notes: &mut Notes<'_>) {
        self.refused.sort_unstable();
        self.refused.dedup();
        let Some(first) = self.refused.first() else { return };
        let first = quoted(&without_secrets(first));
        let others = match self.refused.len() {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        notes.odd("", format!("{first}{others} is no address that others can use; only the record has it"));
    }
}

fn parse(text: &str) -> Option<WarehouseAddr> {
    let (scheme, rest) = text.split_once("://")?;
    let is_usable = SCHEMES.contains(&scheme)
        && rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains(char::is_whitespace)
        && without_secrets(text) == text;
    is_usable.then(|| text.parse().ok())?
}

/// Whether a text names a git repository, as far as it can be told from it.
pub(super) fn is_repository(text: &str) -> bool {
    text.ends_with(".git") || text.starts_with("git://") || text.starts_with("ssh://")
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn t18_only_addresses_that_others_can_use_are_mirrors() {
        for good in ["https://a.io/x.tar.gz", "ftp://a.io/x", "git://a.io/x.git", "ssh://git@a.io/x.git"] {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "x",
            "/home/ci/x.tar.gz",
            "file:///home/ci/x.tar.gz",
            "www.a.io/x",
            "git@a.io:x/y.git",
            "https:///x",
            "https://a.io/ x",
            "javascript:alert(1)",
            "-https://a.io/",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn t33_an_address_with_a_secret_is_no_mirror() {
        assert!(parse("https://me:pw@a.io/").is_none() && parse("https://a.io/?token=1").is_none());
    }
}
