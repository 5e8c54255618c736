use redis::{RedisError, aio::MultiplexedConnection, cmd, pipe};

use super::{
    CacheError,
    redis::VALUE,
    scripts::{FILL, LIFT, NOTE, RAISE},
};

/// Holds the id of the server process whose values are known to be no older than it.
const SERVER_KEY: &str = "cache_fence_server";
/// Keys of nobody, for people's are in upper case; a new connection is tried with them.
const TRIAL: [&str; 2] = ["cache_aside_trial", "cache_fence_trial"];

/// Makes sure that a server may be used: that it does all that is asked of it later, and has no values from before its
/// start. A Redis that was restarted from its disk, or that took over from another, may have values again that had
/// been dropped. The first to connect to a new server process drops them all and leaves the process's id.
pub(super) async fn check_server(line: &mut MultiplexedConnection) -> Result<(), CacheError> {
    let info: String = cmd("INFO").arg("server").query_async(line).await?;
    let run_id = info.lines().find_map(|entry| entry.strip_prefix("run_id:")).unwrap_or_default().trim();
    let known: Option<String> = cmd("GET").arg(SERVER_KEY).query_async(line).await?;
    if run_id.is_empty() || known.as_deref() != Some(run_id) {
        drop_all_values(line).await?;
    }
    let () = cmd("SET").arg(SERVER_KEY).arg(run_id).query_async(line).await?;
    Ok(try_commands(line).await?)
}

/// Fails when the server is full or read-only, or the user lacks a right, so that nobody finds it out one by one.
async fn try_commands(line: &mut MultiplexedConnection) -> Result<(), RedisError> {
    let mut commands = pipe();
    commands.cmd("EVAL").arg(NOTE).arg(1).arg(TRIAL[1]).arg(1).arg("reading:trial");
    commands.cmd("EVAL").arg(FILL).arg(2).arg(&TRIAL).arg(1).arg("reading:trial").arg("trial");
    commands.cmd("EVAL").arg(RAISE).arg(2).arg(&TRIAL).arg(1).arg("writing:trial");
    commands.cmd("EVAL").arg(LIFT).arg(2).arg(&TRIAL).arg("writing:trial");
    commands.cmd("MGET").arg(&TRIAL).cmd("PING");
    commands.exec_async(line).await
}

async fn drop_all_values(line: &mut MultiplexedConnection) -> Result<(), CacheError> {
    let mut cursor = 0_u64;
    loop {
        let mut scan = cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(format!("{VALUE}*")).arg("COUNT").arg(1000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(line).await?;
        if !keys.is_empty() {
            let () = cmd("UNLINK").arg(keys).query_async(line).await?;
        }
        if next == 0 {
            return Ok(());
        }
        cursor = next;
    }
}
