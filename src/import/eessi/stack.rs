//! Which EESSI stack an entry lies in, and where that stack lies in CernVM-FS.
//!
//! An entry says so only by its required modules, of which `EESSI/<version>` is one. The
//! production stack is `/versions/<version>` of `software.eessi.io`. The RISC-V stack is
//! a development stack, `/riscv/versions/<version>-<number>` of `dev.eessi.io`; its
//! modules require `EESSI/<version>` all the same, and only the key of the file's
//! `architectures_map` has the number. So where the file has no key for the version but
//! exactly one `<version>-…`, the entry lies in that development stack, and its modules
//! lie below that key (`eessi.io/2025.06-001/…`): they never meet the production ones. A
//! RISC-V target of a production version is an ordinary target.

use super::required::Required;
use crate::model::{Location, ModuleName};

/// A stack of modules that can be loaded together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Stack {
    /// The part of module names: `2023.06`, `2025.06-001`.
    pub(super) version: String,
    is_development: bool,
}

/// The stack of an entry, and what is odd about how it says so.
pub(super) fn find(required: &Required, keys: &[String], cpus: &[String]) -> Result<(Stack, Option<String>), String> {
    let (version, remark) = match (&required.eessi, keys) {
        (Some((version, true)), _) => (version.as_str(), None),
        (Some((version, false)), _) => (version.as_str(), Some("`EESSI` is not the first required module".to_owned())),
        (None, [only]) => (only.as_str(), Some(format!("no required module is `EESSI`; the file has only `{only}`"))),
        (None, _) => return Err("no required module is `EESSI`, so its EESSI version is not known".to_owned()),
    };
    let is_key = |wanted: &str| keys.iter().any(|key| key == wanted);
    let mut numbered = keys.iter().filter(|key| key.strip_prefix(version).is_some_and(|rest| rest.starts_with('-')));
    let key = match (is_key(version), numbered.next(), numbered.next()) {
        (false, Some(key), None) => key,
        _ => version,
    };
    let is_development = key.contains('-');
    if is_development && !cpus.iter().all(|cpu| cpu.starts_with("riscv64/")) {
        return Err(format!("the place of the development stack `{key}` is known for riscv64 only"));
    }
    Ok((Stack { version: key.to_owned(), is_development }, remark))
}

/// Whether `text` can be the version of a stack, and so a part of a module's name.
pub(super) fn is_version(text: &str) -> bool {
    text.len() <= 32
        && !text.contains('/')
        && text.starts_with(|c: char| c.is_ascii_digit())
        && format!("a/{text}").parse::<ModuleName>().is_ok_and(|name| name.is_strict())
}

impl Stack {
    /// A place below the folder of a CPU or accelerator target of this stack.
    pub(super) fn location(&self, folder: &str, rest: &str) -> Option<Location> {
        let version = &self.version;
        let (repository, root) = match self.is_development {
            false => ("software.eessi.io", format!("/versions/{version}")),
            true => ("dev.eessi.io", format!("/riscv/versions/{version}")),
        };
        Location::new(repository, &format!("{root}/software/linux/{folder}{rest}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{find, is_version};
    use crate::import::eessi::required::Required;

    fn found(eessi: Option<(&str, bool)>, keys: &[&str], cpu: &str) -> Result<(String, bool), String> {
        let eessi = eessi.map(|(version, is_first)| (version.to_owned(), is_first));
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        let required = Required { eessi, modules: Vec::new() };
        let (stack, remark) = find(&required, &keys, &[cpu.to_owned()])?;
        let place = stack.location(cpu, "").unwrap();
        Ok((place.mounted(), remark.is_some()))
    }

    #[test]
    fn production_and_development_stacks_lie_apart() {
        let main = "/cvmfs/software.eessi.io/versions/2025.06/software/linux";
        let both = ["2023.06", "2025.06"];
        assert_eq!(
            found(Some(("2025.06", true)), &both, "x86_64/generic"),
            Ok((format!("{main}/x86_64/generic"), false))
        );
        assert_eq!(
            found(Some(("2025.06", true)), &both, "riscv64/generic"),
            Ok((format!("{main}/riscv64/generic"), false))
        );
        let riscv = "/cvmfs/dev.eessi.io/riscv/versions/2025.06-001/software/linux/riscv64/generic".to_owned();
        assert_eq!(found(Some(("2025.06", true)), &["2025.06-001"], "riscv64/generic"), Ok((riscv, false)));
        assert!(found(Some(("2025.06", true)), &["2025.06-001"], "x86_64/generic").is_err());
        assert_eq!(
            found(Some(("2025.06", true)), &[], "x86_64/generic"),
            Ok((format!("{main}/x86_64/generic"), false))
        );
    }

    #[test]
    fn lhapdf_trap_an_entry_that_does_not_require_eessi_first_is_told_or_refused() {
        assert!(found(Some(("2023.06", false)), &["2023.06"], "x86_64/generic").unwrap().1);
        assert!(found(None, &["2023.06"], "x86_64/generic").unwrap().1);
        assert!(found(None, &["2023.06", "2025.06"], "x86_64/generic").is_err());
    }

    #[test]
    fn t23_a_version_is_a_safe_part_of_a_name() {
        assert!(is_version("2023.06") && is_version("2025.06-001") && is_version("20240402"));
        for bad in ["", "*???*", "../x", "2023/06", "ext", "2023.06-", "2023 06", "2023.06\n", "x"] {
            assert!(!is_version(bad), "{bad:?}");
        }
    }
}
