//! worker-service: takes jobs, keeps them, and does them once.
//!
//! An order is stored in the table of jobs, which is also the outbox of the queue; see [`outbox`] for the way into the
//! queue and [`consumer`] for the way out of it. Orders come by `POST /tasks`, and from user-service.

pub mod api;
mod args;
mod backlog;
pub mod consumer;
pub mod db;
pub mod erasure;
mod health;
mod inbound_mail;
pub mod job;
mod kinds;
mod mail_transport;
#[cfg(feature = "distributed")]
mod mailbox;
mod metrics;
mod order_intake;
pub mod outbox;
pub mod outcome;
#[cfg(feature = "distributed")]
mod process;
mod retention;
mod retries;
#[cfg(feature = "distributed")]
mod server_url;

use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use axum::Router;
use calendar_fetch::{EgressPolicy, Fetcher, Limits};
use job_queue::Queue;
use peer_client::{Peer, access_control};
use service_kit::{App, Routes, ServeArgs, ServiceContext};
use sql_store::SqlError;
use tokio::sync::watch;
use wire::Timestamp;

pub use args::{MailArgs, Role, WorkArgs};
pub use kinds::{
    CheckConflicts, CheckConflictsPayload, CheckSettled, CheckSettledPayload, ClosePolls, DuePollsPayload,
    EffectOnce, Erase, ErasePayload, ExpirePolls, JobKind, JobKinds, Mail, MailPayload, PairPayload,
    PollPayload, PurgePolls, RefreshCalendar, RefreshPayload, Remind, RemindPayload, SignInMail, Suggest,
    SuggestPayload,
};
pub use mail_transport::{MailFile, MailTransport, SendError};
#[cfg(feature = "distributed")]
pub use mail_transport::{SmtpLimits, SmtpServer};
#[cfg(feature = "distributed")]
pub use mailbox::ImapMailbox;
pub use metrics::{CalendarMetrics, JobMetrics, MailMetrics};
#[cfg(feature = "distributed")]
pub use process::{Args, Command, run};

use api::{AppState, InboundMailState, PauseState};
use backlog::BacklogMonitor;
use consumer::{Consumer, Pause};
use db::{Jobs, MIGRATIONS};
use health::Health;
use inbound_mail::InboundMails;
pub use inbound_mail::{Inbound, read_mail};
#[cfg(feature = "distributed")]
use metrics::MailboxMetrics;
use metrics::{BacklogMetrics, InboundMailMetrics};
use order_intake::OrderIntake;
use outbox::Outbox;
use retries::retry_logged;

pub const NAME: &str = "worker-service";

/// The SQLite file of jobs in the data folder.
pub const DATABASE_FILE: &str = "worker.db";

/// The folder in the data folder that mails are written to where there is no mail server.
pub const MAIL_FOLDER: &str = "mail";

/// Where mails come from that nobody hands over.
#[derive(Clone, Debug)]
pub enum Inbox {
    /// From nowhere.
    None,
    /// From this mailbox.
    #[cfg(feature = "distributed")]
    Imap(Box<ImapMailbox>),
}

pub struct Parts {
    pub jobs: Jobs,
    pub queue: Queue,
    /// Whether the queue forgets its messages with the process, so that they have to be published anew at the start.
    pub queue_forgets: bool,
    /// The queue's name, which replies tell.
    pub queue_name: String,
    /// suggestion-service.
    pub suggestions: Peer,
    /// user-service, which has orders of jobs.
    pub users: Peer,
    /// From where calendars may be fetched.
    pub egress: EgressPolicy,
    /// Where mails go.
    pub mail: MailTransport,
    /// Where they come from.
    pub inbox: Inbox,
    pub mail_args: MailArgs,
    pub work: WorkArgs,
}

