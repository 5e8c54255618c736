use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use anyhow::Context;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, pidfd_send_signal,
};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::timeout;

use super::{family, watchdog};

/// How long killed processes get to vanish; the kernel needs milliseconds.
const DEATH: Duration = Duration::from_secs(10);

/// How long a process gets to end by itself when it is dropped.
const DROP_GRACE: Duration = Duration::from_secs(3);

/// A child in a process group of its own that is killed, with all it started, at the latest when this is dropped or
/// this process ends.
///
/// It belongs to no runtime: it may live in a static and be used from several tests.
pub struct Supervised {
    name: String,
    child: Child,
    pid: Pid,
    handle: OwnedFd,
    drop_signal: Signal,
    ended: Option<ExitStatus>,
}

impl Supervised {
    /// Starts `command`; `name` stands in errors.
    pub fn spawn(name: &str, mut command: Command) -> anyhow::Result<Supervised> {
        let mut child =
            command.process_group(0).spawn().with_context(|| format!("cannot start {name} ({command:?})"))?;
        let pid = Pid::from_child(&child);
        let guarded = watchdog::guard(pid).and_then(|()| Ok(pidfd_open(pid, PidfdFlags::NONBLOCK)?));
        match guarded {
            Ok(handle) => Ok(Supervised {
                name: name.to_owned(),
                child,
                pid,
                handle,
                drop_signal: Signal::KILL,
                ended: None,
            }),
            Err(error) => {
                child.kill().with_context(|| format!("cannot kill {name}"))?;
                child.wait().with_context(|| format!("cannot wait for {name}"))?;
                Err(error.context(format!("cannot watch over {name}")))
            }
        }
    }

    /// What a drop sends first (SIGKILL follows), for a server that leaves shared memory behind when it is killed.
    pub fn on_drop(mut self, signal: Signal) -> Supervised {
        self.drop_signal = signal;
        self
    }

    /// The process's id, which is its group's too.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to the process alone; one that has ended is left in peace.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        if self.ended.is_some() {
            return Ok(());
        }
        pidfd_send_signal(&self.handle, signal).with_context(|| format!("cannot signal {}", self.name))
    }

    pub fn signal_group(&self, signal: Signal) -> anyhow::Result<()> {
        if self.ended.is_some() {
            return Ok(());
        }
        kill_process_group(self.pid, signal).with_context(|| format!("cannot signal {}", self.name))
    }

    /// Returns when the process has ended by itself or by somebody's signal.
    pub async fn ended(&self) -> anyhow::Result<()> {
        if self.ended.is_some() {
            return Ok(());
        }
        vanished(&self.handle).await.with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Waits for the end and reaps the process; what is left of its group is killed.
    pub async fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        self.ended().await?;
        self.reap()
    }

    /// SIGKILL to the process, its group and its descendants; all are gone on return.
    ///
    /// # Errors
    /// When one of them does not end within ten seconds.
    pub async fn kill(&mut self) -> anyhow::Result<ExitStatus> {
        if let Some(status) = self.ended {
            return Ok(status);
        }
        let descendants = self.kill_tree();
        let all_gone = async {
            let status = self.wait().await?;
            for handle in &descendants {
                vanished(handle).await?;
            }
            anyhow::Ok(status)
        };
        timeout(DEATH, all_gone).await.context("a killed process does not end")?
    }

    /// Asks by `signal`, waits `grace`, then kills.
    pub async fn stop(&mut self, signal: Signal, grace: Duration) -> anyhow::Result<ExitStatus> {
        self.signal(signal)?;
        match timeout(grace, self.wait()).await {
            Ok(status) => status,
            Err(_) => self.kill().await,
        }
    }

    /// Kills without waiting. The process is stopped first, so that it makes no more children while they are listed.
    fn kill_tree(&self) -> Vec<OwnedFd> {
        // Errors mean that there is nobody left to signal.
        let _ = kill_process(self.pid, Signal::STOP);
        // A handle names one process for good, where a bare id may come to mean another one.
        let descendants: Vec<OwnedFd> = family(&[self.child.id()])
            .unwrap_or_default()
            .into_iter()
            .filter_map(|stat| Pid::from_raw(stat.pid).filter(|pid| *pid != self.pid))
            .filter_map(|pid| pidfd_open(pid, PidfdFlags::empty()).ok())
            .collect();
        for handle in &descendants {
            let _ = pidfd_send_signal(handle, Signal::KILL);
        }
        let _ = kill_process_group(self.pid, Signal::KILL);
        descendants
    }

    fn reap(&mut self) -> anyhow::Result<ExitStatus> {
        if let Some(status) = self.ended {
            return Ok(status);
        }
        // Until it is reaped its id cannot be given to another, so that the group's id is still ours.
        let _ = kill_process_group(self.pid, Signal::KILL);
        let status = self.child.wait().with_context(|| format!("cannot wait for {}", self.name))?;
        self.ended = Some(status);
        watchdog::release(self.pid)?;
        Ok(status)
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        if self.ended.is_some() {
            return;
        }
        if self.drop_signal != Signal::KILL
            && self.signal(self.drop_signal).is_ok()
            && block_until_vanished(&self.handle, DROP_GRACE)
        {
            let _ = self.reap();
            return;
        }
        let descendants = self.kill_tree();
        if block_until_vanished(&self.handle, DEATH) {
            let _ = self.reap();
        }
        for handle in &descendants {
            block_until_vanished(handle, DEATH);
        }
    }
}

/// Blocks this thread, as a drop must, until the process behind the handle has ended, at most for `limit`.
fn block_until_vanished(handle: &OwnedFd, limit: Duration) -> bool {
    let limit = Timespec { tv_sec: limit.as_secs().cast_signed(), tv_nsec: 0 };
    let mut waited = [PollFd::new(handle, PollFlags::IN)];
    matches!(poll(&mut waited, Some(&limit)), Ok(1))
}

/// Resolves when the process behind the handle is no more than an entry for its parent.
#[expect(
    deprecated,
    reason = "its successor is `unsafe` for the sake of types whose descriptor changes; an `OwnedFd` keeps its own"
)]
async fn vanished(handle: &OwnedFd) -> anyhow::Result<()> {
    // A second descriptor, since one can be watched only once at a time.
    let handle = AsyncFd::with_interest(handle.try_clone()?, Interest::READABLE)?;
    handle.readable().await?.retain_ready();
    Ok(())
}
