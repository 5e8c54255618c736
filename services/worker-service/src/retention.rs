//! Jobs that have come to their end are kept for a while, so that people can look them up, and not for ever.

use std::time::Duration;

use service_kit::chain;
use sql_store::SqlError;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use wire::Timestamp;

use crate::db::Jobs;

/// How often is looked for jobs to delete.
const EVERY: Duration = Duration::from_secs(60);
/// Jobs that are deleted by one statement, so that none holds its locks for long.
const BATCH: u32 = 1_000;

/// Deletes ended jobs that were ordered longer than `keep` ago, until `stopping`.
pub(crate) async fn delete_ended(jobs: Jobs, keep: Duration, stopping: CancellationToken) {
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopping.run_until_cancelled(looks.tick()).await.is_some() {
        match delete_once(&jobs, Timestamp::now().minus(keep)).await {
            Ok(0) => (),
            Ok(count) => info!(count, "ended jobs are older than they are kept, and deleted"),
            Err(error) => warn!(error = %chain(&error), "old jobs cannot be deleted; will try again"),
        }
    }
}

async fn delete_once(jobs: &Jobs, before: Timestamp) -> Result<u64, SqlError> {
    let mut count = 0;
    loop {
        let deleted = jobs.delete_ended(before, BATCH).await?;
        count += deleted;
        if deleted < u64::from(BATCH) {
            return Ok(count);
        }
    }
}
