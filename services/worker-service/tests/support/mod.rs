//! Tables, queues and a suggestion-service to test on.

#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod worker;

use std::{collections::BTreeMap, future::Future, time::Duration};

use bytes::Bytes;
use job_queue::{Message, Queue, QueueMetrics, RabbitOptions};
use peer_client::{Limits, Peer, PeerMetrics};
use prometheus::Registry;
use serde_json::json;
use service_kit::{Secret, ServiceContext};
use sql_store::{Engine, Migrations};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wire::Timestamp;
use worker_service::{
    NAME,
    db::{Inserted, Jobs, MIGRATIONS, NewJob},
    job::{Job, JobOrder, JobState},
};

/// Long enough for the slowest machine; nothing waits so long when all is well.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two looks at a table, which can tell nobody that it has changed.
const LOOK: Duration = Duration::from_millis(10);

pub(crate) async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, event).await.expect("it does not happen")
}

/// Looks again and again until something is so.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !is_so().await {
            tokio::time::sleep(LOOK).await;
        }
    };
    soon(looking).await;
}

/// A table that no other test has. The folder is removed with it.
pub(crate) struct Table {
    pub(crate) jobs: Jobs,
    pub(crate) dsn: Option<Secret>,
    _folder: TempDir,
}

impl Table {
    pub(crate) async fn new(engine: Engine) -> Table {
        Table::migrated(engine, &MIGRATIONS).await
    }

    /// A table at the state of these migrations.
    pub(crate) async fn migrated(engine: Engine, migrations: &Migrations) -> Table {
        let folder = tempfile::tempdir().unwrap();
        let dsn = match engine {
            Engine::Postgres => Some(testkit::shared::postgres_database().await.unwrap().parse().unwrap()),
            Engine::Sqlite => None,
        };
        let jobs = Jobs::open(dsn.as_ref(), 8, folder.path()).await.unwrap();
        jobs.db().migrate(migrations).await.unwrap();
        Table { jobs, dsn, _folder: folder }
    }

    pub(crate) async fn store(&self, new: &NewJob) {
        assert_eq!(self.jobs.insert(new).await.unwrap(), Inserted::New);
    }

    pub(crate) async fn job(&self, job_id: &str) -> Job {
        self.jobs.find(job_id).await.unwrap().expect("the job is stored")
    }

    /// Waits until the job has come to its end, which has to be this one.
    pub(crate) async fn ended(&self, job_id: &str, state: JobState) -> Job {
        let job = self.job_when(job_id, |job| job.state.is_final()).await;
        assert_eq!(job.state, state, "{job:?}");
        job
    }

    /// Waits until the job is as it should be.
    pub(crate) async fn job_when(&self, job_id: &str, is_so: impl Fn(&Job) -> bool) -> Job {
        let looking = async {
            loop {
                let job = self.job(job_id).await;
                if is_so(&job) {
                    return job;
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        soon(looking).await
    }
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

/// An order of the kind `suggest`.
pub(crate) fn suggest(user_id_1: &str, user_id_2: &str, preference: Option<&str>) -> JobOrder {
    let payload = json!({"userId1": user_id_1, "userId2": user_id_2, "preference": preference});
    JobOrder { kind: "suggest".to_owned(), payload, priority: JobOrder::URGENT }
}

pub(crate) fn order() -> JobOrder {
    suggest("o'brien@example.com", "größe@example.com", Some("last"))
}

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A job that was stored at second 100 and may be published by others from second 110.
pub(crate) fn new_job() -> NewJob {
    NewJob {
        job_id: Uuid::now_v7().to_string(),
        case_id: "case-1".to_owned(),
        order: order(),
        idempotency_key: None,
        owner: None,
        trace: BTreeMap::from([("traceparent".to_owned(), TRACE.to_owned())]),
        created_at: at(100),
        publish_after: at(110),
    }
}

/// The message of a job, as far as consumers go by it.
pub(crate) fn message(new: &NewJob) -> Message {
    Message {
        id: new.job_id.clone(),
        correlation_id: new.case_id.clone(),
        headers: new.trace.clone(),
        priority: new.order.priority,
        body: Bytes::new(),
    }
}

pub(crate) fn memory_queue() -> Queue {
    Queue::memory(QueueMetrics::register(&Registry::new()).unwrap())
}

/// The queue `name` on the broker at `url`, which need not be up.
pub(crate) fn rabbit_queue(url: &str, name: &str) -> Queue {
    let options = RabbitOptions::new(url, name).unwrap().with_parking_time(Duration::from_millis(200));
    Queue::rabbit(options, QueueMetrics::register(&Registry::new()).unwrap())
}

pub(crate) fn service() -> ServiceContext {
    ServiceContext::new(NAME, CancellationToken::new()).unwrap()
}

/// A way to ask the suggestion-service at `base`, which is given `attempt` for an answer and not asked twice.
pub(crate) fn peer(base: &str, attempt: Duration) -> Peer {
    let limits = Limits { attempt, retries: 0, ..Limits::default() };
    let metrics = PeerMetrics::register(&Registry::new()).unwrap();
    Peer::http("suggestion-service", &base.parse().unwrap(), None, limits, metrics).unwrap()
}
