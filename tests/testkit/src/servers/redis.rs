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

/// How a Redis is run.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// Where its files are.
    pub place: Place,
    /// Whether each write is on disk before it is answered, and so is there again after a kill. By default nothing is.
    pub durable: bool,
}

/// A Redis server.
pub struct Redis {
    daemon: Daemon,
    home: Home,
    port: u16,
    durable: bool,
}

impl Redis {
    /// Starts a server that keeps nothing on disk.
    ///
    /// # Errors
    /// When Redis is not installed or does not answer in time.
    pub async fn start() -> anyhow::Result<Redis> {
        Redis::start_with(RedisOptions::default()).await
    }

    /// Starts a server as told.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub async fn start_with(options: RedisOptions) -> anyhow::Result<Redis> {
        let home = Home::make("redis", options.place)?;
        let daemon = Daemon::new("Redis", home.log());
        let mut redis = Redis { daemon, home, port: free_port()?, durable: options.durable };
        redis.launch().await?;
        Ok(redis)
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        loopback(self.port)
    }

    /// The host it listens on.
    pub fn host(&self) -> &'static str {
        HOST
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Kills it by SIGKILL; its port refuses connections afterwards.
    ///
    /// # Errors
    /// When it does not die.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.daemon.kill().await
    }

    /// Stops it if it runs, and starts it on the same port; data is there again only if it is durable.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        self.launch().await
    }

    /// Stops it in order.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.daemon.stop(STOP).await
    }

    /// Returns when it has ended although it should run.
    ///
    /// # Errors
    /// When it cannot be watched.
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
