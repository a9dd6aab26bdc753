//! Which microarchitecture a machine is, from what Linux says of it in `/proc/cpuinfo`.
//!
//! The rule is archspec's own (its `detect` modules), written once more since it has to
//! work on a text that came from another machine, and in the site's script: of what the
//! machine has all features of and shares the vendor with, the most specific one.

use std::collections::BTreeSet;

use super::lineage::{Microarchitecture, arm_vendors, microarchitecture, microarchitectures};

/// What Linux says of a processor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CpuInfo {
    /// archspec's name of its family.
    pub family: Option<&'static str>,
    /// Its vendor, by archspec's name.
    pub vendor: Option<String>,
    /// Its features, as Linux spells them.
    pub flags: BTreeSet<String>,
    /// What ARM machines say under `CPU part`.
    pub part: Option<String>,
    /// The generation of POWER.
    pub generation: usize,
    /// The name that RISC-V machines give.
    pub uarch: Option<&'static str>,
}

/// The microarchitecture with these features; `vendor` as the machine says it.
///
/// ```
/// use warecat::model::target::detect;
/// let flags = "mmx sse sse2 ssse3 sse4_1 sse4_2 popcnt cx16 lahf_lm lm";
/// assert_eq!(detect(Some("GenuineIntel"), flags).unwrap().name, "nehalem");
/// assert_eq!(detect(Some("SomebodyElse"), flags).unwrap().name, "x86_64_v2");
/// assert!(detect(None, "").is_none());
/// ```
#[must_use]
pub fn detect(vendor: Option<&str>, flags: &str) -> Option<&'static Microarchitecture> {
    let mut info = CpuInfo::of_flags(flags);
    info.vendor = vendor.map(str::to_owned).or(info.vendor);
    info.detect()
}

/// The microarchitecture of a machine whose `/proc/cpuinfo` this is, or its line of flags.
#[must_use]
pub fn detect_cpuinfo(text: &str) -> Option<&'static Microarchitecture> {
    CpuInfo::parse(text).detect()
}

impl CpuInfo {
    /// Reads the first processor of a `/proc/cpuinfo`, or a line of flags alone.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for line in text.lines() {
            match line.split_once(':') {
                Some((key, value)) => fields.push((key.trim(), value.trim())),
                None if !fields.is_empty() => break,
                None => {}
            }
        }
        if fields.is_empty() {
            return Self::of_flags(text);
        }
        let first = |key: &str| fields.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        let get = |key: &str| first(key).filter(|value| !value.is_empty());
        if let Some(power) = get("cpu").and_then(|cpu| cpu.strip_prefix("POWER")) {
            let digits: String = power.chars().take_while(char::is_ascii_digit).take(4).collect();
            // Little-endian is what every Linux for POWER is today; the text does not say.
            return Self { family: Some("ppc64le"), generation: digits.parse().unwrap_or(0), ..Self::default() };
        }
        if get("isa").is_some_and(|isa| isa.starts_with("rv64")) {
            return Self::riscv(get("uarch"), get("model name"));
        }
        let mut info = Self::of_flags(get("flags").or(get("Features")).unwrap_or_default());
        info.part = get("CPU part").map(str::to_owned);
        let implementer = get("CPU implementer");
        let of_arm = || Some(arm_vendors().get(implementer?).copied().unwrap_or("generic").to_owned());
        info.vendor = get("vendor_id").map(str::to_owned).or_else(of_arm).or(info.vendor);
        info
    }

    fn riscv(uarch: Option<&str>, model: Option<&str>) -> Self {
        let uarch = match (uarch, model) {
            (Some("sifive,u74-mc"), _) => Some("u74mc"),
            (Some("spacemit,x60"), _) | (_, Some("Spacemit(R) X60")) => Some("x60"),
            _ => None,
        };
        Self { family: Some("riscv64"), uarch, ..Self::default() }
    }

    /// What flags alone tell: the family; and of x86 the vendor, since `sse4a` is AMD's.
    fn of_flags(text: &str) -> Self {
        let flags: BTreeSet<String> = text.split_whitespace().map(str::to_owned).collect();
        let family = ["lm", "asimd", "sse2"].into_iter().find(|flag| flags.contains(*flag));
        let family = family.map(|flag| if flag == "asimd" { "aarch64" } else { "x86_64" });
        let vendor = match family {
            Some("x86_64") if flags.contains("sse4a") => Some("AuthenticAMD"),
            Some("x86_64") => Some("GenuineIntel"),
            Some(_) => Some("ARM"),
            None => None,
        };
        Self { family, vendor: vendor.map(str::to_owned), flags, ..Self::default() }
    }

    /// Whether the machine can run what is built for one.
    fn can_be(&self, one: &Microarchitecture) -> bool {
        let is_generic = one.vendor == "generic";
        if self.family != Some(one.family) {
            return false;
        }
        match one.family {
            "ppc64le" => one.generation <= self.generation,
            "riscv64" => is_generic || self.uarch == Some(one.name),
            // The versions of ARM's architecture name no features that could be looked for.
            "aarch64" if is_generic => one.is_generic(),
            _ => {
                (is_generic || self.vendor.as_deref() == Some(one.vendor))
                    && one.features.iter().all(|feature| self.flags.contains(*feature))
            }
        }
    }

    /// The most specific microarchitecture that this is one of.
    #[must_use]
    pub fn detect(&self) -> Option<&'static Microarchitecture> {
        let most = |found: Vec<&'static Microarchitecture>| found.into_iter().max_by_key(|one| (one.depth(), one.name));
        let able: Vec<_> = microarchitectures().values().filter(|one| self.can_be(one)).collect();
        let generic = most(able.iter().copied().filter(|one| one.vendor == "generic").collect())
            .or_else(|| microarchitecture(self.family?))?;
        // A machine that lacks a rare feature of its kind is still of that kind's level.
        let mut best: Vec<_> = able.into_iter().filter(|one| one.ancestors.contains(generic.name)).collect();
        if let Some(part) = &self.part {
            let is_part = |one: &&Microarchitecture| one.part == Some(part);
            if best.iter().any(is_part) {
                best.retain(|one| is_part(one));
            }
        }
        Some(most(best).unwrap_or(generic))
    }
}

