//! A shell into which the tour is typed.

use std::{path::PathBuf, process::Stdio, time::Duration};

use anyhow::Context;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// Longest time for a block of commands.
const LIMIT: Duration = Duration::from_secs(60);
/// What the shell prints after each block, and no reply has in it.
const END: u8 = 0x1e;

pub(crate) struct Shell {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    block: PathBuf,
    _folder: TempDir,
    _bash: Child,
}

impl Shell {
    /// A shell whose curl reaches the platform at `base` under the README's address.
    pub(crate) fn start(base: &str) -> anyhow::Result<Shell> {
        let folder = TempDir::new()?;
        let address = base.strip_prefix("http://").context("the platform is not at an http address")?;
        let settings = format!("connect-to = \"localhost:8080:{address}\"\nmax-time = 30\n");
        std::fs::write(folder.path().join(".curlrc"), settings)?;
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc"]).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("CURL_HOME", folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut bash = command.spawn().context("there is no bash")?;
        Ok(Shell {
            input: bash.stdin.take().context("the shell takes no input")?,
            output: BufReader::new(bash.stdout.take().context("the shell has no output")?),
            block: folder.path().join("block.sh"),
            _folder: folder,
            _bash: bash,
        })
    }

    /// What the commands print. What they set stays set for the next ones.
    pub(crate) async fn run(&mut self, commands: &str) -> anyhow::Result<String> {
        // From a file, so that no command reads the next ones as its input.
        std::fs::write(&self.block, commands)?;
        let line = format!("source '{}' < /dev/null; printf '\\{END:o}'\n", self.block.display());
        self.input.write_all(line.as_bytes()).await?;
        let mut printed = Vec::new();
        let read = self.output.read_until(END, &mut printed);
        timeout(LIMIT, read).await.context("the commands take too long")??;
        anyhow::ensure!(printed.pop() == Some(END), "the shell has ended");
        Ok(String::from_utf8(printed)?)
    }
}
