//! OCI registries that attack (`threats.md` T-14 to T-22): a mock on loopback.
