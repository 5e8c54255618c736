//! The HTTP API, over a table and a queue that may be unreachable.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
};
use clap::Parser;
use http_body_util::BodyExt;
use job_queue::Queue;
use serde_json::{Value, json};
use service_kit::{App, ServiceContext};
use sql_store::Engine;
use support::{Table, memory_queue, rabbit_queue, service, soon, worker::gate};
use tokio::net::TcpListener;
use tower::ServiceExt;
use wire::Timestamp;
use worker_service::{Args, Inbox, MAIL_FOLDER, MailTransport, Parts, Role, job::JobState};

struct Service {
    router: Router,
    public: Router,
    operations: Router,
    table: Table,
    service: ServiceContext,
}

impl Service {
    async fn start(role: Role, queue: Queue) -> Service {
        Service::with_flags(role, queue, &[]).await
    }

    async fn with_flags(role: Role, queue: Queue, flags: &[&str]) -> Service {
        let (table, service) = (Table::new(Engine::Sqlite).await, service());
        let args = Args::parse_from(["worker-service"].iter().chain(flags));
        let gate = gate();
        gate.may_answer.add_permits(1000);
        let parts = Parts {
            jobs: table.jobs.clone(),
            queue,
            queue_forgets: false,
            queue_name: "meeting_jobs".to_owned(),
            suggestions: gate.peer.clone(),
            users: gate.peer,
            egress: args.egress.policy(),
            mail: MailTransport::Files(args.data_dir.join(MAIL_FOLDER)),
            inbox: Inbox::None,
            mail_args: args.mail,
            work: args.work,
        };
        let app = worker_service::build(&service, &args.serve, role, parts).unwrap();
        let App { router, public, operations, .. } = app;
        Service { router, public, operations, table, service }
    }

    async fn ask(&self, request: Request<Body>) -> (StatusCode, Value) {
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let status = reply.status();
        let bytes = reply.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn order(&self, key: Option<&str>, body: &Value) -> (StatusCode, Value) {
        let mut request = Request::builder().method(Method::POST).uri("/tasks");
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        self.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn stop(&self) {
        self.service.stopping.cancel();
        self.service.tasks.close();
        soon(self.service.tasks.wait()).await;
    }
}

fn body() -> Value {
    json!({"userId1": "ada@example.com", "userId2": "bob@example.com"})
}

/// A broker's port where nobody listens.
async fn broker_down() -> Queue {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("amqp://{}", listener.local_addr().unwrap());
    drop(listener);
    rabbit_queue(&url, "jobs")
}

#[tokio::test]
async fn an_order_is_done_and_can_be_looked_up() {
    let service = Service::start(Role::All, memory_queue()).await;
    let (status, accepted) = service.order(None, &body()).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!((&accepted["status"], &accepted["queue"]), (&json!("enqueued"), &json!("meeting_jobs")));
    let job_id = accepted["job_id"].as_str().unwrap();
    service.table.ended(job_id, JobState::Succeeded).await;

    let (status, task) = service.get(&format!("/worker/tasks/{job_id}")).await;
    assert_eq!((status, &task["state"], &task["attempts"]), (StatusCode::OK, &json!("succeeded"), &json!(1)));
    assert_eq!(task["result"], json!([{"day": "monday", "slot": [9, 10]}]));
    assert_eq!(task["case_id"], accepted["case_id"]);
    service.stop().await;
}

#[tokio::test]
async fn who_takes_messages_can_be_paused_on_the_second_port_alone() {
    for (role, status) in [(Role::All, 200), (Role::Api, 404)] {
        let service = Service::start(role, memory_queue()).await;
        let pause = || Request::post("/pause").body(Body::empty()).unwrap();
        let reply = service.operations.clone().oneshot(pause()).await.unwrap();
        assert_eq!(reply.status(), status, "{role:?}");
        if status == 200 {
            let bytes = reply.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), json!({"active": 0}));
        }
        for (router, path) in [
            (&service.router, "/pause"),
            (&service.router, "/worker/pause"),
            (&service.public, "/worker/pause"),
        ] {
            let request = Request::post(path).body(Body::empty()).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), 404, "{path}");
        }
        let (_, description) = service.get("/openapi.json").await;
        assert!(description["paths"].get("/worker/pause").is_none());
        // Also in a pause at once.
        service.stop().await;
    }
}

