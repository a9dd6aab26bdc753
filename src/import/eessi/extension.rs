//! Extensions: packages within an installed version, which is their parent.
//!
//! A release of an extension has the parent's items and wares, no mirrors and no replay.
//! Its record holds what its entry says otherwise than the parent's. Where it names other
//! targets than its parent, it has the items that both have.

use super::ReadFile;
use super::describe::is_derived;
use super::entry::{Facts, Place, Problem, Reader};
use super::kind::ExtensionKind;
use super::software::{Installed, OwnPlace, Stock, is_letter_pair};
use super::texts::Text;
use crate::model::{Map, Metadata, ReleaseName, ReleaseProposal, Value, metadata};

/// The kind of an extension's record.
const RECORD: &str = "eessi.extension";

/// A version of an extension within its parent.
#[derive(Debug)]
pub(super) struct Extension<'f> {
    pub(super) place: OwnPlace<'f>,
    pub(super) kind: &'f ExtensionKind,
    pub(super) name: &'f str,
    /// The number of its parent in the stock.
    pub(super) parent: usize,
    /// Its entry's fields but `versions`.
    pub(super) entry_fields: &'f super::file::Fields,
    pub(super) version: String,
    release: ReleaseName,
    /// The items that it has, when not all of the parent's: by their number.
    items: Option<Vec<usize>>,
    /// The fields that differ from the parent's.
    own: Vec<(Text, Text)>,
}

/// Reads the extension files, in the order of their names.
pub(super) fn read<'f>(
    files: &[(&'f ExtensionKind, &'f ReadFile)],
    wanted: Option<&str>,
    stock: &Stock<'_>,
    reader: &mut Reader<'_>,
) -> Vec<Extension<'f>> {
    let mut found = Vec::new();
    for (kind, file) in files {
        for entry in &file.raw.software {
            for (index, fields) in &entry.versions {
                let place = OwnPlace { file, path: entry.version_path(*index) };
                let own =
                    Unplaced { place: place.clone(), kind, name: &entry.name, entry_fields: &entry.fields, fields };
                match own.read(wanted, stock, reader) {
                    Ok(extension) => found.extend(extension),
                    Err(problem) => reader.refuse(place.get(), problem),
                }
            }
        }
    }
    found
}

/// A version of an extension whose parent is not known yet.
struct Unplaced<'f> {
    place: OwnPlace<'f>,
    kind: &'f ExtensionKind,
    name: &'f str,
    entry_fields: &'f super::file::Fields,
    fields: &'f super::file::Fields,
}

impl<'f> Unplaced<'f> {
    fn read(
        self,
        wanted: Option<&str>,
        stock: &Stock<'_>,
        reader: &mut Reader<'_>,
    ) -> Result<Option<Extension<'f>>, Problem> {
        let facts = reader.facts(self.fields, self.place.get())?;
        if wanted.is_some_and(|wanted| wanted != facts.stack.version) {
            return Ok(None);
        }
        let version = facts.version.clone().ok_or_else(|| Problem::new("version", "it is missing or not a version"))?;
        if is_letter_pair(self.kind.as_str(), self.name, &version) {
            let message = "these are the first two letters of a package that is built into R, not a name and a version";
            return Err(Problem::new("", message));
        }
        let parent = stock.find(&facts.stack.version, &facts.module.full).ok_or_else(|| {
            let message = format!(
                "its parent `{}` is not among the software of EESSI {}",
                facts.module.full, facts.stack.version
            );
            Problem::new("module", message)
        })?;
        let within = &stock.all[parent];
        let release = format!("{version}-{}-{}", within.facts.module.name, within.facts.module.version);
        let release =
            release.parse().map_err(|error: crate::model::NameError| Problem::new("version", error.to_string()))?;
        let items = self.items(&facts, within, reader)?;
        let own = self.own_fields(within, reader);
        let Self { place, kind, name, entry_fields, .. } = self;
        Ok(Some(Extension { place, kind, name, parent, entry_fields, version, release, items, own }))
    }

    /// The items of the parent that it has; nothing when it has all.
    fn items(
        &self,
        facts: &Facts,
        parent: &Installed<'_>,
        reader: &mut Reader<'_>,
    ) -> Result<Option<Vec<usize>>, Problem> {
        let (mine, theirs) = (&facts.targets.list, &parent.facts.targets.list);
        if mine == theirs {
            return Ok(None);
        }
        let both: Vec<usize> = (0..theirs.len()).filter(|number| mine.contains(&theirs[*number])).collect();
        if both.is_empty() {
            return Err(Problem::new("cpu_arch", "it has no target that its parent has"));
        }
        if both.len() < theirs.len() || both.len() < mine.len() {
            let message = format!(
                "of its {} targets and the {} of its parent, it has the {} of both",
                mine.len(),
                theirs.len(),
                both.len()
            );
            reader.odd(self.place.get(), "cpu_arch", message);
        }
        Ok((both.len() < theirs.len()).then_some(both))
    }

    fn own_fields(&self, parent: &Installed<'_>, reader: &mut Reader<'_>) -> Vec<(Text, Text)> {
        let mut own = reader.own_fields(self.fields, parent.fields);
        let description = reader.field(self.fields, "description").ok().flatten();
        let parents = [parent.software, parent.facts.module.name.as_str()];
        if description.is_some_and(|d| d.as_text().is_some_and(|text| is_derived(text, self.name, &parents))) {
            let text = reader.text_of(self.fields, "description");
            own.retain(|(_, own)| Some(*own) != text);
        }
        own
    }
}

impl Extension<'_> {
    pub(super) fn place(&self) -> Place<'_> {
        self.place.get()
    }

    /// The release that it becomes; `parent_ref` is the parent's `module:release`.
    pub(super) fn proposal(
        &self,
        parent: &Installed<'_>,
        parent_ref: String,
        reader: &mut Reader<'_>,
    ) -> ReleaseProposal {
        let item = |number: usize| (parent.facts.targets.list[number].label.clone(), parent.wares[number].clone());
        let items = match &self.items {
            Some(numbers) => numbers.iter().map(|number| item(*number)).collect(),
            None => (0..parent.wares.len()).map(item).collect(),
        };
        let pairs = [
            (metadata::VERSION, self.version.clone()),
            (metadata::PARENT, parent_ref),
            (metadata::KIND, self.kind.to_string()),
        ];
        let metadata: Metadata = pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let record = reader.record(&self.own).unwrap_or_default();
        let record = reader.capsule(self.place(), RECORD, record);
        ReleaseProposal {
            name: self.release.clone(),
            items,
            metadata,
            replay: None,
            record,
            builds: Vec::new(),
            stand_in: None,
        }
    }

    /// The fields of its entry that are not its parents' or made from their names.
    pub(super) fn entry_record(&self, parents: &[&Installed<'_>], reader: &mut Reader<'_>) -> Map<String, Value> {
        let mut own: Vec<(Text, Text)> = self.entry_fields.to_vec();
        for parent in parents {
            let differing = reader.own_fields(self.entry_fields, parent.fields);
            own.retain(|field| differing.contains(field));
        }
        let mut record = reader.record(&own).unwrap_or_default();
        let names: Vec<&str> = parents.iter().map(|parent| parent.software).collect();
        if record.get("description").and_then(Value::as_text).is_some_and(|text| is_derived(text, self.name, &names)) {
            record.shift_remove("description");
        }
        record
    }
}
