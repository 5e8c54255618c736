//! From the table into the queue: at once when a job is ordered, and again for whatever did not get there.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::join_all};
use job_queue::{Message, PublishError, Queue};
use serde_json::json;
use service_kit::{chain, continue_trace};
use tokio::{
    sync::{Semaphore, mpsc},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, Span, debug, info_span, warn};
use wire::Timestamp;

use crate::{
    db::{Jobs, Mark, NewJob},
    job::{Job, Order},
};

/// For so long a message belongs to whoever is publishing it; after that the relay takes it.
const LEASE: Duration = Duration::from_secs(10);
/// Longest wait for one confirmation, and of an order for its turn to be published; the job is stored already.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the relay looks for messages that are due.
const TICK: Duration = Duration::from_millis(250);
/// For so long a published job may go without an attempt before its message counts as lost, and how often that is
/// looked at. Brokers lose no messages of themselves; operators delete queues.
const LOST: Duration = Duration::from_secs(3600);
const SEARCH: Duration = Duration::from_secs(60);
/// Pause after the table could not be read.
const PAUSE: Duration = Duration::from_secs(1);
/// Messages that the relay takes at a time, and marks that are written at a time.
const BATCH: u32 = 256;
/// For so long marks are gathered. There is no hurry: the lease is longer, and most jobs need none by then, since a
/// consumer has begun them.
const GATHER: Duration = Duration::from_millis(100);
/// Marks that may wait to be written.
const MARKS: usize = 4096;
/// New orders whose confirmation has not come yet, at most.
const UNDER_WAY: usize = 512;

/// Publishes the messages of jobs. Clones share it.
#[derive(Clone, Debug)]
pub struct Outbox {
    jobs: Jobs,
    queue: Queue,
    marks: mpsc::Sender<Mark>,
    under_way: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Outbox {
    /// An outbox that publishes new orders in these `tasks`, and the marks that [`Outbox::write_marks`] has to write.
    pub fn new(jobs: Jobs, queue: Queue, tasks: TaskTracker) -> (Outbox, mpsc::Receiver<Mark>) {
        let (marks, written) = mpsc::channel(MARKS);
        let under_way = Arc::new(Semaphore::new(UNDER_WAY));
        (Outbox { jobs, queue, marks, under_way, tasks }, written)
    }

    /// For a job that is stored now: that time, and when the relay may publish it. At once while the broker is down,
    /// since then nobody else will.
    pub fn schedule(&self) -> (Timestamp, Timestamp) {
        let now = Timestamp::now();
        (now, if self.queue.is_up() { now.plus(LEASE) } else { now })
    }

    /// Has a job published that has just been stored, and does not wait for it: whether it works or not, the job will be
    /// done. Waits only while too many others are under way.
    pub async fn publish_new(&self, job: &NewJob) {
        if !self.queue.is_up() {
            return;
        }
        let message = message(&job.job_id, &job.case_id, &job.order, &job.trace);
        let Ok(Ok(place)) = timeout(PATIENCE, self.under_way.clone().acquire_owned()).await else { return };
        let outbox = self.clone();
        self.tasks.spawn(async move {
            outbox.publish(&message, 0).await;
            drop(place);
        });
    }

    async fn publish(&self, message: &Message, attempts: u32) {
        let span = send_span(&self.queue, message);
        continue_trace(&span, &message.headers);
        let published = timeout(PATIENCE, self.queue.publish(message).instrument(span)).await;
        match published.unwrap_or(Err(PublishError::Deadline(PATIENCE))) {
            // A mark that finds no room costs a second message later, which does no harm.
            Ok(()) => drop(self.marks.try_send(Mark { job_id: message.id.clone(), attempts })),
            Err(error) => debug!(job_id = message.id, %error, "not published yet, will try again"),
        }
    }

    /// Writes the marks of published messages, many at a time when they come quickly, until all outboxes are gone.
    pub async fn write_marks(jobs: Jobs, mut marks: mpsc::Receiver<Mark>) {
        let mut batch = Vec::new();
        while marks.recv_many(&mut batch, BATCH as usize).await > 0 {
            let mut by_attempts: BTreeMap<u32, Vec<String>> = BTreeMap::new();
            for Mark { job_id, attempts } in batch.drain(..) {
                by_attempts.entry(attempts).or_default().push(job_id);
            }
            for (attempts, job_ids) in by_attempts {
                if let Err(error) = jobs.mark_published(attempts, &job_ids).await {
                    warn!(error = %chain(&error), count = job_ids.len(), "published messages will be published again");
                }
            }
            if marks.len() < BATCH as usize {
                sleep(GATHER).await;
            }
        }
    }

    /// Publishes what is due, until `stopping`: what found the broker down, and what is to be tried again.
    pub async fn relay(self, stopping: CancellationToken) {
        stopping.run_until_cancelled(self.relay_forever()).await;
    }

    async fn relay_forever(self) {
        let mut search = interval(SEARCH);
        search.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.queue.wait_until_up().await;
            if search.tick().now_or_never().is_some() {
                self.search_lost().await;
            }
            let now = Timestamp::now();
            match self.jobs.take_due(now, now.plus(LEASE), BATCH).await {
                Ok(due) => {
                    join_all(due.iter().map(async |job: &Job| {
                        let message = message(&job.job_id, &job.case_id, &job.order, &job.trace);
                        self.publish(&message, job.attempts).await;
                    }))
                    .await;
                    if due.len() < BATCH as usize {
                        sleep(TICK).await;
                    }
                }
                Err(error) => {
                    warn!(error = %chain(&error), "cannot look for messages that are due");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn search_lost(&self) {
        let now = Timestamp::now();
        match self.jobs.republish_lost(now, now.minus(LOST)).await {
            Ok(0) => (),
            Ok(count) => warn!(count, "published long ago and never begun: these jobs are published anew"),
            Err(error) => warn!(error = %chain(&error), "cannot look for jobs whose messages are lost"),
        }
    }
}

/// The span of sending a message.
fn send_span(queue: &Queue, message: &Message) -> Span {
    let name = queue.name();
    info_span!(
        target: "otel",
        parent: None,
        "send",
        otel.name = format!("send {name}"),
        otel.kind = "producer",
        messaging.system = queue.system(),
        messaging.destination.name = name,
        messaging.operation.name = "send",
        messaging.message.id = message.id,
    )
}

/// A job's message. Consumers go by its id and look the rest up; the body is for people who look into the queue.
fn message(job_id: &str, case_id: &str, order: &Order, trace: &BTreeMap<String, String>) -> Message {
    let body = json!({
        "case_id": case_id,
        "job_id": job_id,
        "userId1": order.user_id_1,
        "userId2": order.user_id_2,
        "preference": order.preference.map(|preference| preference.name()),
    });
    Message {
        id: job_id.to_owned(),
        correlation_id: case_id.to_owned(),
        headers: trace.clone(),
        body: Bytes::from(body.to_string()),
    }
}
