//! What a file of the API holds: software, or extensions of one kind.

use std::fmt;
use std::str::FromStr;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Software, each version an environment module.
    Software,
    /// Extensions of one kind, within software.
    Extension(ExtensionKind),
}

impl FileKind {
    /// What a file of this name holds, by the names that EESSI gives its files:
    /// `eessi_api_metadata_software.json`, `eessi_api_metadata_ext-python.json`, or
    /// with another text before the last `_`.
    ///
    /// ```
    /// use warecat::import::eessi::FileKind;
    /// let name = "data/eessi_api_metadata-riscv_software.json";
    /// assert_eq!(FileKind::of_name(name), Some(FileKind::Software));
    /// assert_eq!(FileKind::of_name("hashes.json"), None);
    /// ```
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next()?;
        let stem = name.split_once(".json").map_or(name, |(stem, _)| stem);
        let last = stem.rsplit_once('_').map_or(stem, |(_, last)| last);
        match last.strip_prefix("ext-") {
            Some(kind) => kind.parse().ok().map(Self::Extension),
            None => (last == "software").then_some(Self::Software),
        }
    }
}

/// A kind of extension: `python`, `r`, `perl`, `ruby`, `octave`, `component`, or another
/// word of lower-case letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtensionKind(String);

/// A text is not a kind of extension.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a kind of extension is a word of lower-case letters, digits and `-`, such as `python`")]
pub struct KindError;

impl FromStr for ExtensionKind {
    type Err = KindError;
    fn from_str(text: &str) -> Result<Self, KindError> {
        let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_word = text.len() <= 32
            && text.bytes().all(letter)
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && format!("a/{text}").parse::<crate::model::ModuleName>().is_ok();
        if is_word { Ok(Self(text.to_owned())) } else { Err(KindError) }
    }
}

impl ExtensionKind {
    /// The kind as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it counts as in a report.
    pub(super) fn label(&self) -> &'static str {
        const KNOWN: [&str; 6] = ["python", "r", "perl", "ruby", "octave", "component"];
        KNOWN.into_iter().find(|known| *known == self.0).unwrap_or("extension")
    }
}

impl fmt::Display for ExtensionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::FileKind;

    #[test]
    fn kinds_are_told_by_name() {
        let kind = |name| FileKind::of_name(name);
        assert_eq!(kind("eessi_api_metadata_ext-r.json"), Some(FileKind::Extension("r".parse().unwrap())));
        assert_eq!(kind("x_ext-julia.json.zst"), Some(FileKind::Extension("julia".parse().unwrap())));
        for unknown in ["x.json", "x_ext-.json", "x_ext-../y.json", "ext-R.json", "x_ext-nul.json", ""] {
            assert_eq!(kind(unknown), None, "{unknown}");
        }
    }
}
