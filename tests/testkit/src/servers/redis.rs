use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::HOST;
use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::server::{Server, ServerKind};
use crate::ports::free_port;
use crate::probe;
use crate::process::clean_command;

pub(super) const PACKAGE: Package = Package { name: "redis-server", directories: &["/usr/bin"] };

const ANSWER_WITHIN: Duration = Duration::from_secs(5);

#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    pub files: ServerFiles,
    /// Whether each write is on disk before it is answered, and so is there again after a kill. By default nothing is.
    pub durable: bool,
    /// Further settings as in `redis.conf`, with their values.
    pub settings: Vec<(String, String)>,
}

pub type Redis = Server<RedisKind>;

pub struct RedisKind {
    durable: bool,
    settings: Vec<(String, String)>,
}

impl Redis {
    /// Starts a server that keeps nothing on disk.
    pub async fn start() -> anyhow::Result<Redis> {
        Redis::start_with(RedisOptions::default()).await
    }

    pub async fn start_with(options: RedisOptions) -> anyhow::Result<Redis> {
        let RedisOptions { files, durable, settings } = options;
        let directory = ServerDirectory::make("redis", files)?;
        let mut redis = Server::new(RedisKind { durable, settings }, directory, free_port()?);
        redis.launch().await?;
        Ok(redis)
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// A setting that it was started with.
    pub(super) fn setting(&self, name: &str) -> Option<&str> {
        self.kind.settings.iter().find(|(setting, _)| setting == name).map(|(_, value)| value.as_str())
    }

    /// What it answers to a command, as it stands on the wire.
    pub async fn ask(&self, command: &str) -> anyhow::Result<String> {
        ask(self.address(), command).await
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
        for (name, value) in &redis.kind.settings {
            command.arg(format!("--{name}")).args(value.split(' '));
        }
        Ok(command)
    }

    async fn answers(redis: &Redis, _process: u32) -> bool {
        probe::redis(redis.address()).await
    }
}

/// The answer to an inline command. Whoever has no more to say is answered and then left.
pub(super) async fn ask(address: SocketAddr, command: &str) -> anyhow::Result<String> {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(format!("{command}\r\n").as_bytes()).await?;
        stream.shutdown().await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        anyhow::Ok(answer)
    };
    timeout(ANSWER_WITHIN, conversation).await.context("Redis does not answer")?
}
