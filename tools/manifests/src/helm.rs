//! Calls of helm and the other tools that scripts/install-chart-tools.sh puts into `.venv`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::charts::documents;

pub fn tool(root: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let program = root.join(".venv/bin").join(name);
    ensure!(
        program.is_file(),
        "{} is missing; scripts/install-chart-tools.sh installs it",
        program.display()
    );
    Ok(program)
}

pub fn helm(root: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
    run(root, "helm", arguments)
}

/// Runs a tool of `.venv` in the workspace's folder, without the settings of whoever runs it.
pub fn run(root: &Path, name: &str, arguments: &[&str]) -> anyhow::Result<Output> {
    let program = tool(root, name)?;
    let mut command = Command::new(&program);
    command.current_dir(root).args(arguments).env_remove("KUBECONFIG").env_remove("HELM_NAMESPACE");
    command.output().with_context(|| format!("cannot run {}", program.display()))
}

/// What `helm template` makes of a chart; `arguments` are release, chart and flags.
pub fn template(root: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = helm(root, &[&["template"], arguments].concat())?;
    ensure!(output.status.success(), "helm template {}: {}", arguments.join(" "), complaint(&output));
    Ok(String::from_utf8(output.stdout)?)
}

pub fn objects(root: &Path, arguments: &[&str]) -> anyhow::Result<Vec<Value>> {
    documents(&template(root, arguments)?)
}

/// What helm complains of, without its remarks on symbolic links.
pub fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().filter(|line| !line.starts_with("walk.go:")).collect::<Vec<_>>().join("\n")
}
