//! Mails between a user-service that describes them and a mail server that takes them or not.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod encryption;
mod kills;
mod smtp_server;
mod suggestions_first;
#[path = "../support/mod.rs"]
mod support;
mod user_service;

use std::time::Duration;

use prometheus::Registry;
use serde_json::json;
use smtp_server::{Fate, SmtpStub};
use sql_store::Engine;
use support::{Table, memory_queue, new_job, worker::Worker};
use testkit::TcpProxy;
use user_service::UserStub;
use wire::Timestamp;
use worker_service::{
    JobKinds, Mail, MailMetrics, MailTransport, SmtpLimits, SmtpServer,
    db::NewJob,
    job::{JobOrder, JobState},
};

/// A worker that does mails alone, by this server.
async fn worker(users: &UserStub, transport: MailTransport) -> (Worker, Registry) {
    let measured = Registry::new();
    let kinds = JobKinds::default().with(mail(users, transport, &measured));
    (Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), kinds, 4), measured)
}

fn mail(users: &UserStub, transport: MailTransport, measured: &Registry) -> Mail {
    let sender = "W2Meet <meet@example.com>".parse().unwrap();
    Mail::new(users.peer(), transport, sender, MailMetrics::register(measured).unwrap())
}

fn smtp(url: &str) -> MailTransport {
    let limits = SmtpLimits { connections: 2, ..SmtpLimits::default() };
    MailTransport::Smtp(SmtpServer::new(&url.parse().unwrap(), limits).unwrap())
}

fn job(id: &str) -> NewJob {
    let order = JobOrder { kind: "mail".to_owned(), payload: json!({"mail": id}), priority: 0 };
    NewJob { order, ..new_job() }
}

fn now() -> String {
    Timestamp::now().to_string()
}

fn counted(registry: &Registry, outcome: &str) -> f64 {
    let families = registry.gather();
    let family = families.iter().find(|family| family.name() == "worker_mails_total").unwrap();
    let series = family.get_metric().iter();
    let mut of_outcome = series.filter(|one| one.get_label().iter().any(|label| label.value() == outcome));
    of_outcome.next().unwrap().get_counter().get_value()
}

/// The line of a header in a mail.
fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    mail.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap_or_default()
}

#[tokio::test]
async fn a_mail_is_sent_and_reported_once() {
    let users = UserStub::with_mails(&["1"], &now());
    let (server, url) = SmtpStub::start(&[]).await;
    let (worker, measured) = worker(&users, smtp(&url)).await;
    let first = job("1");
    let done = worker.run(&first, JobState::Succeeded).await;
    assert_eq!(done.result, Some(json!({"mail": "sent"})));
    // Another job of the same mail finds that it was sent.
    worker.run(&job("1"), JobState::Succeeded).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(header(&taken[0], "Message-ID"), "Message-ID: <invitation.poll.1@example.com>");
    assert_eq!(users.outcomes(), [("1".to_owned(), json!({"state": "sent"}))]);
    assert_eq!(counted(&measured, "sent"), 1.0);
    worker.stop().await;
}

#[tokio::test]
async fn what_the_server_does_not_take_now_is_sent_later() {
    let later = [
        Fate::RefusedRecipient("451 4.7.1 greylisted"),
        Fate::RefusedContent("452 4.3.1 no space"),
        Fate::BrokenOff,
        Fate::RefusedRecipient("421 4.3.2 going down"),
    ];
    let users = UserStub::with_mails(&["1"], &now());
    let (server, url) = SmtpStub::start(&later).await;
    let (worker, measured) = worker(&users, smtp(&url)).await;
    let done = worker.run(&job("1"), JobState::Succeeded).await;
    assert_eq!(done.attempts, 5);
    assert_eq!(server.taken().len(), 1);
    assert_eq!(users.outcomes(), [("1".to_owned(), json!({"state": "sent"}))]);
    assert_eq!(counted(&measured, "deferred"), 4.0);
    assert_eq!(server.connections(), 3, "a refusal is no reason to leave");
    worker.stop().await;
}

#[tokio::test]
async fn nobody_at_an_address_is_reported_for_good_and_a_refused_text_without_blaming_the_address() {
    let fates = [
        Fate::RefusedRecipient("550 5.1.1 no such user"),
        Fate::RefusedContent("554 5.7.1 this looks like spam"),
    ];
    let users = UserStub::with_mails(&["1", "2"], &now());
    let (server, url) = SmtpStub::start(&fates).await;
    let (worker, _) = worker(&users, smtp(&url)).await;
    for id in ["1", "2"] {
        let failed = worker.run(&job(id), JobState::Failed).await;
        assert!(!failed.error.unwrap().contains("ada@example.com"));
    }
    assert!(server.taken().is_empty());
    let outcomes = users.outcomes();
    let failed = |code: &str, bounced: bool| json!({"state": "failed", "error": format!("the mail server answered {code}"), "bounced": bounced});
    assert_eq!(
        outcomes,
        [("1".to_owned(), failed("550 5.1.1", true)), ("2".to_owned(), failed("554 5.7.1", false))]
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_connection_that_breaks_off_after_the_text_is_the_one_way_to_get_a_mail_twice() {
    let users = UserStub::with_mails(&["1"], &now());
    let (server, url) = SmtpStub::start(&[Fate::TakenWithoutAnswer]).await;
    let (worker, _) = worker(&users, smtp(&url)).await;
    worker.run(&job("1"), JobState::Succeeded).await;
    // SMTP cannot tell whether it was taken (RFC 1047). Whoever gets both sees by their Message-ID that they are one.
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0], taken[1]);
    assert_eq!(users.outcomes().len(), 1);
    worker.stop().await;
}