/// The service on top of its parts. Its background work begins: migrating, then what the role is for.
///
/// # Errors
/// When a setting contradicts another one.
pub fn build(service: &ServiceContext, args: &ServeArgs, role: Role, parts: Parts) -> anyhow::Result<App> {
    let Parts {
        jobs,
        queue,
        queue_forgets,
        queue_name,
        suggestions,
        users,
        egress,
        mail,
        inbox,
        mail_args,
        work,
    } = parts;
    ensure!(
        work.prefetch >= work.concurrency,
        "--prefetch {} is less than --concurrency {}: some workers would never have a job",
        work.prefetch,
        work.concurrency
    );
    service.registry.register(Box::new(jobs.db().collector()))?;
    let fetcher = Fetcher::new(egress, Limits::default()).context("calendars cannot be fetched")?;
    let mail_files = match &mail {
        MailTransport::Files(folder) => Some(folder.clone()).filter(|_| args.status_page),
        #[cfg(feature = "distributed")]
        MailTransport::Smtp(_) => None,
    };
    let takes_replies = mail_args.inbound_mail_secret.is_some() || !matches!(inbox, Inbox::None);
    let sender = match takes_replies {
        true => mail_args.mail_from.taking_replies().map_err(|error| anyhow!("MAIL_FROM: {error}"))?,
        false => mail_args.mail_from,
    };
    let inbound = InboundMails::new(users.clone(), InboundMailMetrics::register(&service.registry)?);
    let mail_metrics = MailMetrics::register(&service.registry)?;
    let calendar_metrics = CalendarMetrics::register(&service.registry)?;
    let access = access_control(service, &users)?;
    let kinds = JobKinds::default()
        .with(Suggest::new(suggestions.clone()))
        .with(RefreshCalendar::new(users.clone(), fetcher, calendar_metrics))
        .with(Mail::new(users.clone(), mail.clone(), sender.clone(), mail_metrics.clone()))
        .with(SignInMail::new(users.clone(), mail.clone(), sender, mail_metrics))
        .with(Remind::new(users.clone(), suggestions.clone()))
        .with(CheckSettled::new(users.clone(), suggestions))
        .with(CheckConflicts::new(users.clone()))
        .with(ClosePolls::new(users.clone()))
        .with(ExpirePolls::new(users.clone()))
        .with(PurgePolls::new(users.clone()))
        .with(Erase::new(users.clone(), jobs.clone(), mail));
    let (pause, job_metrics) = (Pause::default(), JobMetrics::register(&service.registry)?);
    let operations = match role {
        // It takes no messages.
        Role::Api => Router::new(),
        Role::Consumer | Role::All => {
            api::pause_routes(PauseState { pause: pause.clone(), metrics: job_metrics.clone() })
        }
    };
    let consumer = Consumer {
        service: service.clone(),
        jobs: jobs.clone(),
        queue: queue.clone(),
        kinds: kinds.clone(),
        retry: work.retry(),
        pause,
        metrics: job_metrics,
    };
    let (seen, depth) = watch::channel(None);
    if role != Role::Consumer {
        // There may be no consumer, and there are fewer of these.
        let metrics = BacklogMetrics::register(&service.registry)?;
        let monitor = BacklogMonitor {
            jobs: jobs.clone(),
            queue: queue.clone(),
            metrics,
            keep_dead: work.max_dead_letters,
            seen,
        };
        service.spawn(monitor.run(service.stopping.clone()));
        // Counted from 0 also where there is no mailbox yet.
        #[cfg(feature = "distributed")]
        let mailbox_metrics = MailboxMetrics::register(&service.registry)?;
        match inbox {
            Inbox::None => (),
            #[cfg(feature = "distributed")]
            Inbox::Imap(mailbox) => {
                service.spawn(mailbox.run(inbound.clone(), mailbox_metrics, service.stopping.clone()));
            }
        }
    }
    let (outbox, marks) = Outbox::new(jobs.clone(), queue.clone(), service.tasks.clone());
    // It ends with the last outbox, when nobody is left to publish.
    tokio::spawn(Outbox::write_marks(jobs.clone(), marks));
    let outbox_of_relay = outbox.clone();
    let intake = OrderIntake { users, jobs: jobs.clone(), kinds: kinds.clone(), outbox: outbox.clone() };
    let background = async move {
        prepare(&consumer.service, &consumer.jobs, queue_forgets).await?;
        let stopping = consumer.service.stopping.clone();
        let relay = outbox_of_relay.relay(stopping.clone());
        let delete = retention::delete_ended(consumer.jobs.clone(), work.keep(), stopping.clone());
        let tend = async { tokio::join!(relay, delete) };
        match role {
            Role::Api => {
                tokio::join!(tend, intake.run(stopping.clone()));
            }
            Role::Consumer => {
                tokio::join!(tend, consumer.run(work.prefetch, work.concurrency));
            }
            Role::All => {
                let consume = consumer.run(work.prefetch, work.concurrency);
                tokio::join!(tend, intake.run(stopping.clone()), consume);
            }
        }
        Some(())
    };
    service.spawn(background);

    let routes = match role {
        Role::Api | Role::All => {
            let depth = args.status_page.then_some(depth);
            let state = AppState { jobs: jobs.clone(), kinds, outbox, queue_name, depth, mail_files };
            let inbound = InboundMailState { mails: inbound, secret: mail_args.inbound_mail_secret };
            let (settings, inbound) = api::inbound_mail_routes(args, inbound);
            Routes::from(api::routes(state)).with(settings, inbound)
        }
        Role::Consumer => Routes::default(),
    };
    let health = Arc::new(Health { jobs, queue });
    Ok(App::new(service, args, "/worker", routes, health, access).with_operations(operations))
}

/// Makes the table ready for work; `None` when that will never be.
async fn prepare(service: &ServiceContext, jobs: &Jobs, queue_forgets: bool) -> Option<()> {
    if let Err(error) = jobs.db().migrate_when_available(&MIGRATIONS, &service.stopping).await {
        service.fail(&error);
        return None;
    }
    if queue_forgets {
        let requeue = || jobs.requeue_unfinished(Timestamp::now());
        match retry_logged(&service.stopping, requeue, SqlError::is_unavailable).await? {
            Ok(0) => (),
            Ok(count) => tracing::info!(count, "jobs of the last run are taken up again"),
            Err(error) => {
                service.fail(&error);
                return None;
            }
        }
    }
    Some(())
}
