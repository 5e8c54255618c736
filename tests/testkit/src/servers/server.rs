use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::process::Signal;
use tokio::time::{sleep, timeout};

use super::HOST;
use super::files::ServerDirectory;
use crate::process::Supervised;

/// How long after a failed probe the next one follows.
const BETWEEN_PROBES: Duration = Duration::from_millis(20);
/// How many bytes of the log's end an error shows.
const TAIL: usize = 3_000;

/// What is different from one program to the next.
pub trait ServerKind: Sized + Sync {
    /// The program's name in errors, and in the name of its directory.
    const NAME: &'static str;
    const STOP: Signal;
    /// How long it gets to stop in order.
    const STOP_WITHIN: Duration;
    /// How long it may take from its start until it answers.
    const READY_WITHIN: Duration;
    /// What it gets first when it is just dropped: another signal than SIGKILL for one that would leave shared memory behind.
    const ON_DROP: Signal = Signal::KILL;

    /// What starts it in its directory, on its port.
    fn command(server: &Server<Self>) -> anyhow::Result<Command>;

    /// Whether it answers, and not another one that has its port; `process` is its id.
    fn answers(server: &Server<Self>, process: u32) -> impl Future<Output = bool> + Send;
}

/// A server in a directory of its own, on a port of its own of 127.0.0.1. It is killed when this is dropped.
pub struct Server<K> {
    pub(super) kind: K,
    pub(super) directory: ServerDirectory,
    port: u16,
    process: Option<Supervised>,
}

impl<K: ServerKind> Server<K> {
    /// One that does not run yet.
    pub(super) fn new(kind: K, directory: ServerDirectory, port: u16) -> Server<K> {
        Server { kind, directory, port, process: None }
    }

    /// Starts it and waits until it answers.
    pub(super) async fn launch(&mut self) -> anyhow::Result<()> {
        let command = self.logged(K::command(self)?)?;
        let mut process = Supervised::spawn(K::NAME, command)?.on_drop(K::ON_DROP);
        let id = process.id();
        let ready = async {
            while !K::answers(self, id).await {
                sleep(BETWEEN_PROBES).await;
            }
        };
        let failure = tokio::select! {
            () = ready => None,
            ended = process.ended() => Some(ended.err().unwrap_or_else(|| anyhow!("{} ended at its start", K::NAME))),
            () = sleep(K::READY_WITHIN) => Some(anyhow!("{} does not answer after {:?}", K::NAME, K::READY_WITHIN)),
        };
        if let Some(failure) = failure {
            process.kill().await?;
            return Err(failure.context(self.end_of_log()));
        }
        self.process = Some(process);
        Ok(())
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub fn host(&self) -> &'static str {
        HOST
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// SIGKILL to all of its processes; its port refuses connections afterwards. Nothing happens when it does not run.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill().await?;
        }
        Ok(())
    }

    /// Stops it if it runs, and starts it on the same port with what it has kept.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        self.launch().await
    }

    /// SIGSTOP to all of its processes: connections to it stay, and nobody answers.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.process.as_ref().map_or(Ok(()), |process| process.signal_group(Signal::STOP))
    }

    /// Ends a pause. It goes on where it was, and answers what was asked meanwhile.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.process.as_ref().map_or(Ok(()), |process| process.signal_group(Signal::CONT))
    }

    /// The orderly end: requests or sessions that run come to theirs. Nothing happens when it does not run.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.stop(K::STOP, K::STOP_WITHIN).await?;
        }
        Ok(())
    }

    /// Returns when it has ended although nobody asked it to; never while it is stopped on purpose.
    pub async fn ended(&self) -> anyhow::Result<()> {
        match &self.process {
            Some(process) => process.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Runs a helper of the server to its end.
    pub(super) async fn run(&self, what: &str, command: Command) -> anyhow::Result<()> {
        let mut process = Supervised::spawn(what, self.logged(command)?)?;
        let ended = timeout(K::READY_WITHIN, process.wait()).await;
        let status = ended.with_context(|| format!("{what} takes too long"))??;
        if status.success() {
            return Ok(());
        }
        Err(anyhow!("{what} failed ({status}); {}", self.end_of_log()))
    }

    /// The command with its output to the log.
    fn logged(&self, mut command: Command) -> anyhow::Result<Command> {
        let log = open_log(self.directory.log())?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        Ok(command)
    }

    fn end_of_log(&self) -> impl Display + Send + Sync + 'static {
        let log = self.directory.log();
        let bytes = fs::read(log).unwrap_or_default();
        let tail = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TAIL)..]).into_owned();
        format!("the end of {}:\n{tail}", log.display())
    }
}

fn open_log(log: &Path) -> anyhow::Result<File> {
    let opened = OpenOptions::new().create(true).append(true).open(log);
    opened.with_context(|| format!("cannot write {}", log.display()))
}
