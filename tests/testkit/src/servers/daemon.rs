use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::process::Signal;
use tokio::time::{sleep, timeout};

use crate::process::Supervised;

/// How long after a failed probe the next one follows.
const BETWEEN_PROBES: Duration = Duration::from_millis(20);
/// How many bytes of the log's end an error shows.
const TAIL: usize = 3_000;

/// A server's process, its log, and the way from "started" to "answers".
pub(super) struct Daemon {
    name: &'static str,
    log: PathBuf,
    process: Option<Supervised>,
}

/// How a server is asked to stop, and how long it gets to do so.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    pub(super) signal: Signal,
    pub(super) grace: Duration,
    /// What it gets first when it is just dropped.
    pub(super) farewell: Signal,
}

impl Daemon {
    pub(super) fn new(name: &'static str, log: &Path) -> Daemon {
        Daemon { name, log: log.to_owned(), process: None }
    }

    /// Starts the server and waits until `answers`, which is asked again and again with the process's id.
    pub(super) async fn launch(
        &mut self,
        mut command: Command,
        stop: Stop,
        deadline: Duration,
        answers: impl AsyncFn(u32) -> bool,
    ) -> anyhow::Result<()> {
        let log = self.open_log()?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut process = Supervised::spawn(self.name, command)?.farewell(stop.farewell);
        let id = process.id();
        let ready = async {
            while !answers(id).await {
                sleep(BETWEEN_PROBES).await;
            }
        };
        let outcome = tokio::select! {
            () = ready => Ok(()),
            ended = process.ended() => Err(ended.err().unwrap_or_else(|| anyhow!("{} ended at its start", self.name))),
            () = sleep(deadline) => Err(anyhow!("{} does not answer after {deadline:?}", self.name)),
        };
        match outcome {
            Ok(()) => {
                self.process = Some(process);
                Ok(())
            }
            Err(error) => {
                process.kill().await?;
                Err(error.context(format!("the end of {}:\n{}", self.log.display(), tail(&self.log))))
            }
        }
    }

    /// SIGKILL to everything it started; nothing happens when it does not run.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill().await?;
        }
        Ok(())
    }

    /// The orderly end; nothing happens when it does not run.
    pub(super) async fn stop(&mut self, how: Stop) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.stop(how.signal, how.grace).await?;
        }
        Ok(())
    }

    /// Returns when the server has ended although nobody asked it to; never while it is stopped on purpose.
    pub(super) async fn ended(&self) -> anyhow::Result<()> {
        match &self.process {
            Some(process) => process.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Runs a helper of the server to its end, its output going to the log.
    pub(super) async fn run(&self, what: &str, mut command: Command, limit: Duration) -> anyhow::Result<()> {
        let log = self.open_log()?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut process = Supervised::spawn(what, command)?;
        let status =
            timeout(limit, process.wait()).await.with_context(|| format!("{what} takes too long"))??;
        if status.success() {
            return Ok(());
        }
        Err(anyhow!("{what} failed ({status}); the end of {}:\n{}", self.log.display(), tail(&self.log)))
    }

    fn open_log(&self) -> anyhow::Result<File> {
        let opened = OpenOptions::new().create(true).append(true).open(&self.log);
        opened.with_context(|| format!("cannot write {}", self.log.display()))
    }
}

fn tail(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TAIL)..]).into_owned()
}
