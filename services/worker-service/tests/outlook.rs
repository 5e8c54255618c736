//! Reminders go to whoever can still change something, and the organiser hears when nobody can any more.

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
    matchers::{method, path},
};
use worker_service::{
    CheckSettled, JobKinds, Remind,
    job::{JobOrder, JobState},
};

/// A worker, and the services that it asks.
struct World {
    worker: Worker,
    users: MockServer,
    suggestions: MockServer,
}

impl World {
    /// suggestion-service answers so, and user-service so.
    async fn new(outlook: ResponseTemplate, reply: ResponseTemplate) -> World {
        let (users, suggestions) = (MockServer::start().await, MockServer::start().await);
        Mock::given(method("GET"))
            .and(path("/polls/p/outlook"))
            .respond_with(outlook)
            .mount(&suggestions)
            .await;
        Mock::given(method("POST")).respond_with(reply).mount(&users).await;
        let asked = || (peer(&users.uri(), ATTEMPT), peer(&suggestions.uri(), ATTEMPT));
        let kinds = JobKinds::default()
            .with(Remind::new(asked().0, asked().1))
            .with(CheckSettled::new(asked().0, asked().1));
        let worker = Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), kinds, 4);
        World { worker, users, suggestions }
    }

    /// Does a job, which has to end so; what user-service was told, and where.
    async fn run(&self, kind: &str, payload: Value, state: JobState) -> Vec<(String, Value)> {
        let mut new = new_job();
        new.order = JobOrder { kind: kind.to_owned(), payload, priority: 0 };
        self.worker.run(&new, state).await;
        assert!(!self.suggestions.received_requests().await.unwrap().is_empty());
        let told = self.users.received_requests().await.unwrap();
        told.iter().map(|told| (told.url.path().to_owned(), told.body_json().unwrap())).collect()
    }
}

fn outlook(settled: bool, awaited: Value) -> ResponseTemplate {
    let first = json!({"start": "2026-03-06T09:00:00Z", "end": "2026-03-06T10:00:00Z"});
    let outlook = json!({"version": 7, "first": first, "settled": settled, "awaited": awaited});
    ResponseTemplate::new(200).set_body_json(outlook)
}

#[tokio::test]
async fn those_are_reminded_whose_answer_can_still_change_the_best_time() {
    for (outlook, awaited) in [
        (outlook(false, json!(["eve"])), json!(["eve"])),
        (outlook(true, json!([])), json!([])),
        // Only several answers together can change something, or there are too many people to say.
        (outlook(false, json!([])), Value::Null),
        (outlook(false, Value::Null), Value::Null),
        // user-service knows best that there is no such poll any more.
        (ResponseTemplate::new(404), Value::Null),
    ] {
        let reply = ResponseTemplate::new(200).set_body_json(json!({"reminded": 1}));
        let world = World::new(outlook, reply).await;
        let payload = json!({"poll": "p", "deadline": "2026-03-04T17:00:00Z"});
        let told = world.run("remind", payload, JobState::Succeeded).await;
        let body = json!({"deadline": "2026-03-04T17:00:00Z", "awaited": awaited});
        assert_eq!(told, [("/polls/p/reminders".to_owned(), body)]);
    }
}

#[tokio::test]
async fn a_best_time_that_is_settled_is_told_with_the_version_for_which_it_is() {
    let world = World::new(outlook(true, json!([])), ResponseTemplate::new(204)).await;
    let told = world.run("check-settled", json!({"poll": "p"}), JobState::Succeeded).await;
    let first = json!({"start": "2026-03-06T09:00:00Z", "end": "2026-03-06T10:00:00Z"});
    assert_eq!(told, [("/polls/p/settled".to_owned(), json!({"version": 7, "first": first}))]);
    for open in [outlook(false, json!(["eve"])), ResponseTemplate::new(404)] {
        let world = World::new(open, ResponseTemplate::new(204)).await;
        assert!(world.run("check-settled", json!({"poll": "p"}), JobState::Succeeded).await.is_empty());
    }
}

#[tokio::test]
async fn a_poll_that_has_changed_meanwhile_is_looked_at_again() {
    let world = World::new(outlook(true, json!([])), ResponseTemplate::new(409)).await;
    let told = world.run("check-settled", json!({"poll": "p"}), JobState::Dead).await;
    assert!(told.len() > 1, "{told:?}");
    assert_eq!(world.suggestions.received_requests().await.unwrap().len(), told.len());
}
