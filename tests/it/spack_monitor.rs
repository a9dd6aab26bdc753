//! What Spack Monitor saved, imported.
