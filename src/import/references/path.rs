//! What the word stands for that names an image on a command line or in a template.

use crate::model::{Wanted, WantedImage, WantedKind};

/// Stands in a word for what only the running job knows. No text holds it: a NUL is
/// refused in a file, and in the escapes of a template.
pub(super) const UNKNOWN: char = '\0';

/// Sources of images that Apptainer names without `//`.
const TRANSPORTS: &[&str] = &["docker-daemon:", "docker-archive:", "oci:", "oci-archive:", "oci-sif:"];

/// What an image's name or path asks for; `None` for a running instance, which is none.
pub(super) fn wanted(word: &str, image: WantedImage) -> Option<Wanted> {
    let unknown = |reason| Some(Wanted::Unknown { kind: WantedKind::Image, reason });
    if let Some(item) = word.strip_prefix("catalog:") {
        return Some(match item.contains(UNKNOWN) {
            true => Wanted::Unknown { kind: WantedKind::Item, reason: "a part of it is known to the job only" },
            false => Wanted::Item(item.to_owned()),
        });
    }
    if word.starts_with("instance://") {
        return None;
    }
    if word.contains("://") || TRANSPORTS.iter().any(|transport| word.starts_with(transport)) {
        return unknown("it is fetched from elsewhere when the job runs");
    }
    let mut parts = word.rsplit('/');
    let file = parts.next().unwrap_or_default();
    if file.contains(UNKNOWN) {
        return unknown("its name is known to the job only");
    }
    if matches!(file, "" | "." | "..") {
        return unknown("it is a folder");
    }
    let folder = parts.next().filter(|part| !matches!(*part, "" | "." | "..") && !part.contains(UNKNOWN));
    Some(Wanted::Image(WantedImage { file: file.to_owned(), folder: folder.map(str::to_owned), ..image }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str) -> Option<(String, Option<String>)> {
        match wanted(word, WantedImage::default())? {
            Wanted::Image(image) => Some((image.file, image.folder)),
            other => Some((format!("{:?}", other.kind()), None)),
        }
    }

    #[test]
    fn a_path_says_its_file_and_folder_as_far_as_they_are_known() {
        let image = |file: &str, folder: Option<&str>| Some((file.to_owned(), folder.map(str::to_owned)));
        assert_eq!(of("x_1.sif"), image("x_1.sif", None));
        assert_eq!(of("./x_1.sif"), image("x_1.sif", None));
        assert_eq!(of("/shared/images/compute/x.sif"), image("x.sif", Some("compute")));
        assert_eq!(of("\0/compute/x.sif"), image("x.sif", Some("compute")));
        assert_eq!(of("\0/x.sif"), image("x.sif", None));
        assert_eq!(of("/a/x_\0.sif"), image("Image", None));
        assert_eq!(of("oras://r.example/x:1"), image("Image", None));
        assert_eq!(of("/"), image("Image", None));
        assert_eq!(of("catalog:a.org/b:1:x"), image("Item", None));
        assert_eq!(of("instance://one"), None);
    }
}
