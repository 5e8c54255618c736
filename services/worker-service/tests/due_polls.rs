//! Polls are closed, deleted and purged some at a time, until user-service has no more of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use serde_json::json;
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
    ClosePolls, ExpirePolls, JobKind, JobKinds, PurgePolls,
    job::{JobOrder, JobState},
};

async fn run<K: JobKind>(users: &MockServer, kind: K) {
    let worker =
        Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), JobKinds::default().with(kind), 4);
    let mut new = new_job();
    let payload = json!({"until_us": 7});
    new.order = JobOrder { kind: K::NAME.to_owned(), payload, priority: K::PRIORITY };
    worker.run(&new, JobState::Succeeded).await;
    users.verify().await;
}

/// What is asked at a path until nothing is left; once it fails at first.
async fn asked_at(route: &str) -> MockServer {
    let users = MockServer::start().await;
    let replies = [
        ResponseTemplate::new(503),
        ResponseTemplate::new(200).set_body_json(json!({"polls": 20, "more": true})),
        ResponseTemplate::new(200).set_body_json(json!({"polls": 3, "more": false})),
    ];
    for reply in replies {
        let asked = Mock::given(method("POST")).and(path(route)).and(body_json(json!({"until_us": 7})));
        asked.respond_with(reply).up_to_n_times(1).expect(1).mount(&users).await;
    }
    users
}

#[tokio::test]
async fn polls_are_closed_until_there_are_no_more() {
    let users = asked_at("/poll-closings").await;
    run(&users, ClosePolls::new(peer(&users.uri(), ATTEMPT))).await;
}

#[tokio::test]
async fn polls_that_have_ended_are_deleted_until_there_are_no_more() {
    let users = asked_at("/poll-expirations").await;
    run(&users, ExpirePolls::new(peer(&users.uri(), ATTEMPT))).await;
}

#[tokio::test]
async fn polls_are_purged_until_there_are_no_more() {
    let users = asked_at("/poll-purges").await;
    run(&users, PurgePolls::new(peer(&users.uri(), ATTEMPT))).await;
}
