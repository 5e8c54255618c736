//! A mail server that is slow or says nothing keeps mails waiting, and nothing else.

use std::{collections::BTreeSet, time::Duration};

use prometheus::Registry;
use sql_store::Engine;
use tokio::time::timeout;
use worker_service::{JobKinds, SmtpLimits, SmtpServer, Suggest, db::NewJob, job::JobState};

use crate::{
    MailTransport, SmtpStub, UserStub, header, job, mail, now,
    support::{
        Table, memory_queue, new_job, peer, until,
        worker::{ATTEMPT, Worker, good_server},
    },
};

/// Far less than the time for which a silent server is waited for, far more than a suggestion takes.
const PROMPTLY: Duration = Duration::from_secs(5);

/// A worker that does four jobs at a time, of which two may be at the mail server.
async fn start(users: &UserStub, url: &str, answer: Duration, suggestions: &str) -> Worker {
    let server = SmtpServer::new(
        &url.parse().unwrap(),
        SmtpLimits { connections: 2, answer, ..SmtpLimits::default() },
    )
    .unwrap();
    let mail = mail(users, MailTransport::Smtp(server), &Registry::new());
    let kinds = JobKinds::default().with(mail).with(Suggest::new(peer(suggestions, ATTEMPT)));
    Worker::over(Table::new(Engine::Sqlite).await, memory_queue(), kinds, 4)
}

async fn order_mails(worker: &Worker, count: usize) -> Vec<NewJob> {
    let jobs: Vec<NewJob> = (0..count).map(|number| job(&number.to_string())).collect();
    for new in &jobs {
        worker.order(new).await;
    }
    jobs
}

fn users(mails: usize) -> UserStub {
    let ids: Vec<String> = (0..mails).map(|number| number.to_string()).collect();
    UserStub::with_mails(&ids.iter().map(String::as_str).collect::<Vec<_>>(), &now())
}

/// Waits until all mails have come to their end; each was taken once.
async fn assert_each_arrives_once(worker: &Worker, server: &SmtpStub, jobs: &[NewJob]) {
    for new in jobs {
        worker.table.ended(&new.job_id, JobState::Succeeded).await;
    }
    let taken = server.taken();
    let ids: BTreeSet<&str> = taken.iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!((taken.len(), ids.len()), (jobs.len(), jobs.len()));
}

#[tokio::test]
async fn a_suggestion_does_not_wait_for_mails_that_wait_for_a_silent_server() {
    let (users, suggestions) = (users(200), good_server(1).await);
    let (server, url) = SmtpStub::start(&[]).await;
    server.be_silent(true);
    let worker = start(&users, &url, SmtpLimits::default().answer, &suggestions.uri()).await;
    let mails = order_mails(&worker, 200).await;
    until(async || server.connections() == 2).await;

    let suggestion = new_job();
    let done = worker.run(&suggestion, JobState::Succeeded);
    timeout(PROMPTLY, done).await.expect("the suggestion waits for the mail server");
    assert!(server.taken().is_empty());

    server.be_silent(false);
    assert_each_arrives_once(&worker, &server, &mails).await;
    assert!(server.connections() <= 2, "{}", server.connections());
    worker.stop().await;
}

#[tokio::test]
async fn a_server_that_did_not_answer_some_mails_is_spared_the_others() {
    let (users, suggestions) = (users(50), good_server(0).await);
    let (server, url) = SmtpStub::start(&[]).await;
    server.be_silent(true);
    let worker = start(&users, &url, Duration::from_millis(100), &suggestions.uri()).await;
    let mails = order_mails(&worker, 50).await;
    until(async || worker.outcomes("retried") >= 5).await;
    // Each is looked at, while the server is left alone but for one or two that try whether it is back.
    for new in &mails {
        worker.table.job_when(&new.job_id, |job| job.attempts >= 2).await;
    }
    assert!(server.connections() < mails.len() / 2, "{}", server.connections());
    assert!(worker.outcomes("deferred") as usize >= mails.len() / 2);

    server.be_silent(false);
    assert_each_arrives_once(&worker, &server, &mails).await;
    worker.stop().await;
}
