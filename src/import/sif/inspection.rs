//! What can be told of an image without running it.
//!
//! Metadata are taken, as Apptainer takes them, from the object `inspect-metadata.json`
//! where there is one, otherwise from the file system inside; of an image in OCI's format
//! from its configuration. The definition file's own object goes before any copy of it.

use std::collections::BTreeSet;

use super::architecture::Architecture;
use super::attributes::{App, Attributes, parse_labels};
use super::error::SifError;
use super::image::Image;
use super::object::{FileSystem, Kind, Object};
use super::source::Source;
use super::tree::Tree;
use crate::model::{Digest, Value};

/// Largest object of metadata that is read, in bytes.
const MAX_OBJECT: u64 = 8 * 1024 * 1024;
/// Largest script or file of labels in a file system that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;
/// Most bytes of metadata that are read of one image. Compressed files and links make a
/// small image say much: any number of links may lead to one file.
const MAX_TOTAL: u64 = 16 * 1024 * 1024;
/// Most problems that are told of one image.
const MAX_PROBLEMS: usize = 40;
/// Most apps of an image, and most files of an environment, that are read.
const MAX_ENTRIES: usize = 1000;
/// Most entries of a folder that are looked at to find these.
const MOST: usize = 100_000;

/// Where the metadata of an image were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// In the object `inspect-metadata.json`.
    Descriptor,
    /// In the file system inside.
    FileSystem,
    /// In the configuration of an image in OCI's format.
    OciConfig,
}

/// What an image says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Where that was found; nothing when it was found nowhere.
    pub found: Option<Found>,
    /// What it says.
    pub attributes: Attributes,
    /// For which architecture it is: what the primary partition says, which a signature
    /// covers, before what the header says.
    pub architecture: Option<Architecture>,
    /// What could not be read, in words.
    pub problems: Vec<String>,
    /// The ids of the objects that this was read from.
    pub sources: BTreeSet<u32>,
    /// How many of [`MAX_TOTAL`] bytes may still be read; nothing when reading has stopped.
    left: Option<u64>,
}

impl Inspection {
    /// What is known of an image in which nothing was found, and why.
    #[must_use]
    pub fn unread(architecture: Option<Architecture>, problems: Vec<String>) -> Self {
        let (attributes, sources) = (Attributes::default(), BTreeSet::new());
        Self { found: None, attributes, architecture, problems, sources, left: Some(MAX_TOTAL) }
    }

    /// Inspects an image. What cannot be read is a problem, told beside all else.
    ///
    /// # Errors
    /// `io` when the file cannot be read at all.
    pub fn of<S: Source + ?Sized>(image: &Image<'_, S>) -> Result<Self, SifError> {
        let mut found = Self::unread(architecture(image), Vec::new());
        let named = |object: &&Object| object.kind == Kind::Json && object.name == "inspect-metadata.json";
        if let Some(object) = image.objects().iter().find(named) {
            found.descriptor(image, object)?;
        } else if let Some(index) = oci_index(image) {
            found.oci(image, index)?;
        } else if let Some(primary) = image.primary() {
            found.partition(image, primary);
        }
        found.definition(image)?;
        Ok(found)
    }

    /// Adds a problem, unless there are many: each file of a damaged image would have one.
    fn tell(&mut self, problem: String) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn descriptor<S: Source + ?Sized>(&mut self, image: &Image<'_, S>, object: &Object) -> Result<(), SifError> {
        let Some(text) = self.text(image, object)? else { return Ok(()) };
        match Attributes::parse(&text) {
            Ok((attributes, problems)) => {
                self.attributes = attributes;
                self.problems.extend(problems.into_iter().map(|problem| format!("`{}`: {problem}", object.name)));
                self.found = Some(Found::Descriptor);
            }
            Err(problem) => self.problems.push(format!("`{}`: {problem}", object.name)),
        }
        Ok(())
    }

