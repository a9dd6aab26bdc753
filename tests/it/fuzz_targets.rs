//! What each fuzz target asks of a parser, on any bytes; `fuzz/` runs these functions
//! under libFuzzer, `fuzz_corpus` replays the kept corpus through them.
//!
//! A target panics when an invariant breaks, and says nothing about what is refused.
//! Where a target has several types of document, the first byte chooses one (`'0'` the
//! first), so that no input is wasted on types that it cannot be.

use std::fmt::{Debug, Display};
use std::path::{Component, Path};
use std::str::FromStr;

use serde::{Serialize, de::DeserializeOwned};
use warecat::catalog::Query;
use warecat::catalog::config::Config;
use warecat::import::Import;
use warecat::import::names::KnownNames;
use warecat::import::sif::{Image, Inspection, Integrity, Report, Signature};
use warecat::import::spack::{recipe, spec};
use warecat::mirror::Location;
use warecat::model::codec::{block, decode, decode_block, encode};
use warecat::model::{
    BytesCid, CatalogRef, Ingest, ItemLabel, LocalLabel, MirrorsCapsule, ModuleCapsule, ModuleName, Mount, Packtype,
    Pipe, PlotCapsule, PlotInputSimple, PlotOutput, RawMirrorsCapsule, RawModuleCapsule, RawRelease, RecordCapsule,
    RecordCid, Release, ReleaseName, ReleaseRef, SandboxPort, SourceCapsule, Value, Wanted, WareId, WarehouseAddr,
    WarpforgeCid, order, upstream,
};
use warecat::store::Place;

/// How many types of document the first byte chooses from.
const TYPES: u8 = 10;

/// Documents as JSON text: what is read is written so that it reads the same again, as
/// text and as a block, with one CID.
pub fn json_document(data: &[u8]) {
    let Some((kind, text)) = data.split_first() else { return };
    match kind.wrapping_sub(b'0') % TYPES {
        0 => both_texts::<Release, RawRelease>(text),
        1 => text_holds::<RawRelease>(text),
        2 => both_texts::<ModuleCapsule, RawModuleCapsule>(text),
        3 => text_holds::<RawModuleCapsule>(text),
        4 => both_texts::<MirrorsCapsule, RawMirrorsCapsule>(text),
        5 => text_holds::<RawMirrorsCapsule>(text),
        6 => text_holds::<PlotCapsule>(text),
        7 => text_holds::<RecordCapsule>(text),
        8 => text_holds::<SourceCapsule>(text),
        _ => text_holds::<Value>(text),
    }
}

/// A document of checked names is also one of any names, and hashes the same.
fn both_texts<T, R>(text: &[u8])
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
    R: DeserializeOwned + Serialize,
{
    text_holds::<T>(text);
    if let Ok(document) = decode::<T>(text) {
        let raw: R = decode(text).expect("a parser that checks less accepts more");
        assert_eq!(block(&raw), block(&document), "the checked and the unchecked reading differ");
    }
}

fn text_holds<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &[u8]) {
    match decode::<T>(text) {
        Ok(document) => {
            let written = encode(&document);
            let again: T = decode(&written).expect("what is written can be read");
            assert_eq!(again, document, "the text says something else");
            assert_eq!(encode(&again), written, "the text changes when written again");
            let bytes = block(&document);
            let from_block: T = decode_block(&bytes).expect("what is encoded can be decoded");
            // A block sorts its maps, so only blocks can be compared.
            assert_eq!(block(&from_block), bytes, "the block changes when encoded again");
            assert_eq!(WarpforgeCid::of_block(&block(&again)), WarpforgeCid::of_block(&bytes));
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.contains(char::is_control), "an error holds control characters: {shown:?}");
        }
    }
}

/// Documents as dag-cbor: a block that is accepted is the only one of its document.
pub fn dag_cbor(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    match kind.wrapping_sub(b'0') % TYPES {
        0 => block_holds::<Release>(bytes),
        1 => block_holds::<RawRelease>(bytes),
        2 => block_holds::<ModuleCapsule>(bytes),
        3 => block_holds::<RawModuleCapsule>(bytes),
        4 => block_holds::<MirrorsCapsule>(bytes),
        5 => block_holds::<RawMirrorsCapsule>(bytes),
        6 => block_holds::<PlotCapsule>(bytes),
        7 => block_holds::<RecordCapsule>(bytes),
        8 => block_holds::<SourceCapsule>(bytes),
        _ => block_holds::<Value>(bytes),
    }
}