#[cfg(test)]
mod tests {
    use super::{detect_cpuinfo, microarchitectures};

    /// A machine that says exactly what archspec asks of a microarchitecture is that one.
    #[test]
    fn every_vendors_microarchitecture_is_recognised_by_its_own_features() {
        for one in microarchitectures().values().filter(|one| !one.features.is_empty() && one.vendor != "generic") {
            let words: Vec<&str> = one.features.iter().copied().collect();
            let text = if one.family == "aarch64" {
                let code = super::arm_vendors().into_iter().find(|(_, vendor)| *vendor == one.vendor).unwrap().0;
                let part = one.part.unwrap_or("0x000");
                format!("Features\t: {}\nCPU implementer : {code}\nCPU part : {part}\n", words.join(" "))
            } else if one.family == "x86_64" {
                format!("vendor_id : {}\nflags : {} lm\n\nprocessor: 1\nflags: sse2", one.vendor, words.join(" "))
            } else {
                continue;
            };
            let found = detect_cpuinfo(&text).unwrap();
            let same = found.features == one.features && found.vendor == one.vendor;
            // Cannon Lake has the features of a level that archspec does not derive it from.
            let is_beside = found.vendor == "generic" && !one.ancestors.contains(found.name);
            // Apple's later ones differ in a part that Linux does not know yet.
            assert!(found.name == one.name || same || is_beside, "{} was taken for {}", one.name, found.name);
        }
    }

    #[test]
    fn hostile_texts_are_no_machine() {
        let named = |text: &str| detect_cpuinfo(text).map(|found| found.name);
        for text in ["", "\n\n", ":", ":::::", "flags:", "\u{0}", "vendor_id: GenuineIntel", "cpu: POWER"] {
            assert!(matches!(named(text), None | Some("ppc64le")), "{text:?}: {:?}", named(text));
        }
        // A later generation than any known runs what was built for the last of them.
        assert_eq!(named("cpu: POWER99999999999999999999"), Some("power10le"));
        assert_eq!(detect_cpuinfo(&"lm ".repeat(200_000)).unwrap().name, "x86_64");
    }
}
