//! How much waits, for the metrics.

use std::time::Duration;

use job_queue::Queue;
use service_kit::chain;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::debug;
use wire::Timestamp;

use crate::{db::Jobs, metrics::BacklogMetrics};

/// How often is looked.
const EVERY: Duration = Duration::from_secs(5);

/// Looks at what waits until `stopping`.
pub(crate) async fn watch(jobs: Jobs, queue: Queue, metrics: BacklogMetrics, stopping: CancellationToken) {
    let mut looks = interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stopping.run_until_cancelled(looks.tick()).await.is_some() {
        tokio::join!(look_at_table(&jobs, &metrics), look_at_queue(&queue, &metrics));
    }
}

async fn look_at_table(jobs: &Jobs, metrics: &BacklogMetrics) {
    let now = Timestamp::now();
    let (outbox, outbox_age, queued_age) = match jobs.backlog(now).await {
        Ok(backlog) => {
            let age = |since: Option<Timestamp>| since.map_or(0.0, |since| seconds(since, now));
            (f64::from(backlog.due), age(backlog.oldest_due), age(backlog.oldest_queued))
        }
        Err(error) => {
            debug!(error = %chain(&error), "it is not known which jobs wait");
            (f64::NAN, f64::NAN, f64::NAN)
        }
    };
    metrics.outbox.set(outbox);
    metrics.outbox_age.set(outbox_age);
    metrics.queued_age.set(queued_age);
}

#[expect(clippy::cast_precision_loss, reason = "no queue is as long")]
async fn look_at_queue(queue: &Queue, metrics: &BacklogMetrics) {
    let (work, dead) = match queue.depth().await {
        Ok(depth) => (depth.work as f64, depth.dead as f64),
        Err(reason) => {
            debug!(reason, "it is not known how long the queue is");
            (f64::NAN, f64::NAN)
        }
    };
    metrics.work.set(work);
    metrics.dead.set(dead);
}

/// From one time to a later one; 0 where clocks disagree.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    let micros = u64::try_from(to.micros().saturating_sub(from.micros())).unwrap_or_default();
    Duration::from_micros(micros).as_secs_f64()
}
