//! Orders that user-service keeps become jobs.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::time::Duration;

use clap::Parser;
use serde_json::{Value, json};
use sql_store::Engine;
use support::{Table, memory_queue, peer, service, soon, worker::gate};
use tokio::time::sleep;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, method, path},
};
use worker_service::{Args, Inbox, MAIL_FOLDER, MailTransport, Parts, Role};

/// A user-service that gives these orders away at every claim, as it would where nobody says that they are taken.
async fn users_with(orders: Value) -> MockServer {
    let users = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/job-orders/claims"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"orders": orders})))
        .mount(&users)
        .await;
    users
}

fn order(id: &str, kind: &str) -> Value {
    let payload = json!({"userId1": "ada@example.com", "userId2": "bob@example.com"});
    json!({"id": id, "kind": kind, "payload": payload, "case_id": "case-of-order"})
}

#[tokio::test]
async fn an_order_becomes_one_job_however_often_it_is_given_away() {
    let users = users_with(json!([order("a", "suggest"), order("b", "of a later release")])).await;
    Mock::given(method("POST"))
        .and(path("/job-orders/taken"))
        .and(body_json(json!({"ids": ["a"]})))
        .respond_with(ResponseTemplate::new(204))
        .expect(2..)
        .mount(&users)
        .await;
    let (table, service, gate) = (Table::new(Engine::Sqlite).await, service(), gate());
    let args = Args::parse_from(["worker-service"]);
    let parts = Parts {
        jobs: table.jobs.clone(),
        queue: memory_queue(),
        queue_forgets: true,
        queue_name: "meeting_jobs".to_owned(),
        suggestions: gate.peer,
        users: peer(&users.uri(), Duration::from_secs(10)),
        egress: args.egress.policy(),
        mail: MailTransport::Files(args.data_dir.join(MAIL_FOLDER)),
        inbox: Inbox::None,
        mail_args: args.mail,
        work: args.work,
    };
    worker_service::build(&service, &args.serve, Role::Api, parts).unwrap();
    soon(async {
        let taken = async || {
            let asked = users.received_requests().await.unwrap();
            asked.iter().filter(|request| request.url.path() == "/job-orders/taken").count()
        };
        while taken().await < 2 {
            sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    service.stopping.cancel();
    service.tasks.close();
    soon(service.tasks.wait()).await;
    let listed = table.jobs.page(None, None, None, 10).await.unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!((listed[0].order.kind.as_str(), listed[0].case_id.as_str()), ("suggest", "case-of-order"));
}