fn block_holds<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(document) = decode_block::<T>(bytes) {
        assert_eq!(block(&document), bytes, "an accepted block is not the one that is written");
        let text = encode(&document);
        let again: T = decode(&text).expect("what a block holds can be written as text");
        assert_eq!(again, document, "the text says something else than the block");
        assert_eq!(block(&again), bytes);
    }
}

/// Names, wares, addresses, CIDs and paths; two names stand on two lines.
pub fn names(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (first, second) = text.split_once('\n').unwrap_or((text, text));
    path_names(first, second);
    round_trips::<LocalLabel>(text).inspect(|label| assert!(!label.as_str().contains(':')));
    round_trips::<Packtype>(text);
    round_trips::<WarehouseAddr>(text).inspect(|address| assert!(!address.scheme().contains("://")));
    if let Some(ware) = round_trips::<WareId>(text) {
        assert_eq!(format!("{}:{}", ware.packtype(), ware.hash()), text);
        assert!(ware.packtype().parse::<Packtype>().is_ok() && !ware.hash().contains(':'));
    }
    cids(text);
    if let Some(place) = Place::parse(text) {
        assert_eq!(place.to_string(), text);
    }
    spellings(text);
    orders(first, second);
}

/// Names that become paths, alone and as the places of their documents.
fn path_names(module: &str, release: &str) {
    round_trips::<ItemLabel>(release).inspect(|item| single_segment(item.as_str()));
    let release = round_trips::<ReleaseName>(release).inspect(|release| single_segment(release.as_str()));
    let Some(module) = round_trips::<ModuleName>(module) else { return };
    stays_inside(module.as_str());
    assert!(module.is_within(&module) && module.segments().eq(module.as_str().split('/')));
    let mut places = vec![Place::Module(module.clone()), Place::Mirrors(module.clone()), Place::Source(module.clone())];
    places.extend(release.map(|release| Place::Release(module.clone(), release)));
    places.push(Place::Replay(module.clone(), WarpforgeCid::of_block(b"")));
    places.push(Place::Record(module, RecordCid::of_block(b"")));
    for place in places {
        let path = place.to_string();
        let inside = Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
        assert!(inside, "`{path}` leaves the catalog");
        assert_eq!(Place::parse(&path), Some(place), "`{path}` is read as another place");
    }
}

fn stays_inside(name: &str) {
    assert!(!name.contains(|c: char| c.is_control() || matches!(c, '\\' | ':')), "{name:?}");
    assert!(!Path::new(name).is_absolute() && !name.starts_with(['/', '~']), "{name:?}");
    for segment in name.split('/') {
        assert!(!matches!(segment, "" | "." | "..") && !segment.starts_with(['.', '_']), "{name:?}");
    }
}

fn single_segment(name: &str) {
    assert!(!name.contains('/'), "{name:?}");
    stays_inside(name);
}

fn cids(text: &str) {
    let kinds = [
        round_trips::<WarpforgeCid>(text).is_some(),
        round_trips::<RecordCid>(text).is_some(),
        round_trips::<BytesCid>(text).is_some(),
    ];
    assert!(kinds.iter().filter(|is| **is).count() < 2, "one text names two kinds of content: {text:?}");
}

/// Every spelling has a strict part of a module name, with or without a hash.
fn spellings(text: &str) {
    for segment in upstream::segment(text).into_iter().chain([upstream::hashed_segment(text, upstream::SHORT)]) {
        let name: ModuleName = format!("x.org/{segment}").parse().expect("it is part of a name");
        assert!(name.is_strict() && !segment.contains('/'), "`{segment}` is not strict");
        assert!(segment != "ext", "a reserved part was given out");
    }
}

fn orders(a: &str, b: &str) {
    for order in [order::natural, order::newest_first] {
        assert_eq!(order(a, b), order(b, a).reverse());
        assert_eq!(order(a, b).is_eq(), a == b);
    }
    order::sort_natural(&mut [a, b, a], |name| name);
}