#[tokio::test]
async fn a_mail_whose_report_is_lost_is_not_sent_again() {
    let users = UserStub::with_mails(&["1"], &now()).deaf_to(3);
    let (server, url) = SmtpStub::start(&[]).await;
    let (worker, _) = worker(&users, smtp(&url)).await;
    worker.run(&job("1"), JobState::Succeeded).await;
    assert_eq!(server.taken().len(), 1);
    assert_eq!(users.outcomes(), [("1".to_owned(), json!({"state": "sent"}))]);
    worker.stop().await;
}

#[tokio::test]
async fn what_is_not_to_be_sent_any_more_is_not() {
    let users = UserStub::with_mails(&[], &now());
    let (server, url) = SmtpStub::start(&[]).await;
    let (worker, _) = worker(&users, smtp(&url)).await;
    let done = worker.run(&job("1"), JobState::Succeeded).await;
    assert_eq!(done.result, Some(json!({"mail": "withdrawn"})));
    assert_eq!(server.connections(), 0);
    worker.stop().await;
}

#[tokio::test]
async fn a_mail_that_was_tried_for_a_day_and_a_half_is_given_up() {
    let users = UserStub::with_mails(&["1"], "2026-01-01T00:00:00Z");
    let (_, url) = SmtpStub::start(&[Fate::RefusedRecipient("451 4.7.1 greylisted")]).await;
    let (worker, _) = worker(&users, smtp(&url)).await;
    worker.run(&job("1"), JobState::Failed).await;
    let [(_, outcome)] = &users.outcomes()[..] else { panic!("one outcome is reported") };
    assert_eq!(outcome["error"], "given up after 36 hours: the mail server answered 451 4.7.1");
    assert_eq!(outcome["bounced"], false);
    worker.stop().await;
}

#[tokio::test]
async fn what_waits_for_a_server_that_is_away_for_a_day_arrives_once() {
    let (server, url) = SmtpStub::start(&[]).await;
    let (proxy, url) = TcpProxy::before(&url).await.unwrap();
    proxy.cut().await;
    let yesterday = Timestamp::now().minus(Duration::from_secs(24 * 60 * 60)).to_string();
    let users = UserStub::with_mails(&["1", "2", "3"], &yesterday);
    let (worker, measured) = worker(&users, smtp(&url)).await;
    let jobs = ["1", "2", "3"].map(job);
    for new in &jobs {
        worker.order(new).await;
    }
    for new in &jobs {
        worker.table.job_when(&new.job_id, |job| job.attempts >= 3).await;
    }
    assert!(counted(&measured, "deferred") >= 5.0);
    proxy.heal().await.unwrap();
    for new in &jobs {
        worker.table.ended(&new.job_id, JobState::Succeeded).await;
    }
    assert_eq!((server.taken().len(), users.outcomes().len()), (3, 3));
    worker.stop().await;
}

#[tokio::test]
async fn connections_are_kept_open() {
    let ids: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    let users = UserStub::with_mails(&ids.iter().map(String::as_str).collect::<Vec<_>>(), &now());
    let (server, url) = SmtpStub::start(&[]).await;
    let (worker, _) = worker(&users, smtp(&url)).await;
    for id in &ids {
        worker.run(&job(id), JobState::Succeeded).await;
    }
    assert_eq!(server.taken().len(), ids.len());
    assert!(server.connections() <= 2, "{}", server.connections());
    worker.stop().await;
}

#[tokio::test]
async fn an_idle_connection_that_the_server_has_closed_costs_no_attempt() {
    let users = UserStub::with_mails(&["1", "2"], &now());
    let (server, url) = SmtpStub::start(&[]).await;
    let (worker, measured) = worker(&users, smtp(&url)).await;
    worker.run(&job("1"), JobState::Succeeded).await;
    server.next(Fate::Closed);
    assert_eq!(worker.run(&job("2"), JobState::Succeeded).await.attempts, 1);
    assert_eq!((server.taken().len(), server.connections()), (2, 2));
    assert_eq!(counted(&measured, "deferred"), 0.0);
    worker.stop().await;
}

#[tokio::test]
async fn without_a_server_each_mail_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let users = UserStub::with_mails(&["1"], &now());
    let (worker, _) = worker(&users, MailTransport::Files(folder.path().join("mail"))).await;
    worker.run(&job("1"), JobState::Succeeded).await;
    let text = std::fs::read_to_string(folder.path().join("mail/1.eml")).unwrap();
    assert!(text.contains("Subject: When can you come? Mail 1\r\n"), "{text}");
    assert_eq!(users.outcomes().len(), 1);
    worker.stop().await;
}
