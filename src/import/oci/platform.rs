//! Which system and processor an image is for.

use crate::model::ItemLabel;

/// Longest word of a platform, in bytes.
const MAX_WORD: usize = 32;

/// Operating system, architecture and variant, in OCI's words (OCI image specification,
/// `config.md`, which takes them from Go).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// The platform of these words; nothing where one is none, or `unknown`, as builders
    /// write for what is no image.
    #[must_use]
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Option<Self> {
        let variant = variant.filter(|variant| !variant.is_empty());
        let all_plain = [os, architecture].into_iter().chain(variant).all(is_word);
        (all_plain && os != "unknown" && architecture != "unknown").then(|| Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        })
    }

    /// The item's label, `<os>-<architecture>` and the variant behind that; nothing where a
    /// system could not hold a file of that name.
    #[must_use]
    pub fn label(&self) -> Option<ItemLabel> {
        let variant = self.variant.as_ref().map(|variant| format!("-{variant}")).unwrap_or_default();
        format!("{}-{}{variant}", self.os, self.architecture).parse().ok()
    }

    /// The architecture, as OCI writes it.
    #[must_use]
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// Whether two speak of one: a variant that is not said can be any.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let same_variant = match (&self.variant, &other.variant) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        self.os == other.os && self.architecture == other.architecture && same_variant
    }
}

fn is_word(text: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_');
    (1..=MAX_WORD).contains(&text.len()) && text.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::Platform;

    fn label(os: &str, architecture: &str, variant: Option<&str>) -> Option<String> {
        Some(Platform::new(os, architecture, variant)?.label()?.as_str().to_owned())
    }

    #[test]
    fn platforms_are_labels() {
        assert_eq!(label("linux", "arm64", Some("v8")).as_deref(), Some("linux-arm64-v8"));
        assert_eq!(label("linux", "amd64", Some("")).as_deref(), Some("linux-amd64"));
    }

    #[test]
    fn t23_words_that_are_none_are_refused() {
        for (os, architecture) in [
            ("", "amd64"),
            ("linux", ""),
            ("linux", "a b"),
            ("../x", "amd64"),
            ("linux", "a/b"),
            ("unknown", "unknown"),
            ("linux", "AMD64"),
            (&"x".repeat(33), "y"),
        ] {
            assert_eq!(Platform::new(os, architecture, None), None, "{os} {architecture}");
        }
        assert_eq!(Platform::new("linux", "arm", Some("v7\n")), None);
        assert_eq!(label("nul.x", "amd64", None), None);
        assert_eq!(label("_x", "amd64", None), None);
    }

    #[test]
    fn a_variant_that_is_not_said_can_be_any() {
        let of = |variant| Platform::new("linux", "arm64", variant).unwrap();
        assert!(of(None).agrees(&of(Some("v8"))) && !of(Some("v9")).agrees(&of(Some("v8"))));
        assert!(!of(None).agrees(&Platform::new("linux", "amd64", None).unwrap()));
    }
}
