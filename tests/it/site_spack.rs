//! Pages of what Spack publishes.
