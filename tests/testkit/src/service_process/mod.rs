//! One of our binaries as a process of its own.

mod announced;
mod binary;
mod spec;

pub use binary::Binary;
pub use spec::ServiceSpec;

use std::net::SocketAddr;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rustix::process::Signal;
use tokio::time::{sleep, timeout};

use crate::probe;
use announced::Announced;
use spec::Spawned;

/// How long after a failed question whether it is ready the next one follows.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(20);
/// How long an orderly stop may take; the services' own hard limit is 25 s.
const DRAIN: Duration = Duration::from_secs(40);

/// A running service. It is killed when this is dropped.
///
/// # Panics
/// The drop panics if the log has told an address or a secret, unless [`ServiceSpec::used_by_people`].
pub struct ServiceProcess {
    spec: ServiceSpec,
    spawned: Spawned,
    addresses: Announced,
}

impl ServiceProcess {
    /// Starts the service and waits until it says that it listens and `/readyz` on its operations port answers 200.
    ///
    /// # Errors
    /// When the binary has not been built, or the service ends or is not ready in time; with the end of its log.
    pub async fn start(spec: ServiceSpec) -> anyhow::Result<ServiceProcess> {
        let service = ServiceProcess::start_unready(spec).await?;
        service.ready().await?;
        Ok(service)
    }

    /// Starts the service and waits only until it listens: for a test in which it cannot get ready yet.
    ///
    /// # Errors
    /// When the binary has not been built, or the service ends or does not listen in time; with the end of its log.
    pub async fn start_unready(mut spec: ServiceSpec) -> anyhow::Result<ServiceProcess> {
        let spawned = spec.spawn()?;
        let log = &spawned.log;
        let failed = |what: &str| anyhow!("{} {what}; the end of its log:\n{}", spec.name, log.tail());
        let addresses = timeout(spec.deadline, log.find(announced::parse))
            .await
            .map_err(|_| failed("does not listen in time"))?
            .ok_or_else(|| failed("ended before it listened"))?;
        // Started again it should be found where it was.
        spec.listen = addresses.api;
        spec.ops_listen = addresses.ops;
        Ok(ServiceProcess { spec, spawned, addresses })
    }

    /// Waits until `/readyz` on its operations port answers 200.
    ///
    /// # Errors
    /// When it ends or is not ready in time; with the end of its log.
    pub async fn ready(&self) -> anyhow::Result<()> {
        let answers = async {
            while probe::http_status(self.ops(), "/readyz").await != Some(200) {
                sleep(BETWEEN_QUESTIONS).await;
            }
        };
        let failure = tokio::select! {
            () = answers => return Ok(()),
            ended = self.spawned.process.ended() => ended.map(|()| "ended before it was ready")?,
            () = sleep(self.spec.deadline) => "is not ready in time",
        };
        Err(anyhow!("{} {failure}; the end of its log:\n{}", self.spec.name, self.spawned.log.tail()))
    }

    /// Kills it if it runs, and starts it with the same settings on the same addresses. Its log begins anew.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.spawned.process.kill().await?;
        *self = ServiceProcess::start(self.spec.clone()).await?;
        Ok(())
    }

    /// [`ServiceProcess::restart`], which waits only until it listens.
    pub async fn restart_unready(&mut self) -> anyhow::Result<()> {
        self.spawned.process.kill().await?;
        *self = ServiceProcess::start_unready(self.spec.clone()).await?;
        Ok(())
    }

    /// What it is called in logs and errors.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    pub fn spec(&self) -> &ServiceSpec {
        &self.spec
    }

    /// Where its API listens.
    pub fn api(&self) -> SocketAddr {
        self.addresses.api
    }

    /// Where `/livez`, `/readyz` and `/metrics` listen.
    pub fn ops(&self) -> SocketAddr {
        self.addresses.ops
    }

    /// `http://` and the API's address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.addresses.api)
    }

    pub fn pid(&self) -> u32 {
        self.spawned.process.id()
    }

    /// The latest 10,000 lines of its log, standard error among them.
    pub fn logs(&self) -> Vec<String> {
        self.spawned.log.lines()
    }

    /// # Errors
    /// The first line of its log, of all that it has written so far, that tells an address or a secret.
    pub fn tells_no_secret(&self) -> anyhow::Result<()> {
        self.spawned.log.tells_no_secret()
    }

    /// The first line of its log, written already or yet to come, with `part` in it.
    pub async fn wait_for_log(&self, part: &str, deadline: Duration) -> anyhow::Result<String> {
        let line = self.spawned.log.find(|line| line.contains(part).then(|| line.to_owned()));
        timeout(deadline, line).await.ok().flatten().with_context(|| {
            format!(
                "{} did not log {part:?}; the end of its log:\n{}",
                self.spec.name,
                self.spawned.log.tail()
            )
        })
    }

    /// SIGKILL; it is gone on return.
    pub async fn kill(&mut self) -> anyhow::Result<ExitStatus> {
        self.spawned.process.kill().await
    }

    /// SIGTERM, without waiting; see [`ServiceProcess::wait`].
    pub fn terminate(&self) -> anyhow::Result<()> {
        self.spawned.process.signal(Signal::TERM)
    }

    /// SIGTERM, and SIGKILL to one that has not drained after 40 s.
    pub async fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        self.spawned.process.stop(Signal::TERM, DRAIN).await
    }

    /// Returns when it has ended, for whatever reason.
    pub async fn ended(&self) -> anyhow::Result<()> {
        self.spawned.process.ended().await
    }

    /// Waits for its end and says how it ended.
    pub async fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        self.spawned.process.wait().await
    }
}
