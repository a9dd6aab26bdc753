//! Processor architectures as SIF numbers them.

use std::fmt;

/// The codes, two digits each, in order from `01`; `00` means that none is said.
const NAMES: &[&str] = &[
    "386", "amd64", "arm", "arm64", "ppc64", "ppc64le", "mips", "mipsle", "mips64", "mips64le", "s390x", "riscv64",
    "loong64",
];

/// An architecture, named as Go and OCI name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Architecture(&'static str);

impl Architecture {
    /// The architecture of a code, such as `02` and NUL; nothing for `00` and for codes that
    /// are not defined.
    #[must_use]
    pub fn of_code(code: [u8; 3]) -> Option<Self> {
        let number = match code {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', 0] => usize::from(tens - b'0') * 10 + usize::from(ones - b'0'),
            _ => return None,
        };
        NAMES.get(number.checked_sub(1)?).map(|name| Self(name))
    }

    /// The architecture of this name, as Go and OCI write it.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|known| **known == name).map(|name| Self(name))
    }

    /// The name, such as `amd64`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Architecture;

    #[test]
    fn codes_are_the_references() {
        let name = |code: &[u8; 3]| Architecture::of_code(*code).map(|a| a.as_str());
        assert_eq!((name(b"01\0"), name(b"02\0"), name(b"13\0")), (Some("386"), Some("amd64"), Some("loong64")));
        for none in [b"00\0", b"14\0", b"99\0", b"0a\0", b"021", b"\0\0\0"] {
            assert_eq!(name(none), None);
        }
    }
}
