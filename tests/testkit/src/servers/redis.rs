use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use super::HOST;
use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::server::{Server, ServerKind};
use crate::ports::free_port;
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package = Package { name: "redis-server", directories: &["/usr/bin"] };

#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    pub files: ServerFiles,
    /// Whether each write is on disk before it is answered, and so is there again after a kill. By default nothing is.
    pub durable: bool,
}

pub type Redis = Server<RedisKind>;

pub struct RedisKind {
    durable: bool,
}

impl Redis {
    /// Starts a server that keeps nothing on disk.
    pub async fn start() -> anyhow::Result<Redis> {
        Redis::start_with(RedisOptions::default()).await
    }

    pub async fn start_with(options: RedisOptions) -> anyhow::Result<Redis> {
        let directory = ServerDirectory::make("redis", options.files)?;
        let mut redis = Server::new(RedisKind { durable: options.durable }, directory, free_port()?);
        redis.launch().await?;
        Ok(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }
}

impl ServerKind for RedisKind {
    const NAME: &'static str = "Redis";
    const STOP: Signal = Signal::TERM;
    const STOP_WITHIN: Duration = Duration::from_secs(5);
    const READY_WITHIN: Duration = Duration::from_secs(20);

    fn command(redis: &Redis) -> anyhow::Result<Command> {
        let mut command = clean_command(PACKAGE.program("redis-server")?);
        command.args([
            "--bind",
            HOST,
            "--port",
            &redis.port().to_string(),
            "--save",
            "",
            "--daemonize",
            "no",
        ]);
        command.arg("--dir").arg(redis.directory.path());
        let append_only = if redis.kind.durable { "yes" } else { "no" };
        command.args(["--appendonly", append_only, "--appendfsync", "always"]);
        Ok(command)
    }

    async fn answers(redis: &Redis, _process: u32) -> bool {
        probe::redis(redis.address()).await
    }
}
