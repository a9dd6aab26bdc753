//! Concrete specs: hashes verified, graphs walked, odd and hostile documents.

mod fixture;
mod formats;
mod hostile;
mod real;

pub(crate) use fixture::{Spec, document, hash_of, import, refused};
