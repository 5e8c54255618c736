//! What people would use instead, in Python.

use std::{path::Path, process::Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

/// What a script prints as JSON for this input; none where there is no such Python.
pub(crate) async fn run(
    python: impl AsRef<Path>,
    script: &str,
    input: &[u8],
) -> anyhow::Result<Option<Value>> {
    let mut command = Command::new(python.as_ref());
    command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let Ok(mut process) = command.spawn() else { return Ok(None) };
    let mut stdin = process.stdin.take().context("the script has no input")?;
    stdin.write_all(input).await?;
    drop(stdin);
    let output = process.wait_with_output().await?;
    ensure!(output.status.success(), "the script ends with {}", output.status);
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}
