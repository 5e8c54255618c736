//! A person's answers are looked at until user-service has no more of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use serde_json::{Value, json};
use sql_store::Engine;
use support::{
    Table, memory_queue, new_job, peer,
    worker::{ATTEMPT, Worker},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, method, path},
};
use worker_service::{
    CheckConflicts, JobKinds,
    job::{JobOrder, JobState},
};

/// Does a job, which has to end so; what user-service was asked.
async fn run(users: &MockServer, state: JobState) -> Vec<Value> {
    let kinds = JobKinds::default().with(CheckConflicts::new(peer(&users.uri(), ATTEMPT)));
    let worker = Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), kinds, 4);
    let mut new = new_job();
    let payload = json!({"person": "ada"});
    new.order = JobOrder { kind: "check-conflicts".to_owned(), payload, priority: 0 };
    worker.run(&new, state).await;
    let asked = users.received_requests().await.unwrap();
    asked.iter().map(|asked| asked.body_json().unwrap()).collect()
}

#[tokio::test]
async fn polls_are_looked_at_some_at_a_time() {
    let users = MockServer::start().await;
    let pages = [
        (json!({"person": "ada"}), json!({"changed": 1, "next": "p"})),
        (json!({"person": "ada", "after": "p"}), json!({"changed": 0, "next": null})),
    ];
    for (asked, reply) in pages.clone() {
        let reply = ResponseTemplate::new(200).set_body_json(reply);
        let asked = Mock::given(method("POST")).and(path("/conflict-checks")).and(body_json(asked));
        asked.respond_with(reply).mount(&users).await;
    }
    assert_eq!(run(&users, JobState::Succeeded).await, pages.map(|(asked, _)| asked));
}

#[tokio::test]
async fn what_user_service_cannot_do_now_is_tried_again() {
    let users = MockServer::start().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(500)).mount(&users).await;
    assert!(run(&users, JobState::Dead).await.len() > 1);
}
