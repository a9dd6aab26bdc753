//! Definition files, as far as a catalog needs them: stages, their headers, the names of
//! their sections.
//!
//! A stage begins at a line `Bootstrap:`. Its header is the lines `Key: value` up to the
//! first section, keys in any case, a `\` at the end continuing a line; a section begins at
//! a line `%name` (Apptainer's documentation, "Definition Files"). What Apptainer would
//! refuse is kept: unknown keys and sections, lines without a colon.

use std::collections::BTreeMap;

/// Most stages and most sections that are told apart.
const MAX_PARTS: usize = 1000;

/// A definition file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::import) struct Definition {
    /// The stages, in order; the last one becomes the image.
    pub(in crate::import) stages: Vec<Stage>,
}

/// A stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::import) struct Stage {
    /// The header's values, by their keys in lower case.
    pub(in crate::import) header: BTreeMap<String, String>,
    /// The first lines of its sections, without `%`, in order.
    pub(in crate::import) sections: Vec<String>,
    /// Lines of the header that are neither a key and a value nor a comment.
    pub(in crate::import) unknown: Vec<String>,
}

impl Definition {
    /// Reads a text; any text is one.
    pub(in crate::import) fn parse(text: &str) -> Self {
        let (mut found, mut in_section) = (Self::default(), false);
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let mut line = line.trim().to_owned();
            let is_new = key_of(&line).is_some_and(|(key, _)| key == "bootstrap");
            if is_new || found.stages.is_empty() && !line.is_empty() && !line.starts_with('#') {
                if found.stages.len() == MAX_PARTS {
                    break;
                }
                found.stages.push(Stage::default());
                in_section = false;
            }
            let Some(stage) = found.stages.last_mut() else { continue };
            if let Some(section) = line.strip_prefix('%') {
                in_section = true;
                if stage.sections.len() < MAX_PARTS {
                    stage.sections.push(section.split_whitespace().collect::<Vec<_>>().join(" "));
                }
            }
            if in_section || line.is_empty() || line.starts_with('#') {
                continue;
            }
            while line.ends_with('\\') {
                line.pop();
                let Some(next) = lines.next() else { break };
                line.push_str(next.trim());
            }
            stage.line(&line);
        }
        found
    }
}

impl Stage {
    /// What the stage is built from: the agent and what it is given.
    pub(in crate::import) fn base(&self) -> (Option<&str>, Option<&str>) {
        let value = |key: &str| self.header.get(key).map(String::as_str).filter(|value| !value.is_empty());
        (value("bootstrap"), value("from"))
    }

    fn line(&mut self, line: &str) {
        match key_of(line) {
            Some((key, value)) => drop(self.header.insert(key, value)),
            None => self.unknown.push(line.to_owned()),
        }
    }
}

fn key_of(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim();
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric());
    // A comment may stand behind a value.
    let value = value.split(" #").next().unwrap_or_default().trim();
    is_key.then(|| (key.to_ascii_lowercase(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::Definition;

    #[test]
    fn stages_headers_and_sections_are_told_apart() {
        let found = Definition::parse(
            "# made by hand\nBootstrap: docker\nFROM: a.example/b:1 # the base\nStage: build\nInclude: one \\\n  two\n\
             colour: {{ red }}\nno colon\n\n%post -c /bin/bash\n  echo Bootstrap: no\n%files from  x\n\
             bootstrap: localimage\nFrom: base_1.0.sif\n%appinstall tool\n",
        );
        let [first, second] = found.stages.as_slice() else { panic!("{found:?}") };
        assert_eq!(first.base(), (Some("docker"), Some("a.example/b:1")));
        assert_eq!(first.header["include"], "one two");
        assert_eq!(first.header["colour"], "{{ red }}");
        assert_eq!(
            (first.unknown.as_slice(), first.sections.as_slice()),
            (&["no colon".to_owned()][..], &["post -c /bin/bash".to_owned(), "files from x".to_owned()][..])
        );
        assert_eq!(second.base(), (Some("localimage"), Some("base_1.0.sif")));
        assert_eq!(second.sections, ["appinstall tool"]);
    }

    #[test]
    fn any_text_is_a_definition() {
        assert_eq!(Definition::parse("").stages.len(), 0);
        assert_eq!(Definition::parse("# only\n\n").stages.len(), 0);
        assert_eq!(Definition::parse("%post\nx").stages[0].sections, ["post"]);
        assert_eq!(Definition::parse("From: x\\").stages[0].base(), (None, Some("x")));
        assert_eq!(Definition::parse(&"Bootstrap: a\n".repeat(2000)).stages.len(), 1000);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(Bootstrap: |From: |%post|\\\\|\n|#|:|.){0,60}") {
            let _ = Definition::parse(&text);
        }
    }
}
