use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use futures::future::try_join_all;
use rustix::process::Signal;
use tokio::time::{sleep, timeout};

use super::HOST;
use super::files::{ServerDirectory, ServerFiles};
use super::redis::{PACKAGE, Redis, RedisOptions, ask};
use super::server::{Server, ServerKind};
use crate::ports::free_port;
use crate::probe;
use crate::process::clean_command;

const SERVICE: &str = "mymaster";
const SENTINELS: usize = 3;
/// Until the Sentinels know each other and all replicas.
const READY_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A master with replicas, and three Sentinels of which two decide who is the master.
pub struct RedisSentinels {
    /// The master of the start, then its replicas.
    pub servers: Vec<Redis>,
    pub sentinels: Vec<Server<SentinelKind>>,
}

pub struct SentinelKind;

impl RedisSentinels {
    /// Starts them. A replica takes over when the master has not answered for `down_after`.
    pub async fn start(replicas: usize, down_after: Duration) -> anyhow::Result<RedisSentinels> {
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let common = vec![setting("repl-diskless-sync-delay", "0")];
        let options = RedisOptions { settings: common.clone(), ..RedisOptions::default() };
        let master = Redis::start_with(options).await?;
        let replica_of = setting("replicaof", &format!("{HOST} {}", master.port()));
        let settings: Vec<_> = common.into_iter().chain([replica_of]).collect();
        let start = (0..replicas).map(|_| {
            Redis::start_with(RedisOptions { settings: settings.clone(), ..RedisOptions::default() })
        });
        let replicas = try_join_all(start).await?;
        let sentinels = (0..SENTINELS).map(|_| SentinelKind::start(master.port(), down_after));
        let sentinels = try_join_all(sentinels).await?;
        let servers = [master].into_iter().chain(replicas).collect();
        let group = RedisSentinels { servers, sentinels };
        timeout(READY_WITHIN, group.ready()).await.context("the Sentinels do not get ready")?;
        Ok(group)
    }

    /// What a client is given to find the master.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.sentinels.iter().map(|node| node.address().to_string()).collect();
        format!("redis+sentinel://{}/{SERVICE}", hosts.join(","))
    }

    /// The place among the servers of the one that the first Sentinel takes for the master.
    pub async fn master(&self) -> anyhow::Result<usize> {
        let question = format!("SENTINEL GET-MASTER-ADDR-BY-NAME {SERVICE}");
        let answer = self.sentinels[0].ask(&question).await?;
        // `*2`, a length, the host, a length, the port.
        let port = answer.lines().nth(4).and_then(|port| port.parse().ok());
        let place = self.servers.iter().position(|server| Some(server.port()) == port);
        place.with_context(|| format!("a Sentinel knows of no master: {answer}"))
    }

    async fn ready(&self) {
        for sentinel in &self.sentinels {
            let knows_all = async || {
                let answer = sentinel.ask(&format!("SENTINEL MASTER {SERVICE}")).await;
                let answer = answer.unwrap_or_default();
                // A name, a length, its value.
                let value = |name: &str| answer.lines().skip_while(|line| *line != name).nth(2);
                value("num-slaves") == Some(&(self.servers.len() - 1).to_string())
                    && value("num-other-sentinels") == Some(&(SENTINELS - 1).to_string())
            };
            while !knows_all().await {
                sleep(BETWEEN_LOOKS).await;
            }
        }
        for replica in &self.servers[1..] {
            let follows = async || {
                replica.ask("INFO replication").await.is_ok_and(|info| info.contains("master_link_status:up"))
            };
            while !follows().await {
                sleep(BETWEEN_LOOKS).await;
            }
        }
    }
}

impl Server<SentinelKind> {
    /// What it answers to a command, as it stands on the wire.
    pub async fn ask(&self, command: &str) -> anyhow::Result<String> {
        ask(self.address(), command).await
    }
}

impl SentinelKind {
    async fn start(master: u16, down_after: Duration) -> anyhow::Result<Server<SentinelKind>> {
        let directory = ServerDirectory::make("sentinel", ServerFiles::default())?;
        let port = free_port()?;
        let milliseconds = down_after.as_millis();
        let conf = format!(
            "bind {HOST}\nport {port}\ndir {}\nsentinel monitor {SERVICE} {HOST} {master} 2\n\
             sentinel down-after-milliseconds {SERVICE} {milliseconds}\n\
             sentinel failover-timeout {SERVICE} {}\n",
            directory.path().display(),
            10 * milliseconds,
        );
        fs::write(directory.path().join("sentinel.conf"), conf)?;
        let mut sentinel = Server::new(SentinelKind, directory, port);
        sentinel.launch().await?;
        Ok(sentinel)
    }
}

impl ServerKind for SentinelKind {
    const NAME: &'static str = "Sentinel";
    const STOP: Signal = Signal::TERM;
    const STOP_WITHIN: Duration = Duration::from_secs(5);
    const READY_WITHIN: Duration = Duration::from_secs(20);

    /// It writes what it learns into its configuration.
    fn command(sentinel: &Server<SentinelKind>) -> anyhow::Result<Command> {
        let mut command = clean_command(PACKAGE.program("redis-server")?);
        command.arg(sentinel.directory.path().join("sentinel.conf")).arg("--sentinel");
        Ok(command)
    }

    async fn answers(sentinel: &Server<SentinelKind>, _process: u32) -> bool {
        probe::redis(sentinel.address()).await
    }
}
