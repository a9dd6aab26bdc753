//! The machine that something is to run on: this one, or one that is named.

use std::str::FromStr;

use warecat::code::Code;
use warecat::model::target::{Wanted, WantedError};

use super::failure::Failure;

/// What `--target` says.
#[derive(Debug, Clone)]
pub(crate) enum Machine {
    /// This machine.
    Host,
    /// A machine with this processor.
    Named(Wanted),
}

impl FromStr for Machine {
    type Err = WantedError;
    fn from_str(text: &str) -> Result<Self, WantedError> {
        if text.eq_ignore_ascii_case("host") { Ok(Self::Host) } else { text.parse().map(Self::Named) }
    }
}

impl Machine {
    /// What fits it; looks at this machine when it is this one.
    pub(crate) fn wanted(&self) -> Result<Wanted, Failure> {
        match self {
            Self::Named(wanted) => Ok(wanted.clone()),
            Self::Host => host(),
        }
    }
}

fn host() -> Result<Wanted, Failure> {
    let unknown = || {
        Failure::new(Code::UsageInvalid, "archspec does not know this machine's processor")
            .with_hint("name one with `--target`, such as its family")
    };
    let found = archspec::cpu::host().ok().and_then(|found| Wanted::parse(found.name()).ok()).ok_or_else(unknown)?;
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        os => os,
    };
    Ok(Wanted { platform: Some(platform.to_owned()), ..found })
}
