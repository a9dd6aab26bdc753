//! Putting blobs and manifests into a real registry (OCI distribution specification 1.1,
//! "Pushing").

use std::path::Path;

use reqwest::blocking::Client;
use serde_json::{Value, json};
use warecat::model::Digest;

use crate::support_registry::RealRegistry;

pub(crate) const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// What pushes to a registry.
pub(crate) struct Pusher {
    client: Client,
    base: String,
}

impl Pusher {
    pub(crate) fn new(registry: &RealRegistry) -> Self {
        Self { client: Client::new(), base: format!("http://{}/v2", registry.host()) }
    }

    /// Pushes a blob; gives its descriptor.
    pub(crate) fn blob(&self, repository: &str, media_type: &str, bytes: &[u8]) -> Value {
        let digest = Digest::of(bytes);
        let begun = self.client.post(format!("{}/{repository}/blobs/uploads/", self.base)).send().unwrap();
        let location = begun.headers()["location"].to_str().unwrap();
        let target = reqwest::Url::parse(&self.base).unwrap().join(location).unwrap();
        let sent =
            self.client.put(target).query(&[("digest", digest.to_string())]).body(bytes.to_vec()).send().unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().unwrap());
        json!({"mediaType": media_type, "digest": digest.to_string(), "size": bytes.len()})
    }

    /// Pushes the bytes of a manifest under a tag or digest; gives their digest.
    pub(crate) fn manifest(&self, repository: &str, reference: &str, media_type: &str, bytes: &[u8]) -> Digest {
        let url = format!("{}/{repository}/manifests/{reference}", self.base);
        let sent = self.client.put(url).header("Content-Type", media_type).body(bytes.to_vec()).send().unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().unwrap());
        Digest::of(bytes)
    }

    /// Pushes every blob of a layout's folder that is no manifest.
    pub(crate) fn blobs(&self, repository: &str, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            if bytes.len() < 4 << 20 {
                self.blob(repository, "", &bytes);
            }
        }
    }

    /// Pushes a SIF image as Apptainer does; gives the digest of its manifest.
    pub(crate) fn sif(&self, repository: &str, tag: &str, bytes: &[u8]) -> Digest {
        let config = self.blob(repository, "application/vnd.sylabs.sif.config.v1+json", b"{}");
        let mut layer = self.blob(repository, "application/vnd.sylabs.sif.layer.v1.sif", bytes);
        layer["annotations"] = json!({"org.opencontainers.image.title": format!("{tag}.sif")});
        let manifest = json!({"schemaVersion": 2, "mediaType": OCI, "config": config, "layers": [layer]});
        self.manifest(repository, tag, OCI, manifest.to_string().as_bytes())
    }

    /// Makes and pushes an image of one layer; gives the digest of its manifest and a
    /// descriptor of that.
    pub(crate) fn image(&self, repository: &str, tag: &str, config: &Value) -> (Digest, Value) {
        self.image_as(repository, tag, config, [OCI, "application/vnd.oci.image.config.v1+json"])
    }

    pub(crate) fn image_as(&self, repository: &str, tag: &str, config: &Value, types: [&str; 2]) -> (Digest, Value) {
        let config = self.blob(repository, types[1], config.to_string().as_bytes());
        let layer = self.blob(repository, "application/vnd.oci.image.layer.v1.tar", b"a layer");
        let manifest = json!({"schemaVersion": 2, "mediaType": types[0], "config": config, "layers": [layer]});
        let text = manifest.to_string();
        let digest = self.manifest(repository, tag, types[0], text.as_bytes());
        (digest, json!({"mediaType": types[0], "digest": digest.to_string(), "size": text.len()}))
    }
}
