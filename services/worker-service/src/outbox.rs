//! From the table into the queue: urgent jobs at once when they are ordered, and again whatever did not get there. All others
//! wait in the table until there is room, so that nothing urgent stands behind many of them: the broker may deliver messages in
//! the order in which they came.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::join_all};
use job_queue::{Message, Queue};
use serde_json::Value;
use service_kit::{chain, continue_trace};
use sql_store::SqlError;
use tokio::{
    sync::{Semaphore, mpsc},
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, Span, debug, info_span, warn};
use wire::Timestamp;

use crate::{
    db::{Jobs, Mark, NewJob},
    job::{Job, JobOrder},
};

/// The header that tells which installation's table has the job, see [`Jobs::installation`].
pub(crate) const INSTALLATION: &str = "x-installation";

/// For so long a message belongs to whoever is publishing it; after that the relay takes it.
const LEASE: Duration = Duration::from_secs(10);
/// Longest wait for one confirmation or for the length of the queue, and of an order for its turn to be published; the job is stored already.
const PUBLISH_LIMIT: Duration = Duration::from_secs(2);
/// After so long the relay takes a message that could not be published. The broker being down is waited for before.
const AGAIN: Duration = Duration::from_millis(500);
/// How often the relay looks for messages that are due.
const TICK: Duration = Duration::from_millis(250);
/// For so long a published job may go without an attempt before its message counts as lost, and how often that is
/// looked at. Brokers lose no messages of themselves; operators delete queues.
const LOST: Duration = Duration::from_secs(3600);
const SEARCH_LOST: Duration = Duration::from_secs(60);
/// How often jobs are looked for whose process is gone.
const SEARCH_ABANDONED: Duration = Duration::from_secs(1);
/// Pause after the table could not be read.
const PAUSE: Duration = Duration::from_secs(1);
/// Messages in the queue up to which jobs that are not urgent are published: what consumers do within a fraction of a second.
/// Relays of several replicas may exceed it, each by as much.
const ROOM: u64 = 100;
/// Pause of the relay while there is more to be published than there was room for.
const ROOM_PAUSE: Duration = Duration::from_millis(50);
/// Messages that the relay takes at a time, and marks that are written at a time.
const BATCH: u32 = 256;
/// Pause after marks were written, in which the next ones collect. There is no hurry: the lease is longer. And most jobs need
/// none by then, since a consumer has begun them: a queue that is kept short has been worked off.
const MARK_PAUSE: Duration = Duration::from_secs(1);
/// Marks that may wait to be written.
const MARKS: usize = 4096;
/// New orders whose confirmation has not come yet, at most.
const UNDER_WAY: usize = 512;

