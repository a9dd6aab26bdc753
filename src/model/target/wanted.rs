//! What a machine is, as a person or the program says it.

use serde::Serialize;

use super::accelerator::Accelerator;
use super::cpu::Cpu;
use super::label::Target;
use crate::code::Code;

/// Longest name of a target, in bytes.
const LONGEST: usize = 128;

/// What an item is to run on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// The processor.
    pub cpu: Cpu,
    /// The accelerator that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<Accelerator>,
    /// The platform. Where it is not said, all fit, and Linux's come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The operating system, whose items come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
}

/// A text that names no processor or accelerator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not the name of {what}", crate::text::shown(text))]
pub struct WantedError {
    what: &'static str,
    text: String,
}

impl WantedError {
    pub(super) fn accelerator(text: &str) -> Self {
        Self { what: "an accelerator", text: text.to_owned() }
    }

    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        Code::UsageInvalid
    }
}

impl Wanted {
    /// Reads a name of archspec's, a family, or a whole target as EESSI, Spack or OCI
    /// write it, with `/` or `-` between its words, in any case.
    ///
    /// ```
    /// use warecat::model::target::Wanted;
    /// let cpu = |text| Wanted::parse(text).unwrap().cpu.name;
    /// assert_eq!(cpu("zen4"), "zen4");
    /// assert_eq!(cpu("x86_64/intel/skylake_avx512"), cpu("skylake-avx512"));
    /// assert_eq!(cpu("arm64"), "aarch64");
    /// assert!(Wanted::parse("zen4; rm -rf ~").is_err());
    /// ```
    ///
    /// # Errors
    /// `usage-invalid` for what cannot be a name. An unknown name is none.
    pub fn parse(text: &str) -> Result<Self, WantedError> {
        let given = text.trim().replace('/', "-");
        let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if given.is_empty() || given.len() > LONGEST || !given.bytes().all(is_sign) {
            return Err(WantedError { what: "a processor", text: text.to_owned() });
        }
        let lower = given.to_ascii_lowercase().replace("x86-64", "x86_64");
        let is_known = |target: &Target| target.cpu.microarchitecture().is_some();
        // An unknown name is taken as it was given, so that it fits its own label.
        let found = Target::parse(&lower).filter(is_known).or_else(|| Target::parse(&given));
        if let Some(Target { cpu, accelerator, platform, os }) = found {
            return Ok(Self { cpu, accelerator, platform, os });
        }
        let underscored = lower.replace('-', "_");
        let found = Cpu::named(&[&underscored]).map(Cpu::known).or_else(|| Cpu::of_family(&underscored));
        Ok(Self::from(found.unwrap_or(Cpu { family: None, name: given })))
    }

    /// The same with an accelerator.
    #[must_use]
    pub fn with(self, accelerator: Option<Accelerator>) -> Self {
        Self { accelerator: accelerator.or(self.accelerator), ..self }
    }
}

impl std::str::FromStr for Wanted {
    type Err = WantedError;
    fn from_str(text: &str) -> Result<Self, WantedError> {
        Self::parse(text)
    }
}

impl From<Cpu> for Wanted {
    fn from(cpu: Cpu) -> Self {
        Self { cpu, accelerator: None, platform: None, os: None }
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn a_processor_has_many_spellings() {
        let name = |text: &str| Wanted::parse(text).unwrap().cpu.name;
        for (text, expected) in [
            ("zen2", "zen2"),
            ("AMD/Zen2", "zen2"),
            ("x86_64-amd-zen2", "zen2"),
            ("nvidia/grace", "neoverse_v2"),
            ("grace", "neoverse_v2"),
            ("neoverse-v1", "neoverse_v1"),
            ("x86-64", "x86_64"),
            ("i686", "i686"),
            ("i386", "x86"),
            ("x86-64-v3", "x86_64_v3"),
            ("x86_64/generic", "x86_64"),
            ("linux-ubuntu22.04-zen3", "zen3"),
            ("zen99", "zen99"),
            ("amd/zen99", "amd-zen99"),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
        assert_eq!(Wanted::parse("zen99").unwrap().cpu.family, None);
        let whole = Wanted::parse("x86_64/amd/zen2/nvidia/cc80").unwrap();
        assert_eq!(whole.accelerator.unwrap().to_string(), "nvidia/cc80");
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        for text in ["", " ", "a b", "zen2;ls", "zen2\n", "\u{202e}zen2", "é", &"a".repeat(129)] {
            let refused = Wanted::parse(text);
            assert!(text == "zen2\n" || refused.is_err(), "{text:?}");
        }
    }
}
