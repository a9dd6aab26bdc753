//! What pulls and runs an image, by its digest or from where it lies.

use super::view::{APPTAINER, DOCKER, Tool};
use crate::model::WarehouseAddr;
use crate::site::safe::{is_shell_path, is_shell_word};

/// Most items of one release that have lines of their own.
pub(super) const MOST: usize = 24;

/// A tool, what its lines do, and the lines; without them, a word of theirs did not pass.
type Way = (Tool, &'static str, Option<Vec<String>>);

/// The ways to use an image, by the addresses of its ware.
pub(super) fn ways(packtype: &str, addresses: &[WarehouseAddr]) -> Vec<Way> {
    let is_image = packtype == "oci";
    let mut found = Vec::new();
    let addresses = || addresses.iter().map(WarehouseAddr::as_str);
    if let Some(path) = addresses().find_map(|address| address.strip_prefix("file://")) {
        let line = is_shell_path(path).then(|| vec![format!("apptainer run {path}")]);
        found.push((APPTAINER, "Run it where it lies", line));
    }
    if let Some(name) = addresses().filter_map(|address| address.strip_prefix("oci://")).find(|name| is_pinned(name)) {
        // A registry holds a SIF file as an artifact, which is fetched by another scheme.
        let scheme = if is_image { "docker" } else { "oras" };
        let fine = is_shell_word(name);
        let apptainer = |verb: &str| fine.then(|| vec![format!("apptainer {verb} {scheme}://{name}")]);
        found.push((APPTAINER, "Pull it by digest", apptainer("pull")));
        found.push((APPTAINER, "Run it by digest", apptainer("run")));
        if is_image {
            found.push((DOCKER, "Pull it by digest", fine.then(|| vec![format!("docker pull {name}")])));
            found.push((DOCKER, "Run it by digest", fine.then(|| vec![format!("docker run --rm -it {name}")])));
        }
    }
    found
}

/// Whether a name of an image ends with a whole SHA-256: only that names one image for ever.
fn is_pinned(name: &str) -> bool {
    let digest = name.split_once("@sha256:").map(|(_, digest)| digest);
    digest.is_some_and(|digest| digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

#[cfg(test)]
mod tests {
    use super::ways;

    fn lines(packtype: &str, address: &str) -> Vec<String> {
        let found = ways(packtype, &[address.parse().unwrap()]);
        found.into_iter().flat_map(|(_, _, lines)| lines.unwrap_or_else(|| vec!["withheld".into()])).collect()
    }

    #[test]
    fn images_are_pulled_by_digest_and_by_nothing_else() {
        let digest = "ab".repeat(32);
        let name = format!("a.org:5000/hpc/python@sha256:{digest}");
        let image = lines("oci", &format!("oci://{name}"));
        assert_eq!(image[0], format!("apptainer pull docker://{name}"));
        assert_eq!(image[2], format!("docker pull {name}"));
        let sif = lines("sif", &format!("oci://{name}"));
        assert_eq!(sif, [format!("apptainer pull oras://{name}"), format!("apptainer run oras://{name}")]);
        for address in ["oci://a.org/b:latest", "oci://a.org/b@sha256:abcd", "https://a.org/b"] {
            assert!(lines("oci", address).is_empty(), "{address}");
        }
        assert_eq!(
            lines("sif", "file:///shared/images/python_3.11.sif"),
            ["apptainer run /shared/images/python_3.11.sif"]
        );
    }

    #[test]
    fn t25_a_place_that_a_shell_would_read_into_is_withheld() {
        let digest = "ab".repeat(32);
        for address in [
            "file:///a/$(id).sif".to_owned(),
            "file:///a/b;ls.sif".to_owned(),
            "file:///a%20b.sif".to_owned(),
            format!("oci://a.org/$(id)@sha256:{digest}"),
            format!("oci://-v@sha256:{digest}"),
        ] {
            let said = lines("sif", &address);
            assert!(!said.is_empty() && said.iter().all(|line| line == "withheld"), "{address}: {said:?}");
        }
    }
}
