//! The images, really built: from the binaries that `make test` has linked as images need them, by the Dockerfile's own
//! stages. They are of the development profile, stripped, and so larger than what is released.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod archive;
mod build;
mod containerd;
mod contents;
mod dockerfile;
mod inside;
mod scripts;
