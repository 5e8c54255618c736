//! What holds for the code as a whole: who depends on whom and on what, and that the tree is in order.

mod dependencies;
mod documents;
mod migrations;
mod supply_chain;
mod tree;
mod usage;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Context;
use cargo_metadata::{Metadata, MetadataCommand, Package};

/// The folder of the whole workspace.
fn root() -> anyhow::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.join("../..").canonicalize()?)
}

/// What cargo says about the workspace and everything that it uses on this machine's platform. Packages for other
/// platforms are left out since they need not have been downloaded.
fn metadata() -> Result<&'static Metadata, &'static anyhow::Error> {
    static METADATA: OnceLock<anyhow::Result<Metadata>> = OnceLock::new();
    METADATA.get_or_init(read_metadata).as_ref()
}

fn read_metadata() -> anyhow::Result<Metadata> {
    let version = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let version = String::from_utf8(version.stdout)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let options = ["--locked", "--filter-platform", host].map(str::to_owned);
    Ok(MetadataCommand::new().manifest_path(root()?.join("Cargo.toml")).other_options(options).exec()?)
}

fn members(metadata: &Metadata) -> Vec<&Package> {
    metadata.workspace_packages()
}
