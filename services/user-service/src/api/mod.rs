//! The HTTP API: a folder for each resource, and in it a file for each operation.

mod people;

pub(crate) use people::routes;