/// A text that is accepted is what its value is shown as.
fn round_trips<T>(text: &str) -> Option<T>
where
    T: FromStr<Err: Display> + Display + PartialEq + Debug,
{
    match text.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string(), text, "an accepted text is shown as another one");
            Some(value)
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.contains(char::is_control), "an error holds control characters: {shown:?}");
            None
        }
    }
}

/// Job scripts, and with `1` as the first byte templates: every reference stands in a line
/// of its file, and nothing stands for what is unknown but its own kind.
pub fn jobs(data: &[u8]) {
    let Some((kind, text)) = data.split_first() else { return };
    let name = if *kind == b'1' { "job.yaml" } else { "job.sh" };
    match warecat::import::references::read(name, text) {
        Ok(job) => {
            let lines = 1 + text.iter().filter(|byte| **byte == b'\n').count();
            for demand in &job.demands {
                assert!((1..=lines).contains(&demand.line), "{demand:?}");
                assert!(!demand.text.contains('\0'), "{demand:?}");
                if let Wanted::Image(image) = &demand.wanted {
                    let parts = [Some(&image.file), image.folder.as_ref(), image.app.as_ref()];
                    assert!(!parts.into_iter().flatten().any(|part| part.contains('\0')), "{demand:?}");
                    assert!(!image.file.is_empty() && !image.file.contains('/'), "{demand:?}");
                }
            }
        }
        Err(error) => {
            let shown = error.to_string();
            assert!(!shown.contains(char::is_control), "an error holds control characters: {shown:?}");
        }
    }
}

/// References, the strings of a plot, and locations.
pub fn references(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    round_trips::<CatalogRef>(text);
    round_trips::<ReleaseRef>(text);
    round_trips::<Pipe>(text);
    round_trips::<PlotOutput>(text);
    round_trips::<SandboxPort>(text);
    round_trips::<Ingest>(text);
    settles::<Mount>(text);
    settles::<PlotInputSimple>(text);
    query(text);
    location(text);
}

/// Like [`round_trips`], for types that read a longer form than they write.
fn settles<T: FromStr<Err: Display> + Display + PartialEq + Debug>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        let shown = value.to_string();
        assert!(shown == text || text.contains("readonly") || text.contains("readwrite"), "{text:?} became {shown:?}");
        assert_eq!(shown.parse::<T>().ok(), Some(value));
    }
}

fn query(text: &str) {
    if let Ok(query) = Query::parse(text) {
        let release = query.release.iter().map(|release| format!(":{release}"));
        let item = query.item.iter().map(|item| format!(":{item}"));
        let joined: String = [query.module.clone()].into_iter().chain(release).chain(item).collect();
        assert_eq!(joined, text, "a query asks for something else than its text");
    }
}

fn location(text: &str) {
    let Ok(location) = text.parse::<Location>() else { return };
    let shown = location.to_string();
    assert!(!shown.contains(char::is_control), "{shown:?}");
    assert!(location.is_remote() || location.as_path().is_some());
    if let (Some(path), Ok(joined)) = (location.as_path(), location.join(text)) {
        let below = joined.as_path().and_then(|joined| joined.strip_prefix(path).ok());
        let inside = below.is_some_and(|rest| rest.components().all(|part| matches!(part, Component::Normal(_))));
        assert!(inside, "{text:?} joined to itself leaves its folder");
    }
}

/// `catalog.toml`: what is read is written so that it reads the same.
pub fn config(data: &[u8]) {
    if let Ok(config) = Config::parse(data) {
        let text = config.to_text();
        assert_eq!(Config::parse(text.as_bytes()).expect("what is written can be read"), config);
        for (at, source) in config.sources.iter().enumerate() {
            stays_inside(source.prefix.as_str());
            assert!(config.sources[..at].iter().all(|other| !other.prefix.is_within(&source.prefix)));
        }
    }
}