/// Publishes the messages of jobs. Clones share it.
#[derive(Clone)]
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

    /// For a job that is stored now: that time, and when the relay may publish it. At once if it is not urgent or the broker is
    /// down, since then nobody else will.
    pub fn schedule(&self, order: &JobOrder) -> (Timestamp, Timestamp) {
        let now = Timestamp::now();
        (now, if order.is_urgent() && self.queue.is_up() { now.plus(LEASE) } else { now })
    }

    /// Has an urgent job published that has just been stored, and does not wait for it: whether it works or not, the job will
    /// be done. Waits only while too many others are under way.
    pub async fn publish_new(&self, job: &NewJob) {
        if !job.order.is_urgent() {
            return;
        }
        let message = message(&job.job_id, &job.case_id, &job.order, &job.trace);
        let permit = timeout(PUBLISH_LIMIT, self.under_way.clone().acquire_owned()).await;
        let Some(permit) = permit.ok().and_then(Result::ok).filter(|_| self.queue.is_up()) else {
            return self.mark(&message, 0, false);
        };
        let outbox = self.clone();
        self.tasks.spawn(async move {
            outbox.publish(message, 0).await;
            drop(permit);
        });
    }

    async fn publish(&self, mut message: Message, attempts: u32) {
        let publish = async {
            let installation = self.jobs.installation().await.map_err(|error| chain(&error).to_string())?;
            message.headers.insert(INSTALLATION.to_owned(), installation.to_owned());
            let span = send_span(&self.queue, &message);
            continue_trace(&span, &message.headers);
            self.queue.publish(&message).instrument(span).await.map_err(|error| error.to_string())
        };
        let published = timeout(PUBLISH_LIMIT, publish).await;
        let published = published.unwrap_or_else(|_| Err(format!("not confirmed within {PUBLISH_LIMIT:?}")));
        if let Err(error) = &published {
            debug!(job_id = message.id, error, "not published yet, will try again");
        }
        self.mark(&message, attempts, published.is_ok());
    }

    fn mark(&self, message: &Message, attempts: u32, published: bool) {
        // One that finds no room costs a second message or a wait, which does no harm.
        drop(self.marks.try_send(Mark { job_id: message.id.clone(), attempts, published }));
    }

    /// Writes what became of publishing messages, many at a time when they come quickly, until all outboxes are gone.
    pub async fn write_marks(jobs: Jobs, mut marks: mpsc::Receiver<Mark>) {
        let mut batch = Vec::new();
        while marks.recv_many(&mut batch, BATCH as usize).await > 0 {
            let mut groups: BTreeMap<(bool, u32), Vec<String>> = BTreeMap::new();
            for Mark { job_id, attempts, published } in batch.drain(..) {
                groups.entry((published, attempts)).or_default().push(job_id);
            }
            for ((published, attempts), job_ids) in groups {
                let written = match published {
                    true => jobs.mark_published(attempts, &job_ids).await,
                    false => jobs.publish_again(attempts, &job_ids, Timestamp::now().plus(AGAIN)).await,
                };
                if let Err(error) = written {
                    warn!(error = %chain(&error), count = job_ids.len(), published, "messages will be published later, or again");
                }
            }
            if marks.len() < BATCH as usize {
                sleep(MARK_PAUSE).await;
            }
        }
    }

    /// Publishes what is due, until `stopping`: what found the broker down, and what is to be tried again.
    pub async fn relay(self, stopping: CancellationToken) {
        stopping.run_until_cancelled(self.relay_forever()).await;
    }

    async fn relay_forever(self) {
        let mut search = interval(SEARCH_LOST);
        search.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut search_abandoned = interval(SEARCH_ABANDONED);
        search_abandoned.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.queue.wait_until_up().await;
            if search.tick().now_or_never().is_some() {
                self.search_lost().await;
            }
            if search_abandoned.tick().now_or_never().is_some() {
                self.search_abandoned().await;
            }
            let pause = match self.publish_due().await {
                Ok(pause) => pause,
                Err(error) => {
                    warn!(error = %chain(&error), "cannot look for messages that are due");
                    PAUSE
                }
            };
            sleep(pause).await;
        }
    }

    /// Publishes urgent jobs that are due, and as many others as there is room for; how long to wait before the next look.
    async fn publish_due(&self) -> Result<Duration, SqlError> {
        if self.publish_batch(JobOrder::URGENT, BATCH).await? == BATCH {
            return Ok(Duration::ZERO);
        }
        // A queue that does not tell how long it is takes no messages either.
        let depth = timeout(PUBLISH_LIMIT, self.queue.depth()).await;
        let waiting = depth.ok().and_then(Result::ok).map_or(ROOM, |depth| depth.work);
        let room = u32::try_from(ROOM.saturating_sub(waiting)).unwrap_or_default();
        let published = if room == 0 { 0 } else { self.publish_batch(0, room).await? };
        Ok(if published == room { ROOM_PAUSE } else { TICK })
    }

    /// How many were due, up to `limit`.
    async fn publish_batch(&self, least_priority: u8, limit: u32) -> Result<u32, SqlError> {
        let now = Timestamp::now();
        let due = self.jobs.take_due(now, now.plus(LEASE), least_priority, limit).await?;
        join_all(due.iter().map(async |job: &Job| {
            let message = message(&job.job_id, &job.case_id, &job.order, &job.trace);
            self.publish(message, job.attempts).await;
        }))
        .await;
        Ok(u32::try_from(due.len()).unwrap_or(limit))
    }

    async fn search_abandoned(&self) {
        match self.jobs.requeue_abandoned(Timestamp::now(), BATCH).await {
            Ok(0) => (),
            Ok(count) => warn!(count, "begun by a process that is gone: these jobs are published anew"),
            Err(error) => warn!(error = %chain(&error), "cannot look for jobs whose process is gone"),
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

/// A job's message. Consumers go by its id and look the rest up; the body is for people who look into the queue. What the job is
/// about is not in it: nobody could erase it from a queue, or from dead letters.
fn message(job_id: &str, case_id: &str, order: &JobOrder, trace: &BTreeMap<String, String>) -> Message {
    let own = [("case_id", case_id), ("job_id", job_id), ("kind", &order.kind)];
    let body = own.map(|(name, value)| (name.to_owned(), Value::from(value))).into_iter().collect();
    Message {
        id: job_id.to_owned(),
        correlation_id: case_id.to_owned(),
        headers: trace.clone(),
        priority: order.priority,
        body: Bytes::from(Value::Object(body).to_string()),
    }
}
