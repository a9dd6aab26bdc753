//! OCI registries: tags, manifests and blobs, each checked against its digest.
