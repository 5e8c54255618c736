//! Mails that come in, by HTTP and from a mailbox.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod http;
mod mailbox;
#[path = "../support/mod.rs"]
mod support;
mod user_service;

use axum::Router;
use clap::Parser;
use prometheus::Registry;
use sql_store::Engine;
use support::{Table, memory_queue, service};
use user_service::UserStub;
use worker_service::{Args, Inbox, MAIL_FOLDER, MailTransport, Parts, Role};

const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz";
/// The id of a mail, and the token of its return address.
const MAIL: &str = "01976c9f-3d1e-7b52-9c1a-5f2e7d8c9b0a";
const MAIL_TOKEN: &str = "aglwzhz5dz5vfha2l4xh3de3bi";
const SECRET: &str = "0123456789abcdef";

/// A worker-service that takes mails in.
struct Worker {
    router: Router,
    measured: Registry,
    _table: Table,
}

impl Worker {
    async fn start(users: &UserStub, flags: &[&str]) -> Worker {
        Worker::try_start(users, flags).await.unwrap()
    }

    async fn try_start(users: &UserStub, flags: &[&str]) -> anyhow::Result<Worker> {
        Worker::build(users, flags, Inbox::None).await
    }

    /// One that reads a mailbox.
    async fn start_reading(users: &UserStub, inbox: Inbox) -> Worker {
        Worker::build(users, &[], inbox).await.unwrap()
    }

    async fn build(users: &UserStub, flags: &[&str], inbox: Inbox) -> anyhow::Result<Worker> {
        let (table, service) = (Table::new(Engine::Sqlite).await, service());
        let folder = tempfile::tempdir().unwrap();
        let args = Args::parse_from(["worker-service"].iter().chain(flags));
        let parts = Parts {
            jobs: table.jobs.clone(),
            queue: memory_queue(),
            queue_forgets: false,
            queue_name: "meeting_jobs".to_owned(),
            suggestions: users.peer(),
            users: users.peer(),
            egress: args.egress.policy(),
            mail: MailTransport::Files(folder.path().join(MAIL_FOLDER)),
            inbox,
            mail_args: args.mail,
            work: args.work,
        };
        let app = worker_service::build(&service, &args.serve, Role::Api, parts)?;
        Ok(Worker { router: app.router, measured: app.registry, _table: table })
    }

    /// How many mails came in with this outcome.
    fn counted(&self, outcome: &str) -> f64 {
        self.count("worker_inbound_mails_total", outcome)
    }

    /// How often the mailbox was looked at with this outcome.
    fn mailbox_reads(&self, outcome: &str) -> f64 {
        self.count("worker_mailbox_reads_total", outcome)
    }

    fn count(&self, metric: &str, outcome: &str) -> f64 {
        let families = self.measured.gather();
        let family = families.iter().find(|family| family.name() == metric).unwrap();
        let is_of = |label: &prometheus::proto::LabelPair| label.value() == outcome;
        let mut series = family.get_metric().iter().filter(|one| one.get_label().iter().any(is_of));
        series.next().unwrap().get_counter().get_value()
    }
}

/// The answer of a calendar, as a mail with this text in it.
fn mail(text: &str) -> String {
    format!(
        "From: ada@example.com\r\nTo: meet+{TOKEN}@example.com\r\nSubject: Accepted\r\n\
         Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n\
         BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nCOMMENT:{text}\r\nEND:VCALENDAR\r\n"
    )
}

/// What a server says of a mail that it could not deliver, sent to this token's address.
fn bounce(token: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@example.com\r\nTo: meet+{token}@example.com\r\nSubject: Undelivered\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.com\r\n\r\n\
         Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: {status}\r\n\r\n--b--\r\n"
    )
}
