//! The process is killed at each step of a mail. Nothing is lost, and sent twice is only what was sent and not reported yet.

use std::path::Path;

use serde_json::json;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{SmtpStub, UserStub, header, now, support::until};

/// A process on these files that asks often.
async fn start(users: &UserStub, smtp: &str, data: &Path) -> ServiceProcess {
    let spec = ServiceSpec::new(Binary::WorkerService)
        .env("DATA_DIR", data.display())
        .env("USER_SERVICE_BASE", users.serve().await)
        .env("SMTP_URL", smtp)
        .env("RETRY_BASE_MS", 10);
    ServiceProcess::start(spec).await.unwrap()
}

/// Waits until the process has done a job, whatever it was before the process began.
async fn one_job_is_done(worker: &ServiceProcess) {
    let done =
        "messaging_process_duration_seconds_count{outcome=\"succeeded\",service_name=\"worker-service\"} 1";
    until(async || metrics(worker).await.contains(done)).await;
}

async fn metrics(worker: &ServiceProcess) -> String {
    let mut stream = TcpStream::connect(worker.ops()).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

#[tokio::test]
async fn killed_before_the_mail_is_sent_it_is_sent_once() {
    let data = tempfile::tempdir().unwrap();
    let users = UserStub::with_mails(&["1"], &now());
    let (server, url) = SmtpStub::start(&[]).await;
    server.be_silent(true);
    let mut worker = start(&users, &url, data.path()).await;
    until(async || server.connections() == 1).await;
    worker.kill().await.unwrap();
    server.be_silent(false);
    worker.restart().await.unwrap();
    one_job_is_done(&worker).await;
    assert_eq!(server.taken().len(), 1);
    assert_eq!(users.outcomes(), [("1".to_owned(), json!({"state": "sent"}))]);
}

#[tokio::test]
async fn killed_between_sending_and_reporting_the_mail_is_the_same_one_twice() {
    let data = tempfile::tempdir().unwrap();
    let users = UserStub::with_mails(&["1"], &now()).deaf_to(usize::MAX);
    let (server, url) = SmtpStub::start(&[]).await;
    let mut worker = start(&users, &url, data.path()).await;
    until(async || users.reported() > 0).await;
    assert_eq!(server.taken().len(), 1);
    worker.kill().await.unwrap();
    users.hear_after(0);
    worker.restart().await.unwrap();
    one_job_is_done(&worker).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0], taken[1]);
    assert_eq!(header(&taken[0], "Message-ID"), "Message-ID: <invitation.poll.1@localhost>");
    assert_eq!(users.outcomes(), [("1".to_owned(), json!({"state": "sent"}))]);
}

#[tokio::test]
async fn killed_between_reporting_and_acknowledging_nothing_is_sent_again() {
    let data = tempfile::tempdir().unwrap();
    let users = UserStub::with_mails(&["1"], &now());
    users.be_mute(true);
    let (server, url) = SmtpStub::start(&[]).await;
    let mut worker = start(&users, &url, data.path()).await;
    until(async || users.outcomes().len() == 1).await;
    worker.kill().await.unwrap();
    users.be_mute(false);
    let asked = users.asked();
    worker.restart().await.unwrap();
    one_job_is_done(&worker).await;
    assert!(users.asked() > asked, "it looks whether the mail was sent");
    assert_eq!((server.taken().len(), users.outcomes().len()), (1, 1));
}
