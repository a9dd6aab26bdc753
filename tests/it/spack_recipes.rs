//! Recipes of Spack: real data and small fixtures.
