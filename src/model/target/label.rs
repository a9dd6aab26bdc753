//! An item's label, taken apart.
//!
//! | form | who writes it |
//! | --- | --- |
//! | `<family>[-<maker>]-<cpu>[-<maker>-<accelerator>]` | EESSI, with `-` for its `/` |
//! | `<platform>-<os>-<cpu>` | Spack |
//! | `<platform>-<architecture>[-<variant>]` | OCI, Apptainer |
//! | `<architecture>`, `<cpu>` | people |
//!
//! Anything else (`src`, `upstream`, `spec`) is for no target.

use serde::Serialize;

use super::accelerator::Accelerator;
use super::cpu::Cpu;

/// Words that a label begins with when it names an operating system first.
const PLATFORMS: &[&str] = &["cray", "darwin", "freebsd", "linux", "netbsd", "openbsd", "windows"];

/// What an item is built for.
///
/// ```
/// use warecat::model::target::Target;
/// let target = Target::parse("x86_64-amd-zen2-nvidia-cc80").unwrap();
/// assert_eq!((target.family(), target.cpu.name.as_str()), ("x86_64", "zen2"));
/// assert_eq!(target.accelerator.unwrap().to_string(), "nvidia/cc80");
/// let target = Target::parse("linux-ubuntu22.04-zen3").unwrap();
/// assert_eq!((target.platform.as_deref(), target.os.as_deref()), (Some("linux"), Some("ubuntu22.04")));
/// assert!(Target::parse("src").is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// The processor.
    pub cpu: Cpu,
    /// The accelerator that it needs besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<Accelerator>,
    /// The platform, `linux`, where the label says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The operating system, `ubuntu22.04`, where the label says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
}

impl Target {
    /// What a label names; `None` when it is for no target.
    #[must_use]
    pub fn parse(label: &str) -> Option<Self> {
        let words: Vec<&str> = label.split('-').collect();
        let (words, accelerator) = split_accelerator(&words);
        let (first, rest) = words.split_first()?;
        if PLATFORMS.contains(first) {
            return Some(Self { accelerator, ..platform(first, rest)? });
        }
        let cpu = match Cpu::of_family(first) {
            Some(Cpu { family: Some(family), .. }) => Cpu::within(family, rest),
            _ => Cpu::known(Cpu::named(words)?),
        };
        Some(Self { cpu, accelerator, platform: None, os: None })
    }

    /// The family of its processor, empty for an unknown one.
    #[must_use]
    pub fn family(&self) -> &'static str {
        self.cpu.family.unwrap_or_default()
    }

    /// Whether it runs on Linux, as far as its label says.
    #[must_use]
    pub fn is_for_linux(&self) -> bool {
        matches!(self.platform.as_deref(), None | Some("linux" | "cray"))
    }
}

/// Splits `nvidia-cc80` off the end.
fn split_accelerator<'a, 'b>(words: &'a [&'b str]) -> (&'a [&'b str], Option<Accelerator>) {
    if let [before @ .., maker, model] = words
        && !before.is_empty()
        && let Some(accelerator) = Accelerator::of(maker, model)
    {
        return (before, Some(accelerator));
    }
    (words, None)
}

/// What follows a platform: OCI's architecture and variant, or Spack's system and target.
fn platform(platform: &str, rest: &[&str]) -> Option<Target> {
    let (cpu, os) = match rest {
        [] => return None,
        [architecture, variant @ ..] if let Some(family) = Cpu::of_family(architecture).and_then(|cpu| cpu.family) => {
            (Cpu::within(family, variant), None)
        }
        [_] => return None,
        [os @ .., target] => {
            let found = Cpu::named(&[target]).map(Cpu::known).or_else(|| Cpu::of_family(target));
            let own = || Cpu { family: None, name: (*target).to_owned() };
            (found.unwrap_or_else(own), Some(os.join("-")))
        }
    };
    Some(Target { cpu, accelerator: None, platform: Some(platform.to_owned()), os })
}

#[cfg(test)]
mod tests {
    use super::Target;

