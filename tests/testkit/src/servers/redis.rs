use std::net::SocketAddr;
use std::time::Duration;

use rustix::process::Signal;

use super::daemon::{Daemon, Stop};
use super::install::Package;
use super::place::{Home, Place};
use super::{HOST, loopback};
use crate::ports::free_port;
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package = Package { name: "redis-server", directories: &["/usr/bin"] };
const READY: Duration = Duration::from_secs(20);
const STOP: Stop = Stop { signal: Signal::TERM, grace: Duration::from_secs(5), farewell: Signal::KILL };

#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    pub place: Place,
    /// Whether each write is on disk before it is answered, and so is there again after a kill. By default nothing is.
    pub durable: bool,
}

pub struct Redis {
    daemon: Daemon,
    home: Home,
    port: u16,
    durable: bool,
}

impl Redis {
    /// Starts a server that keeps nothing on disk.
    pub async fn start() -> anyhow::Result<Redis> {
        Redis::start_with(RedisOptions::default()).await
    }

    pub async fn start_with(options: RedisOptions) -> anyhow::Result<Redis> {
        let home = Home::make("redis", options.place)?;
        let daemon = Daemon::new("Redis", home.log());
        let mut redis = Redis { daemon, home, port: free_port()?, durable: options.durable };
        redis.launch().await?;
        Ok(redis)
    }

    pub fn address(&self) -> SocketAddr {
        loopback(self.port)
    }

    pub fn host(&self) -> &'static str {
        HOST
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Kills it by SIGKILL; its port refuses connections afterwards.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.daemon.kill().await
    }

    /// Stops it if it runs, and starts it on the same port; data is there again only if it is durable.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        self.launch().await
    }

    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.daemon.stop(STOP).await
    }

    /// Returns when it has ended although it should run.
    pub async fn ended(&self) -> anyhow::Result<()> {
        self.daemon.ended().await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let mut command = clean_command(PACKAGE.program("redis-server")?);
        command.args(["--bind", HOST, "--port", &self.port.to_string(), "--save", "", "--daemonize", "no"]);
        command.arg("--dir").arg(self.home.path());
        let append_only = if self.durable { "yes" } else { "no" };
        command.args(["--appendonly", append_only, "--appendfsync", "always"]);
        let address = self.address();
        self.daemon.launch(command, STOP, READY, async |_| probe::redis(address).await).await
    }
}
