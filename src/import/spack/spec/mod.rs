//! Concrete specs: nodes of spec JSON, their hashes, what they become.
