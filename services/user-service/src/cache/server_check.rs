use std::time::Duration;

use futures::future::try_join_all;
use redis::{RedisError, aio::MultiplexedConnection, cmd, pipe};

use super::{
    CacheError,
    redis::{Lines, TOKEN, VALUE},
    scripts::{FILL, LIFT, NOTE, RAISE},
};
use crate::redis_servers::{Slots, fence_key_in_slot_of};

/// Holds the id of the server process whose values are known to be no older than it.
const SERVER_KEY: &str = "cache_fence_server";
/// The value and token of nobody, for people's are in upper case; a new connection is tried with them.
const TRIAL: [&str; 2] = ["cache_aside_trial", "cache_fence_trial"];

/// What is made sure of servers before they are used: that they have no values from before their start, and do all that
/// is asked of them later.
///
/// A Redis that was restarted from its disk, or that took over from another, may have values again that had been dropped.
/// Where there is one server, the first to connect to a new process of it drops them all and leaves the process's id.
/// Where others may take over, the replicas agree in the database on who is used, and on whether their values are
/// dropped: see `directory/agreement.rs`.
pub(super) struct ServerCheck<'a> {
    pub(super) lines: &'a Lines,
    /// Longest time for one answer.
    pub(super) limit: Duration,
}

impl ServerCheck<'_> {
    fn connections(&self) -> impl Iterator<Item = MultiplexedConnection> {
        self.lines.all().iter().map(|line| {
            let mut connection = line.connection.clone();
            connection.set_response_timeout(self.limit);
            connection
        })
    }

    /// The ids of the processes of all servers, in one text.
    pub(super) async fn names(&self) -> Result<String, CacheError> {
        let ids = self.connections().map(async |mut line| run_id(&mut line).await);
        let mut ids = try_join_all(ids).await?;
        ids.sort_unstable();
        Ok(ids.join(" "))
    }

    /// Drops the values of a process of a server that nobody has connected to before.
    pub(super) async fn drop_values_from_before(&self) -> Result<(), CacheError> {
        for mut line in self.connections() {
            let run_id = run_id(&mut line).await?;
            let known: Option<String> = cmd("GET").arg(SERVER_KEY).query_async(&mut line).await?;
            if run_id.is_empty() || known.as_deref() != Some(&run_id) {
                drop_all(&mut line, VALUE).await?;
            }
            let () = cmd("SET").arg(SERVER_KEY).arg(run_id).query_async(&mut line).await?;
        }
        Ok(())
    }

    /// Drops all tokens and values. The tokens come first: no reader who has noted one can fill in a value afterwards.
    pub(super) async fn drop_everything(&self) -> Result<(), CacheError> {
        for prefix in [TOKEN, VALUE] {
            let drops = self.connections().map(async |mut line| drop_all(&mut line, prefix).await);
            try_join_all(drops).await?;
        }
        Ok(())
    }

    /// Fails when a server is full or read-only, or the user lacks a right, so that nobody finds it out one by one.
    pub(super) async fn try_commands(&self) -> Result<(), CacheError> {
        let tried = self.lines.all().iter().zip(self.connections()).map(async |(line, mut connection)| {
            let [value, token] = match Slots::key_in(&line.slots, TRIAL[0]) {
                Some(value) => [value.clone(), fence_key_in_slot_of(&value)],
                None => TRIAL.map(str::to_owned),
            };
            try_commands(&mut connection, &value, &token).await
        });
        try_join_all(tried).await?;
        Ok(())
    }
}

async fn run_id(line: &mut MultiplexedConnection) -> Result<String, RedisError> {
    let info: String = cmd("INFO").arg("server").query_async(line).await?;
    let run_id = info.lines().find_map(|entry| entry.strip_prefix("run_id:")).unwrap_or_default();
    Ok(run_id.trim().to_owned())
}

async fn try_commands(line: &mut MultiplexedConnection, value: &str, token: &str) -> Result<(), RedisError> {
    let mut commands = pipe();
    commands.cmd("EVAL").arg(NOTE).arg(1).arg(token).arg(1).arg("reading:trial");
    commands.cmd("EVAL").arg(FILL).arg(2).arg(value).arg(token).arg(1).arg("reading:trial").arg("trial");
    commands.cmd("EVAL").arg(RAISE).arg(2).arg(value).arg(token).arg(1).arg("writing:trial");
    commands.cmd("EVAL").arg(LIFT).arg(2).arg(value).arg(token).arg("writing:trial");
    commands.cmd("MGET").arg(value).arg(token).cmd("PING");
    commands.exec_async(line).await
}

/// Drops all keys that begin like this.
async fn drop_all(line: &mut MultiplexedConnection, prefix: &str) -> Result<(), RedisError> {
    let mut cursor = 0_u64;
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{prefix}*")).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<Vec<u8>>) = scan.query_async(line).await?;
        if !keys.is_empty() {
            // One command for each: in a cluster they are in many slots.
            let mut drops = pipe();
            keys.iter().for_each(|key| {
                drops.cmd("UNLINK").arg(key).ignore();
            });
            drops.exec_async(line).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
