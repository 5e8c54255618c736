//! A worker-service without its HTTP API, and suggestion-services for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::get};
use futures::FutureExt;
use job_queue::Queue;
use peer_client::{Limits, Peer, PeerMetrics};
use prometheus::Registry;
use serde_json::{Value, json};
use service_kit::ServiceContext;
use sql_store::Engine;
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate, matchers};
use worker_service::{
    JobKinds, JobMetrics, Suggest,
    consumer::{Consumer, Pause},
    db::NewJob,
    job::{Job, JobState},
    outbox::Outbox,
    outcome::RetryPolicy,
};

use super::{Table, at, memory_queue, message, peer, service, soon};

pub(crate) const RETRY: RetryPolicy =
    RetryPolicy { max_attempts: 3, base: Duration::from_millis(1), max_pause: RetryPolicy::MAX_PAUSE };
/// Longest wait for the suggestion-service in these tests.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(10);

pub(crate) struct Worker {
    pub(crate) table: Table,
    pub(crate) queue: Queue,
    pub(crate) service: ServiceContext,
    pub(crate) outbox: Outbox,
    pub(crate) measured: Registry,
    pub(crate) pause: Pause,
    running: JoinHandle<()>,
}

impl Worker {
    /// With a prefetch of 4.
    pub(crate) async fn start(suggestions: Peer, concurrency: u16) -> Worker {
        let kinds = JobKinds::default().with(Suggest::new(suggestions));
        Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), kinds, concurrency)
    }

    /// On this table and queue, for these kinds.
    pub(crate) fn over(table: Table, queue: Queue, kinds: JobKinds, concurrency: u16) -> Worker {
        let service = service();
        let (measured, pause) = (Registry::new(), Pause::default());
        let consumer = Consumer {
            service: service.clone(),
            jobs: table.jobs.clone(),
            queue: queue.clone(),
            kinds,
            retry: RETRY,
            pause: pause.clone(),
            metrics: JobMetrics::register(&measured).unwrap(),
        };
        let (outbox, marks) = Outbox::new(table.jobs.clone(), queue.clone(), service.tasks.clone());
        tokio::spawn(Outbox::write_marks(table.jobs.clone(), marks));
        let relay = outbox.clone().relay(service.stopping.clone());
        let running = tokio::spawn(async move {
            tokio::join!(relay, consumer.run(4, concurrency));
        });
        Worker { table, queue, service, outbox, measured, pause, running }
    }

    pub(crate) async fn asking(server: &MockServer) -> Worker {
        Worker::start(peer(&server.uri(), ATTEMPT), 4).await
    }

    /// On this queue, with a table of its own.
    pub(crate) async fn on(queue: Queue, server: &MockServer) -> Worker {
        let kinds = JobKinds::default().with(Suggest::new(peer(&server.uri(), ATTEMPT)));
        Worker::over(Table::new(Engine::Sqlite).await, queue, kinds, 4)
    }

    /// Orders a job, and waits for its end, which has to be this one.
    pub(crate) async fn run(&self, new: &NewJob, state: JobState) -> Job {
        self.order(new).await;
        self.table.ended(&new.job_id, state).await
    }

    /// Stores a job, which the relay then publishes.
    pub(crate) async fn order(&self, new: &NewJob) {
        self.table.store(new).await;
    }

    /// Stores a job that the relay leaves alone.
    pub(crate) async fn keep(&self, new: &NewJob) {
        self.table.store(&NewJob { publish_after: at(100_000_000_000), ..new.clone() }).await;
    }

    pub(crate) async fn publish(&self, new: &NewJob) {
        self.queue.publish(&message(new)).await.unwrap();
    }

    /// The gauge of jobs at work.
    pub(crate) fn at_work(&self) -> f64 {
        let families = self.measured.gather();
        let gauge = families.iter().find(|family| family.name() == "messaging_process_active").unwrap();
        gauge.get_metric()[0].get_gauge().get_value()
    }

    /// How many messages were dealt with like that.
    pub(crate) fn outcomes(&self, outcome: &str) -> u64 {
        let families = self.measured.gather();
        let measured = families.iter().filter(|family| family.name() == "messaging_process_duration_seconds");
        let series = measured.flat_map(|family| family.get_metric());
        let of_this = series.filter(|metric| metric.get_label().iter().any(|label| label.value() == outcome));
        of_this.map(|metric| metric.get_histogram().get_sample_count()).sum()
    }

    pub(crate) async fn stop(self) -> (Table, Queue) {
        self.service.stopping.cancel();
        soon(self.running).await.unwrap();
        (self.table, self.queue)
    }
}

/// How many messages are in the queue.
pub(crate) fn count(queue: &Queue) -> usize {
    let mut messages = queue.consume(1000);
    let mut found = Vec::new();
    while let Some(Some(delivery)) = messages.next().now_or_never() {
        found.push(delivery);
    }
    found.len()
}

/// A suggestion-service that gives a good answer to each of so many questions.
pub(crate) async fn good_server(questions: u64) -> MockServer {
    let server = MockServer::start().await;
    asked().respond_with(good()).expect(questions).mount(&server).await;
    server
}

pub(crate) fn asked() -> MockBuilder {
    Mock::given(matchers::method("GET")).and(matchers::path("/suggestions"))
}

pub(crate) fn suggestions() -> Value {
    json!([{"day": "monday", "slot": [9, 10]}])
}

pub(crate) fn good() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"case_id": "case-1", "suggestions": suggestions()}))
}

pub(crate) fn refusal(status: u16, msg: &str) -> ResponseTemplate {
    let detail = json!([{"loc": ["internal"], "msg": msg, "type": "http_error"}]);
    ResponseTemplate::new(status).set_body_json(json!({"case_id": "case-1", "detail": detail}))
}

/// A suggestion-service that says when it is asked, and answers when it may.
pub(crate) struct Gate {
    pub(crate) asked: mpsc::UnboundedReceiver<()>,
    pub(crate) may_answer: Arc<Semaphore>,
    pub(crate) at_once: Arc<AtomicUsize>,
    pub(crate) peer: Peer,
}

pub(crate) fn gate() -> Gate {
    let (tell, asked) = mpsc::unbounded_channel();
    let (may_answer, at_once) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let (answers, most) = (may_answer.clone(), at_once.clone());
    let under_way = Arc::new(AtomicUsize::new(0));
    let handler = async move || {
        most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Not every test listens.
        let _ = tell.send(());
        answers.acquire().await.unwrap().forget();
        under_way.fetch_sub(1, Ordering::SeqCst);
        Json(json!({"case_id": "case-1", "suggestions": suggestions()}))
    };
    let router = Router::new().route("/suggestions", get(handler));
    let limits = Limits { attempt: ATTEMPT, ..Limits::default() };
    let peer =
        Peer::local("suggestion-service", router, limits, PeerMetrics::register(&Registry::new()).unwrap());
    Gate { asked, may_answer, at_once, peer }
}
