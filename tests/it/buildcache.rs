//! Build caches of Spack, from folders, web servers and registries.