#[tokio::test]
async fn while_the_broker_is_down_orders_are_accepted_and_health_is_degraded() {
    let service = Service::start(Role::Api, broker_down().await).await;
    let (status, accepted) = service.order(None, &body()).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let job = service.table.job(accepted["job_id"].as_str().unwrap()).await;
    assert_eq!((job.state, job.attempts), (JobState::Queued, 0));
    let due = service.table.jobs.take_due(Timestamp::now(), Timestamp::now(), 0, 9).await.unwrap();
    assert_eq!(due, [job], "it is published as soon as the broker is back");

    let (status, health) = service.get("/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("degraded")));
    let broker = &health["dependencies"]["rabbitmq"];
    assert_eq!(broker["status"], "unhealthy");
    assert!(broker["error"].is_string(), "{broker}");
    assert_eq!(health["dependencies"]["postgresql"]["status"], "healthy");
    service.stop().await;
}

#[tokio::test]
async fn without_the_table_nothing_is_accepted_and_health_says_so() {
    let service = Service::start(Role::Api, memory_queue()).await;
    service.table.jobs.db().close().await;
    let (status, error) = service.order(None, &body()).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(error["detail"][0]["msg"], "The job store is unavailable");
    assert_eq!(service.get("/health").await.0, StatusCode::SERVICE_UNAVAILABLE);
    service.stop().await;
}

#[tokio::test]
async fn a_key_is_one_job_and_one_order() {
    let service = Service::start(Role::Api, memory_queue()).await;
    let (_, first) = service.order(Some("a key"), &body()).await;
    let (status, again) = service.order(Some("a key"), &body()).await;
    assert_eq!((status, &again["job_id"]), (StatusCode::ACCEPTED, &first["job_id"]));
    let mut other = body();
    other["preference"] = json!("last");
    for (key, order) in
        [("a key", other), ("", body()), ("ü", body()), ("a\tb", body()), (&"x".repeat(256), body())]
    {
        let (status, error) = service.order(Some(key), &order).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{key:?}");
        assert_eq!(error["detail"][0]["loc"], json!(["header", "Idempotency-Key"]));
    }
    assert_eq!(service.order(Some(&"x".repeat(255)), &body()).await.0, StatusCode::ACCEPTED);
    service.stop().await;
}

#[tokio::test]
async fn a_kind_may_be_named_and_an_unknown_one_is_refused() {
    let service = Service::start(Role::Api, memory_queue()).await;
    let mut order = body();
    order["kind"] = json!("suggest");
    let (status, accepted) = service.order(Some("a key"), &order).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (_, same) = service.order(Some("a key"), &body()).await;
    assert_eq!(same["job_id"], accepted["job_id"], "it is the kind when none is named");
    for kind in [json!("note"), json!(1)] {
        order["kind"] = kind;
        let (status, error) = service.order(None, &order).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(error["detail"][0]["loc"], json!(["body", "kind"]), "{error}");
    }
    service.stop().await;
}

#[tokio::test]
async fn windows_of_a_poll_can_be_ordered_and_only_who_knows_the_job_finds_it() {
    let service = Service::start(Role::Api, memory_queue()).await;
    let order = json!({"kind": "suggest", "poll": "p", "duration_minutes": 30, "required": ["x"]});
    let (status, accepted) = service.order(None, &order).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{accepted}");
    let job_id = accepted["job_id"].as_str().unwrap();
    let job = service.table.job(job_id).await;
    assert_eq!(job.order.payload["poll"], "p");
    assert_eq!(
        (&job.order.payload["options"]["duration_minutes"], &job.order.payload["options"]["required"]),
        (&json!(30), &json!(["x"]))
    );
    let (_, task) = service.get(&format!("/tasks/{job_id}")).await;
    assert_eq!((&task["kind"], &task["state"]), (&json!("suggest"), &json!("queued")));
    assert_eq!(service.get("/tasks").await.1["tasks"], json!([]));
    for (wrong, loc) in [
        (json!({"poll": ""}), json!(["body", "poll"])),
        (json!({"poll": 1}), json!(["body", "poll"])),
        (json!({"poll": "p", "duration_minutes": 20}), json!(["body", "duration_minutes"])),
        (
            json!({"poll": "p", "groups": [{"members": ["a"], "required": 2}]}),
            json!(["body", "groups", 0, "required"]),
        ),
    ] {
        let (status, error) = service.order(None, &wrong).await;
        assert_eq!((status, &error["detail"][0]["loc"]), (StatusCode::UNPROCESSABLE_ENTITY, &loc), "{error}");
    }
    service.stop().await;
}

#[tokio::test]
async fn the_limits_are_told() {
    let service = Service::start(Role::Api, memory_queue()).await;
    let (status, limits) = service.get("/worker/limits").await;
    assert_eq!((status, &limits["page_jobs"]), (StatusCode::OK, &json!(100)));
    service.stop().await;
}

#[tokio::test]
async fn a_consumer_takes_no_orders() {
    let service = Service::start(Role::Consumer, memory_queue()).await;
    assert_eq!(service.order(None, &body()).await.0, StatusCode::NOT_FOUND);
    assert_eq!(service.get("/health").await.0, StatusCode::OK);
    service.stop().await;
}

#[tokio::test]
async fn settings_that_contradict_each_other_end_the_start() {
    for (flags, said) in [
        (&["--role", "api"][..], "--role all"),
        (&["--prefetch", "4", "--concurrency", "5"], "--prefetch 4"),
        (&["--rabbitmq-url", "amqp://me:s3cret@:x"], "RABBITMQ_URL"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let common = ["worker-service", "--data-dir", data, "--listen", "127.0.0.1:0"];
        let args = Args::parse_from(common.iter().chain(flags));
        let error = worker_service::run(args, service()).await.unwrap_err();
        let line = format!("{error:#}");
        assert!(line.contains(said) && !line.contains("s3cret"), "{line}");
    }
}

#[tokio::test]
async fn a_parameter_that_nobody_reads_is_refused_by_name() {
    let service = Service::start(Role::All, memory_queue()).await;
    for name in ["states", "State", "page", "cursor"] {
        let (status, body) = service.get(&format!("/tasks?limit=1&{name}=dead")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(body["detail"][0]["loc"], json!(["query", name]));
    }
    assert_eq!(service.get("/tasks?limit=1&state=dead").await.0, StatusCode::OK);
}

#[tokio::test]
async fn mails_in_files_are_listed_only_where_the_status_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mails = folder.path().join(MAIL_FOLDER);
    std::fs::create_dir(&mails).unwrap();
    std::fs::write(mails.join("1.eml"), "To: Ada <ada@example.com>\r\nSubject: Hello\r\n\r\nAda\r\n")
        .unwrap();
    let data = folder.path().to_str().unwrap();
    let hidden = Service::with_flags(Role::All, memory_queue(), &["--data-dir", data]).await;
    assert_eq!(hidden.get("/mail").await.0, StatusCode::NOT_FOUND);
    let shown = Service::with_flags(Role::All, memory_queue(), &["--data-dir", data, "--status-page"]).await;
    let (status, reply) = shown.get("/mail").await;
    assert_eq!(status, StatusCode::OK, "{reply}");
    let mail = &reply["mails"][0];
    assert_eq!((&mail["file"], &mail["subject"]), (&json!("1.eml"), &json!("Hello")));
    assert_eq!(mail["recipient"], "ada@example.com");
    assert_eq!(reply["mails"].as_array().unwrap().len(), 1);
    hidden.stop().await;
    shown.stop().await;
}