    /// `family cpu accelerator platform os`, a `.` for what is not there.
    fn parts(label: &str) -> String {
        let Some(target) = Target::parse(label) else { return "none".to_owned() };
        let dot = |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| ".".into());
        let accelerator = target.accelerator.as_ref().map(ToString::to_string);
        [
            dot(Some(target.family().to_owned())),
            target.cpu.name.clone(),
            dot(accelerator),
            dot(target.platform.clone()),
            dot(target.os),
        ]
        .join(" ")
    }

    fn check(rows: &[(&str, &str)]) {
        for (label, expected) in rows {
            assert_eq!(parts(label), *expected, "{label}");
        }
    }

    #[test]
    fn eessi_names_family_maker_and_cpu() {
        check(&[
            ("x86_64-amd-zen2", "x86_64 zen2 . . ."),
            ("x86_64-amd-zen2-nvidia-cc80", "x86_64 zen2 nvidia/cc80 . ."),
            ("x86_64-amd-zen3-amd-gfx90a", "x86_64 zen3 amd/gfx90a . ."),
            ("x86_64-generic", "x86_64 x86_64 . . ."),
            ("x86_64-generic-nvidia-cc80", "x86_64 x86_64 nvidia/cc80 . ."),
            ("x86_64-intel-haswell", "x86_64 haswell . . ."),
            ("x86_64-intel-skylake_avx512", "x86_64 skylake_avx512 . . ."),
            ("x86_64-intel-sapphirerapids", "x86_64 sapphirerapids . . ."),
            ("x86_64-intel-icelake", "x86_64 icelake . . ."),
            ("x86_64-intel-cascadelake", "x86_64 cascadelake . . ."),
            ("aarch64-a64fx", "aarch64 a64fx . . ."),
            ("aarch64-neoverse_n1", "aarch64 neoverse_n1 . . ."),
            ("aarch64-neoverse_v1", "aarch64 neoverse_v1 . . ."),
            ("aarch64-nvidia-grace", "aarch64 neoverse_v2 . . ."),
            ("aarch64-nvidia-grace-nvidia-cc90", "aarch64 neoverse_v2 nvidia/cc90 . ."),
            ("riscv64-generic", "riscv64 riscv64 . . ."),
            ("ppc64le-power9", "ppc64le power9le . . ."),
        ]);
    }

    #[test]
    fn spack_names_platform_system_and_target() {
        check(&[
            ("linux-ubuntu22.04-zen3", "x86_64 zen3 . linux ubuntu22.04"),
            ("linux-amzn2-graviton2", "aarch64 neoverse_n1 . linux amzn2"),
            ("linux-rhel8-power9le", "ppc64le power9le . linux rhel8"),
            ("linux-rocky9-x86_64_v3", "x86_64 x86_64_v3 . linux rocky9"),
            ("linux-centos7-x86_64", "x86_64 x86_64 . linux centos7"),
            ("darwin-ventura-m1", "aarch64 m1 . darwin ventura"),
            ("linux-opensuse-leap-aarch64", "aarch64 aarch64 . linux opensuse-leap"),
            ("linux-ubuntu22.04-zen99", ". zen99 . linux ubuntu22.04"),
        ]);
    }

    #[test]
    fn oci_names_platform_architecture_and_variant() {
        check(&[
            ("linux-amd64", "x86_64 x86_64 . linux ."),
            ("linux-amd64-v3", "x86_64 x86_64_v3 . linux ."),
            ("linux-arm64-v8", "aarch64 aarch64 . linux ."),
            ("linux-arm64-v8.2", "aarch64 armv8.2a . linux ."),
            ("linux-arm64-v9", "aarch64 armv9.0a . linux ."),
            ("linux-arm-v7", "arm v7 . linux ."),
            ("linux-s390x", "s390x s390x . linux ."),
            ("windows-amd64", "x86_64 x86_64 . windows ."),
            ("amd64", "x86_64 x86_64 . . ."),
        ]);
    }

    #[test]
    fn what_is_for_no_target_is_none() {
        for label in ["src", "upstream", "spec", "other", "", "-", "--", "linux", "linux-", "nvidia-cc80", "a-b-c"] {
            assert_eq!(Target::parse(label), None, "{label}");
        }
    }

    #[test]
    fn hostile_labels_are_kept_as_their_own_names_and_fit_only_themselves() {
        check(&[
            ("x86_64-amd-zen99", "x86_64 amd-zen99 . . ."),
            ("x86_64-neoverse_v1", "x86_64 neoverse_v1 . . ."),
            ("x86_64-amd-zen2-extra", "x86_64 amd-zen2-extra . . ."),
            ("x86_64-amd-zen2-nvidia-cc80-nvidia-cc90", "x86_64 amd-zen2-nvidia-cc80 nvidia/cc90 . ."),
            ("x86_64-", "x86_64 - . . ."),
            ("x86_64--zen2", "x86_64 -zen2 . . ."),
            ("x86_64-amd-", "x86_64 amd- . . ."),
            ("x86_64-generic-generic", "x86_64 generic-generic . . ."),
            ("x86_64-v9999999999999999999999", "x86_64 v9999999999999999999999 . . ."),
            ("x86_64-../../etc/passwd", "x86_64 ../../etc/passwd . . ."),
            ("x86_64-\u{202e}2nez", "x86_64 \u{202e}2nez . . ."),
            ("linux-\u{0}-\u{0}", ". \u{0} . linux \u{0}"),
        ]);
        let hostile = Target::parse("x86_64-amd-zen99").unwrap().cpu;
        let zen5 = Target::parse("x86_64-amd-zen5").unwrap().cpu;
        assert!(!zen5.runs(&hostile) && hostile.runs(&hostile));
        let long = format!("x86_64-{}", "a-".repeat(100_000));
        assert!(Target::parse(&long).is_some());
    }
}