/// Concrete specs: no document ends the program, what is taken has the hash that its
/// release is named by, and no message holds a control character.
pub fn spack_spec(data: &[u8]) {
    let prefix: ModuleName = "specs.spack.io".parse().expect("a name");
    let mut importer = spec::Importer::new(spec::Options::new(prefix.clone()), KnownNames::new());
    match importer.add_file("a.json", data) {
        Err(error) => return assert!(!error.to_string().contains(char::is_control), "{error:?}"),
        Ok(taken) => assert!(taken >= importer.graph().len()),
    }
    let hashes: Vec<String> = importer.graph().nodes().map(|node| node.hash.to_string()).collect();
    let import = importer.finish();
    for one in &import.diagnostics {
        assert!(![&one.path, &one.message].iter().any(|text| text.contains(char::is_control)), "{one:?}");
    }
    let mut releases = 0;
    for module in &import.modules {
        stays_inside(module.name.as_str());
        assert!(module.name.is_within(&prefix));
        for release in &module.releases {
            releases += 1;
            assert!(hashes.iter().any(|hash| release.name.as_str().ends_with(hash.as_str())), "{}", release.name);
        }
    }
    assert_eq!(releases, hashes.len(), "a node has no release");
}

/// Spack's recipes; the first byte chooses `repology.json` or an archive (`'0'`), or the file
/// of a package beside an entry for it (`'1'`): nothing but what obeys the rules is proposed,
/// and the same bytes give the same.
pub fn spack_recipes(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    let read = match kind.wrapping_sub(b'0') % 2 {
        0 => recipes_of_file,
        _ => recipes_of_package,
    };
    let Some(import) = read(bytes) else { return };
    for module in &import.modules {
        assert!(module.name.is_strict(), "`{}` is not strict", module.name);
        for release in &module.releases {
            single_segment(release.name.as_str());
            assert_eq!(release.items.len(), 1, "`{}` has not one item", release.name);
        }
        let names: std::collections::BTreeSet<_> = module.releases.iter().map(|release| &release.name).collect();
        assert_eq!(names.len(), module.releases.len(), "a release stands twice");
        let record = module.record.as_ref().expect("each module has a record");
        let again: RecordCapsule = decode(&encode(record)).expect("what is written can be read");
        assert_eq!(again, *record);
    }
    assert_eq!(read(bytes).expect("it was read before"), import);
}

fn recipes_of_file(bytes: &[u8]) -> Option<Import> {
    let mut importer = recipe::Importer::new(recipe::Options::default(), KnownNames::new());
    importer.add_file("repology.json", bytes).ok()?;
    Some(importer.finish())
}

fn recipes_of_package(bytes: &[u8]) -> Option<Import> {
    let mut importer = recipe::Importer::new(recipe::Options::default(), KnownNames::new());
    let entry =
        br#"{"packages": {"a": {"name": "a", "version": [{"version": "1", "downloads": ["https://a.example/1"]}]}}}"#;
    importer.add_repology("repology.json", entry).ok()?;
    importer.add_package("a.json", bytes).ok()?;
    Some(importer.finish())
}

/// The largest object that the target reads, in bytes.
const MAX_OBJECT: u64 = 1024 * 1024;

/// SIF images: whatever is opened is read to its end, and nothing outside of it.
pub fn sif(data: &[u8]) {
    let image = match Image::open(data) {
        Ok(image) => image,
        Err(error) => {
            let shown = error.to_string();
            return assert!(!shown.contains(char::is_control), "an error holds control characters: {shown:?}");
        }
    };
    let len = data.len() as u64;
    for object in image.objects() {
        assert!(object.offset.checked_add(object.size).is_some_and(|end| end <= len), "an object outside the file");
        assert!(image.data(object, MAX_OBJECT).is_ok() || object.size > MAX_OBJECT);
    }
    let inspection = Inspection::of(&image).expect("memory can be read");
    let Ok(signatures) = Signature::all(&image, None) else { return };
    let integrity = signatures.iter().map(|signature| signature.integrity(&image).expect("memory can be read"));
    let integrity: Vec<Integrity> = integrity.collect();
    for signature in &signatures {
        assert!(signature.covers.iter().all(|id| image.objects().iter().any(|object| object.id == *id)));
    }
    let integrity = Some(&integrity[..]);
    let report = Report { image: &image, inspection: &inspection, signatures: &signatures, integrity };
    assert!(report.to_json().get("sif").is_some());
}
