//! Accelerators: their names, and what is built for one and runs on another.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// Compute capabilities of NVIDIA's integrated processors (Tegra, Jetson). CUDA promises
/// nothing between them and others, so each fits only itself.
const INTEGRATED: &[u16] = &[53, 62, 72, 87, 101];

/// Compute capabilities that fit only themselves.
#[must_use]
pub fn integrated() -> &'static [u16] {
    INTEGRATED
}

/// An accelerator: its maker, and its model as EESSI and Spack write it.
///
/// ```
/// use warecat::model::target::Accelerator;
/// let asked: Accelerator = "cc86".parse().unwrap();
/// assert_eq!(asked.to_string(), "nvidia/cc86");
/// let built: Accelerator = "nvidia/cc80".parse().unwrap();
/// assert!(built.runs_on(&asked) && !asked.runs_on(&built));
/// assert!("potato".parse::<Accelerator>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "String")]
pub struct Accelerator {
    maker: &'static str,
    model: String,
}

impl Accelerator {
    /// The accelerator of a maker and a model, as they stand in a label.
    pub(super) fn of(maker: &str, model: &str) -> Option<Self> {
        let (maker, digits) = match maker {
            "nvidia" => ("nvidia", model.strip_prefix("cc")?),
            "amd" => ("amd", model.strip_prefix("gfx")?),
            _ => return None,
        };
        let is_number = |b: u8| b.is_ascii_digit() || (maker == "amd" && (b'a'..=b'f').contains(&b));
        let number = match digits.as_bytes() {
            // `cc90a` and `cc100f` have features that other processors lack.
            [number @ .., b'a' | b'f'] if maker == "nvidia" => number,
            all => all,
        };
        let is_model = (2..=5).contains(&number.len()) && number.iter().all(|b| is_number(*b));
        is_model.then(|| Self { maker, model: model.to_owned() })
    }

    /// Its maker, `nvidia` or `amd`.
    #[must_use]
    pub fn maker(&self) -> &str {
        self.maker
    }

    /// Its model, `cc80` or `gfx90a`.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// NVIDIA's compute capability times ten, when what is built for it runs on later ones.
    pub(super) fn capability(&self) -> Option<u16> {
        let number = self.model.strip_prefix("cc")?.parse().ok()?;
        (self.maker == "nvidia" && !INTEGRATED.contains(&number)).then_some(number)
    }

    /// Whether what is built for this one runs on another: on itself; and for NVIDIA on
    /// a later minor version of the same major one, which is what CUDA promises of its
    /// binaries ("CUDA Programming Guide", section on the CUDA platform, "Binary
    /// Compatibility").
    #[must_use]
    pub fn runs_on(&self, other: &Self) -> bool {
        let is_later = |(built, there): (u16, u16)| built / 10 == there / 10 && built <= there;
        self == other || self.capability().zip(other.capability()).is_some_and(is_later)
    }
}

impl fmt::Display for Accelerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.maker, self.model)
    }
}

impl From<Accelerator> for String {
    fn from(accelerator: Accelerator) -> Self {
        accelerator.to_string()
    }
}

impl FromStr for Accelerator {
    type Err = super::WantedError;

    /// Reads `nvidia/cc80`, `nvidia-cc80`, `cc80`, `sm_80`, `8.0`, `amd/gfx90a`, `gfx90a`,
    /// with or without `accel/` before it, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.trim().to_ascii_lowercase();
        let short = lower.strip_prefix("accel/").unwrap_or(&lower);
        let (maker, model) = match short.split_once(['/', '-']) {
            Some((maker, model)) => (Some(maker), model),
            None => (None, short),
        };
        let digits = model.strip_prefix("sm_").or(Some(model)).map(|text| text.replacen('.', "", 1));
        let number = digits.filter(|text| text.starts_with(|c: char| c.is_ascii_digit()));
        let model = number.map_or_else(|| model.to_owned(), |number| format!("cc{number}"));
        let guessed = if model.starts_with("gfx") { "amd" } else { "nvidia" };
        Self::of(maker.unwrap_or(guessed), &model).ok_or_else(|| super::WantedError::accelerator(text))
    }
}

#[cfg(test)]
mod tests {
    use super::Accelerator;

    fn runs(built: &str, there: &str) -> bool {
        built.parse::<Accelerator>().unwrap().runs_on(&there.parse().unwrap())
    }

    #[test]
    fn cuda_binaries_run_on_later_minor_versions_of_the_same_major_one() {
        assert!(runs("cc80", "cc80") && runs("cc80", "cc86") && runs("cc80", "cc89"));
        assert!(!runs("cc86", "cc80"), "not on an earlier one");
        assert!(!runs("cc80", "cc90") && !runs("cc70", "cc80"), "not on another major one");
        assert!(runs("cc100", "cc103") && !runs("cc90", "cc100") && !runs("cc100", "cc120"));
        assert!(!runs("cc90a", "cc90") && !runs("cc90", "cc90a") && runs("cc90a", "cc90a"), "features of one alone");
        assert!(!runs("cc80", "cc87") && !runs("cc87", "cc89") && runs("cc87", "cc87"), "integrated ones");
    }

    #[test]
    fn amd_fits_only_itself() {
        assert!(runs("gfx90a", "amd/gfx90a") && !runs("gfx900", "gfx90a") && !runs("gfx90a", "gfx942"));
    }

    #[test]
    fn spellings_are_one() {
        for text in ["cc80", "nvidia/cc80", "NVIDIA-CC80", "accel/nvidia/cc80", "sm_80", "8.0", " 80 "] {
            assert_eq!(text.parse::<Accelerator>().unwrap().to_string(), "nvidia/cc80", "{text}");
        }
        for text in
            ["", "cc", "cc8", "cc80x", "gfx", "gfxzz", "nvidia/gfx90a", "amd/cc80", "intel/x", "cc999999", "-", "/"]
        {
            assert!(text.parse::<Accelerator>().is_err(), "{text}");
        }
    }
}
