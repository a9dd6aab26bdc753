//! An image in a folder: its place, its name, its content, what it says.

use super::name::{ENDING, ImageName};
use crate::import::image::{SifFacts, sif_item, sif_ware};
use crate::import::sif::Architecture;
use crate::model::{Digest, ItemLabel, WareId};

/// An image that was found whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ImageFile {
    /// Its path below the root, parts joined by `/`.
    pub(super) path: String,
    /// The folder that it lies in, where folders are partitions.
    pub(super) partition: Option<String>,
    pub(super) name: ImageName,
    /// In bytes.
    pub(super) size: u64,
    pub(super) digest: Digest,
    pub(super) facts: SifFacts,
}

impl ImageFile {
    /// The name of its file.
    pub(super) fn file(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The name of its file, without `.sif`.
    pub(super) fn stem(&self) -> &str {
        self.file().strip_suffix(ENDING).unwrap_or_default()
    }

    /// Partition and file.
    pub(super) fn place(&self) -> String {
        self.partition.as_ref().map_or_else(|| self.file().to_owned(), |folder| format!("{folder}/{}", self.file()))
    }

    pub(super) fn ware(&self) -> WareId {
        sif_ware(&self.digest)
    }

    /// The architecture that the image says, else the one in its file's name.
    pub(super) fn architecture(&self) -> Option<Architecture> {
        self.facts.architecture.or(self.name.architecture)
    }

    /// `linux-<architecture>`.
    pub(super) fn item(&self) -> ItemLabel {
        sif_item(self.architecture())
    }

    /// What its name and its labels say of one thing and otherwise: in words.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        if let (Some(named), Some(said)) = (self.name.architecture, self.facts.architecture)
            && named != said
        {
            found.push(format!("its name says the architecture `{named}`, but the image `{said}`"));
        }
        if let Some(label) = self.facts.version()
            && !agree(&self.name.release, label)
        {
            let (release, label) = (&self.name.release, crate::import::report::quoted(label));
            found.push(format!("its name says the version `{release}`, but its label {label}"));
        }
        found
    }
}

/// Whether two spellings can be of one version: a moving tag, or one says more than the
/// other.
fn agree(release: &str, label: &str) -> bool {
    let plain = |text: &str| text.trim_start_matches(['v', 'V']).to_ascii_lowercase();
    let (release, label) = (plain(release), plain(label));
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_', '+']))
    };
    let is_moving = !release.starts_with(|c: char| c.is_ascii_digit());
    is_moving || begins(&release, &label) || begins(&label, &release)
}

#[cfg(test)]
mod tests {
    use super::agree;

    #[test]
    fn versions_agree_when_one_says_more_than_the_other() {
        for (release, label) in
            [("2.1.2-cuda12.1", "2.1.2"), ("3.11", "3.11.5"), ("v2312", "v2312"), ("v1", "1"), ("latest", "7")]
        {
            assert!(agree(release, label), "{release} {label}");
        }
        for (release, label) in [("2.1", "2.10"), ("2024.4", "22.04"), ("5.11.2", "5.11.1")] {
            assert!(!agree(release, label), "{release} {label}");
        }
    }
}
