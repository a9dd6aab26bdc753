//! Build caches of Spack: in folders, on web servers and in registries.

mod drift;
mod folder;
mod layout3;
mod mock;
mod real;
mod server;
mod support;
mod web;
