//! How W2Meet is seen: its dashboards, written once here, and what its documents say of metrics and alerts.
//!
//! The files under `charts/w2meet/dashboards/` are made by `cargo run --package monitoring`, and a test says when they
//! are not what this code makes.

pub mod dashboards;
pub mod documents;
mod grafana;
pub mod model;
pub mod page;

use std::path::{Path, PathBuf};

/// The folder of the whole repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn dashboards_folder() -> PathBuf {
    root().join("charts/w2meet/dashboards")
}

pub fn alerts_file() -> PathBuf {
    root().join("charts/w2meet/alerts/w2meet.yaml")
}