    /// The data of an object; a problem when it is too large.
    fn text<S: Source + ?Sized>(&mut self, image: &Image<'_, S>, object: &Object) -> Result<Option<Vec<u8>>, SifError> {
        let Some(limit) = self.allowance(object.size.min(MAX_OBJECT)) else { return Ok(None) };
        match image.data(object, limit) {
            Ok(text) => {
                self.sources.insert(object.id);
                Ok(Some(text))
            }
            Err(SifError::Io(error)) => Err(error.into()),
            Err(problem) => {
                self.problems.push(format!("object {}: {problem}", object.id));
                Ok(None)
            }
        }
    }

    fn partition<S: Source + ?Sized>(&mut self, image: &Image<'_, S>, primary: &Object) {
        let Kind::Partition { file_system, .. } = primary.kind else { return };
        if file_system != FileSystem::Squashfs {
            self.tell(format!("labels and scripts are in a file system that is not read: {file_system}"));
            return;
        }
        match Tree::open(image.source(), primary.offset, primary.size) {
            Ok(tree) => {
                self.found = Some(Found::FileSystem);
                self.sources.insert(primary.id);
                self.tree(&tree);
            }
            Err(problem) => self.tell(format!("the squashfs inside cannot be read: {problem}")),
        }
    }

    fn tree<S: Source + ?Sized>(&mut self, files: &Tree<'_, S>) {
        let labels = self.file(files, "/.singularity.d/labels.json").map(|text| parse_labels(&text));
        match labels {
            Some(Ok(labels)) => self.attributes.labels = labels,
            Some(Err(problem)) => self.tell(format!("`/.singularity.d/labels.json`: {problem}")),
            None => {}
        }
        self.attributes.runscript = self.words(files, "/.singularity.d/runscript");
        self.attributes.startscript = self.words(files, "/.singularity.d/startscript");
        self.attributes.test = self.words(files, "/.singularity.d/test");
        self.attributes.helpfile = self.words(files, "/.singularity.d/runscript.help");
        self.attributes.deffile = self.words(files, "/.singularity.d/Singularity");
        for name in self.names(files.files("/.singularity.d/env", MOST)) {
            let is_shown =
                name.starts_with("10-docker") || (name.starts_with('9') && name.ends_with("-environment.sh"));
            if is_shown && name.ends_with(".sh") {
                let path = format!("/.singularity.d/env/{name}");
                let text = self.words(files, &path);
                self.attributes.environment.insert(path, text);
            }
        }
        for name in self.names(files.folders_with("/scif/apps", "scif", MOST)) {
            let app = self.app(files, &format!("/scif/apps/{name}/scif"));
            self.attributes.apps.insert(name, app);
        }
    }

    fn app<S: Source + ?Sized>(&mut self, files: &Tree<'_, S>, folder: &str) -> App {
        let path = format!("{folder}/labels.json");
        let labels = self.file(files, &path).map(|text| parse_labels(&text));
        let labels = labels.unwrap_or_else(|| Ok(Default::default())).unwrap_or_else(|problem| {
            self.tell(format!("`{path}`: {problem}"));
            Default::default()
        });
        let mut environment = std::collections::BTreeMap::new();
        let path = format!("{folder}/env/90-environment.sh");
        let text = self.words(files, &path);
        if !text.is_empty() {
            environment.insert(path, text);
        }
        App {
            environment,
            labels,
            runscript: self.words(files, &format!("{folder}/runscript")),
            test: self.words(files, &format!("{folder}/test")),
            helpfile: self.words(files, &format!("{folder}/runscript.help")),
            startscript: self.words(files, &format!("{folder}/startscript")),
        }
    }

    fn names(&mut self, found: Result<Vec<String>, String>) -> Vec<String> {
        match found {
            Ok(names) if names.len() > MAX_ENTRIES => {
                self.tell(format!("of {} entries, {MAX_ENTRIES} are read", names.len()));
                names.into_iter().take(MAX_ENTRIES).collect()
            }
            Ok(names) => names,
            Err(problem) => {
                self.tell(problem);
                Vec::new()
            }
        }
    }

    fn file<S: Source + ?Sized>(&mut self, files: &Tree<'_, S>, path: &str) -> Option<Vec<u8>> {
        let limit = self.allowance(files.size(path).min(MAX_FILE))?;
        files.read(path, limit).unwrap_or_else(|problem| {
            self.tell(problem);
            None
        })
    }

