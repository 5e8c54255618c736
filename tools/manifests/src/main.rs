//! Writes every file that is derived from the charts.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::fs;

use anyhow::Context;
use clap::Parser;
use manifests::{Derived, derived, derived_beside_charts, root};

/// Write the schemas and READMEs of the charts, and the manifests in k8s/.
#[derive(Parser)]
#[command(about, version)]
struct Cli {}

fn main() -> anyhow::Result<()> {
    let Cli {} = Cli::parse();
    let root = root();
    // Helm reads the schemas, so they come first.
    for files in [derived_beside_charts, derived] {
        for Derived { path, content } in files(&root)? {
            let file = root.join(&path);
            if fs::read_to_string(&file).is_ok_and(|present| present == content) {
                continue;
            }
            fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))?;
            println!("{}", path.display());
        }
    }
    Ok(())
}
