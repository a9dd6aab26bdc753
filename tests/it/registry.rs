//! OCI registries: a real one on loopback.