    /// Takes so many bytes from what may still be read. When there are not so many, that is
    /// told once, and nothing more is read.
    fn allowance(&mut self, wanted: u64) -> Option<u64> {
        let left = self.left?;
        self.left = left.checked_sub(wanted);
        if self.left.is_none() {
            self.tell(format!("there are more than {MAX_TOTAL} bytes of metadata; the rest is not read"));
        }
        self.left.map(|_left| wanted)
    }

    /// A file's text without the line ends at its end; empty when there is no such file.
    fn words<S: Source + ?Sized>(&mut self, files: &Tree<'_, S>, path: &str) -> String {
        let text = self.file(files, path).unwrap_or_default();
        String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned()
    }

    /// The definition file that has an object of its own.
    fn definition<S: Source + ?Sized>(&mut self, image: &Image<'_, S>) -> Result<(), SifError> {
        let Some(object) = image.objects().iter().find(|object| object.kind == Kind::Definition) else {
            return Ok(());
        };
        if let Some(text) = self.text(image, object)? {
            self.attributes.deffile = String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned();
        }
        Ok(())
    }

    /// Labels and architecture of an image in OCI's format: index, manifest, configuration,
    /// each found by the digest that the one before it names.
    fn oci<S: Source + ?Sized>(&mut self, image: &Image<'_, S>, index: &Object) -> Result<(), SifError> {
        let Some(index) = self.json(image, index)? else { return Ok(()) };
        let manifest = index.get("manifests").and_then(|list| list.items().first());
        let Some(manifest) = self.blob(image, manifest)? else { return Ok(()) };
        let Some(config) = self.blob(image, manifest.get("config"))? else { return Ok(()) };
        self.found = Some(Found::OciConfig);
        let said = config.get("architecture").and_then(Value::as_text);
        self.architecture = self.architecture.or(said.and_then(Architecture::of_name));
        if let Some(Value::Map(labels)) = config.get("config").and_then(|inner| inner.get("Labels")) {
            let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_text()?.to_owned()));
            self.attributes.labels = labels.iter().filter_map(text).collect();
        }
        Ok(())
    }

    /// The blob that a descriptor of OCI names, when its bytes have that digest.
    fn blob<S: Source + ?Sized>(
        &mut self,
        image: &Image<'_, S>,
        descriptor: Option<&Value>,
    ) -> Result<Option<Value>, SifError> {
        let digest = descriptor.and_then(|d| d.get("digest")).and_then(Value::as_text).unwrap_or_default().to_owned();
        let object = image.objects().iter().find(|object| object.kind == Kind::OciBlob(digest.clone()));
        match object {
            Some(object) => self.json(image, object),
            None => {
                self.problems.push(format!("the image has no blob `{}`", crate::text::shown(&digest)));
                Ok(None)
            }
        }
    }

    fn json<S: Source + ?Sized>(&mut self, image: &Image<'_, S>, object: &Object) -> Result<Option<Value>, SifError> {
        let Some(text) = self.text(image, object)? else { return Ok(None) };
        if let Kind::OciBlob(digest) | Kind::OciIndex(digest) = &object.kind
            && digest.parse::<Digest>().ok() != Some(Digest::of(&text))
        {
            self.problems.push(format!("object {} is not the blob that its digest names", object.id));
            return Ok(None);
        }
        match serde_json::from_slice(&text) {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                self.problems.push(format!("object {}: {error}", object.id));
                Ok(None)
            }
        }
    }
}

fn oci_index<'i, S: Source + ?Sized>(image: &'i Image<'_, S>) -> Option<&'i Object> {
    image.objects().iter().find(|object| matches!(object.kind, Kind::OciIndex(_)))
}

fn architecture<S: Source + ?Sized>(image: &Image<'_, S>) -> Option<Architecture> {
    let primary = image.primary().and_then(|object| match object.kind {
        Kind::Partition { architecture, .. } => architecture,
        _ => None,
    });
    primary.or(image.header().architecture)
}
