//! Whether there is an image that a job can run: the name, then partition, architecture,
//! version and app, in this order; the first that does not fit is told.

use super::SHARED;
use super::answer::{Answer, ImageFound, Problem, Verdict};
use super::facts::satisfies;
use super::images::Image;
use crate::catalog::suggest;
use crate::model::{Architecture, JobPlace, WantedImage};

/// What fails, in words, and what would do.
struct Fault {
    problem: Problem,
    message: String,
    near: Vec<String>,
}

pub(super) fn answer(images: &[Image], wanted: &WantedImage, place: &JobPlace) -> Answer {
    let is_there = |image: &&Image| wanted.folder.as_ref().is_none_or(|folder| *folder == image.partition);
    let named: Vec<&Image> = images.iter().filter(|image| image.file == wanted.file).collect();
    let candidates: Vec<&Image> = named.iter().copied().filter(is_there).collect();
    let checked = candidates.iter().map(|image| (*image, fault(images, &candidates, image, wanted, place)));
    // The one that comes furthest is meant, and of those the first.
    let reached = |fault: &Option<Fault>| fault.as_ref().map_or(usize::MAX, |fault| fault.problem as usize);
    let best = checked.min_by_key(|(_, fault)| usize::MAX - reached(fault));
    let Some((image, fault)) = best else { return missing(images, &named, wanted, place) };
    let base = match fault {
        None => {
            let partition = &image.partition;
            let message = format!("Image \"{}\" is available in {partition} partition", image.file);
            Answer::new(Verdict::Resolves, message)
        }
        Some(fault) => Answer { near: fault.near, ..Answer::new(Verdict::Fails(fault.problem), fault.message) },
    };
    Answer {
        reference: Some(image.reference.to_string()),
        image: Some(ImageFound { path: image.path.clone(), partition: image.partition.clone() }),
        yanked: image.yanked.clone(),
        ..base
    }
}

fn missing(images: &[Image], named: &[&Image], wanted: &WantedImage, place: &JobPlace) -> Answer {
    let available = files(images.iter().filter(|image| fits(image, wanted, place)));
    let (message, near) = match (&wanted.folder, named) {
        (Some(folder), [_, ..]) => {
            let message = format!("Image \"{}\" not found in registry below \"{folder}\"", wanted.file);
            (message, named.iter().map(|image| image.path.clone()).collect())
        }
        _ => {
            let near = suggest::near(&wanted.file, available.iter().map(String::as_str));
            (format!("Image \"{}\" not found in registry", wanted.file), near)
        }
    };
    Answer { near, available, ..Answer::new(Verdict::Fails(Problem::ImageMissing), message) }
}

/// The first thing about an image that does not fit.
fn fault(
    images: &[Image],
    candidates: &[&Image],
    image: &Image,
    wanted: &WantedImage,
    place: &JobPlace,
) -> Option<Fault> {
    let file = &image.file;
    let others = |is_right: &dyn Fn(&Image) -> bool| {
        let alike = images.iter().filter(|other| other.software() == image.software());
        files(alike.filter(|other| fits(other, wanted, place) && is_right(other)))
    };
    let is_served = |partition: &String| candidates.iter().any(|image| serves(image, partition));
    if let Some(partition) = place.partitions.iter().find(|partition| !is_served(partition)) {
        let message = format!("Image \"{file}\" is in {} partition, and the job goes to {partition}", image.partition);
        return Some(Fault { problem: Problem::WrongPartition, message, near: others(&|_| true) });
    }
    if let (Some(has), Some(needs)) = (image.architecture, other_architecture(image, wanted, place)) {
        let message = format!("Image \"{file}\" is for {has}, and the job needs {needs}");
        return Some(Fault { problem: Problem::WrongArchitecture, message, near: others(&|_| true) });
    }
    if let Some(asked) = wanted.version.as_ref().filter(|asked| !has_version(image, asked)) {
        let version = &image.facts.versions[0];
        let message = format!("Image \"{file}\" has version {version}, and the job asks for {asked}");
        let near = others(&|other| has_version(other, asked));
        return Some(Fault { problem: Problem::VersionMismatch, message, near });
    }
    let (app, apps) = (wanted.app.as_ref()?, image.facts.apps.as_ref()?);
    if apps.contains(app) {
        return None;
    }
    let list: Vec<&str> = apps.iter().map(String::as_str).collect();
    let there = if list.is_empty() { "it has none".to_owned() } else { format!("it has {}", list.join(", ")) };
    let message = format!("Image \"{file}\" has no app {app}; {there}");
    Some(Fault { problem: Problem::AppMissing, message, near: suggest::near(app, list.into_iter()) })
}

/// Whether an image runs where the job does.
fn fits(image: &Image, wanted: &WantedImage, place: &JobPlace) -> bool {
    place.partitions.iter().all(|partition| serves(image, partition))
        && other_architecture(image, wanted, place).is_none()
}

fn serves(image: &Image, partition: &str) -> bool {
    image.partition == SHARED || image.partition == partition
}

/// The architecture that is needed and is not the image's.
fn other_architecture(image: &Image, wanted: &WantedImage, place: &JobPlace) -> Option<Architecture> {
    let has = image.architecture?;
    [place.architecture, wanted.architecture].into_iter().flatten().find(|needed| *needed != has)
}

fn has_version(image: &Image, asked: &str) -> bool {
    image.facts.versions.iter().any(|version| satisfies(version, asked))
}

/// The file names of images, sorted, each once.
fn files<'i>(images: impl Iterator<Item = &'i Image>) -> Vec<String> {
    let mut files: Vec<String> = images.map(|image| image.file.clone()).collect();
    files.sort_unstable();
    files.dedup();
    files
}
