//! The download cache: bytes by their SHA-256, so that nothing is fetched twice.
