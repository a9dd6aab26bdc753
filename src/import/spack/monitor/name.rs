//! What the names of the files say.

/// Longest id of a build, in bytes; Spack's are 32 hexadecimal digits.
const MAX_ID: usize = 64;
/// Longest name of a phase, in bytes.
const MAX_PHASE: usize = 64;

/// A build of one run: its id, and the folder of the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BuildId {
    id: String,
    folder: String,
}

impl BuildId {
    /// The id that Spack gave it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The name of its metadata's file.
    pub(super) fn metadata_file(&self) -> String {
        format!("{}build-metadata-{}.json", self.folder, self.id)
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Spec JSON.
    Spec,
    /// Of a build: its environment and its spec's hash.
    Metadata(BuildId),
    /// Of a build: its status.
    Status(BuildId),
    /// Of a build: a phase, by its name.
    Phase(BuildId, String),
    /// Of a build: what `spack analyze` found.
    Analysis(BuildId),
}

impl Kind {
    /// What a file of this name holds.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (folder, last) =
            name.rsplit_once('/').map_or(("", name), |(_, last)| name.split_at(name.len() - last.len()));
        let stem = last.strip_suffix(".json")?;
        if stem.starts_with("spec-") {
            return Some(Self::Spec);
        }
        let build = |id: &str| {
            let is_id = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
            is_id.then(|| BuildId { id: id.to_owned(), folder: folder.to_owned() })
        };
        let rest = stem.strip_prefix("build-")?;
        if let Some(id) = rest.strip_prefix("metadata-") {
            return build(id).map(Self::Metadata);
        }
        let (id, what) = rest.split_once('-')?;
        let build = build(id)?;
        match (what, what.strip_prefix("phase-")) {
            ("status", _) => Some(Self::Status(build)),
            ("analyze", _) => Some(Self::Analysis(build)),
            (_, Some(phase)) if (1..=MAX_PHASE).contains(&phase.len()) => Some(Self::Phase(build, phase.to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn files_are_told_by_their_names() {
        let shown = |name| Kind::of(name).map(|kind| format!("{kind:?}")).unwrap_or_default();
        assert_eq!(shown("spec-zlib-1.3-config.json"), "Spec");
        assert_eq!(shown("build-metadata-0a.json"), r#"Metadata(BuildId { id: "0a", folder: "" })"#);
        assert_eq!(shown("run/build-0a-status.json"), r#"Status(BuildId { id: "0a", folder: "run/" })"#);
        let phase = r#"Phase(BuildId { id: "0a", folder: "" }, "build-ext")"#;
        assert_eq!(shown("build-0a-phase-build-ext.json"), phase);
        for none in
            ["", "x.json", "build-metadata-.json", "build-0a.json", "build-../x-status.json", "build-0a-phase-.json"]
        {
            assert_eq!(shown(none), "", "{none}");
        }
    }
}
