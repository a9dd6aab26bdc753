//! Concrete specs of Spack: real data and small fixtures.
