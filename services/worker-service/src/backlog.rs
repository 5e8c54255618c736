//! How much waits, for the metrics.

use std::time::Duration;

use job_queue::{Depth, Message, Queue, REASON};
use service_kit::chain;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use wire::Timestamp;

use crate::{db::Jobs, metrics::BacklogMetrics};

const EVERY: Duration = Duration::from_secs(5);

pub(crate) struct BacklogMonitor {
    pub(crate) jobs: Jobs,
    pub(crate) queue: Queue,
    pub(crate) metrics: BacklogMetrics,
    pub(crate) keep_dead: u32,
    /// What was seen last; none while the queue does not answer.
    pub(crate) seen: watch::Sender<Option<Depth>>,
}

impl BacklogMonitor {
    /// Looks, and deletes dead letters that are too many, until `stopping`.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        let mut looks = interval(EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stopping.run_until_cancelled(looks.tick()).await.is_some() {
            let queue = async {
                let depth = look_at_queue(&self.queue, &self.metrics).await;
                self.seen.send_replace(depth);
                if depth.is_some_and(|depth| depth.dead > self.keep_dead.into()) {
                    discard_dead_letters(&self.queue, self.keep_dead).await;
                }
            };
            tokio::join!(look_at_table(&self.jobs, &self.metrics), queue);
        }
    }
}

/// Nothing is lost with them: the rows of their jobs say what became of these.
async fn discard_dead_letters(queue: &Queue, keep: u32) {
    match queue.discard_dead_letters(keep).await {
        Ok(letters) => {
            for Message { id, headers, .. } in letters {
                warn!(
                    job_id = id,
                    reason = headers.get(REASON),
                    keep,
                    "there are too many dead letters; deleted"
                );
            }
        }
        Err(reason) => warn!(reason, "dead letters cannot be deleted"),
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
async fn look_at_queue(queue: &Queue, metrics: &BacklogMetrics) -> Option<Depth> {
    let depth =
        queue.depth().await.inspect_err(|reason| debug!(reason, "it is not known how long the queue is"));
    let depth = depth.ok();
    let figure = |count: fn(Depth) -> u64| depth.map_or(f64::NAN, |depth| count(depth) as f64);
    let messages = |place| metrics.messages.with_label_values(&[place]);
    messages("work").set(figure(|depth| depth.work));
    messages("dead").set(figure(|depth| depth.dead));
    messages("parked").set(figure(|depth| depth.parked));
    depth
}

/// From one time to a later one; 0 where clocks disagree.
pub(crate) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    let micros = u64::try_from(to.micros().saturating_sub(from.micros())).unwrap_or_default();
    Duration::from_micros(micros).as_secs_f64()
}
