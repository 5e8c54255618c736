//! From the queue: a message names a job, whose row says what to do. It is acknowledged once its outcome is stored.

mod attempt;
mod leases;
mod pause;
mod take;

use std::sync::Arc;

use job_queue::{Delivery, Message, PublishError, Queue};
use service_kit::{RequestContext, ServiceContext, chain};
use sql_store::SqlError;
use tokio::time::{Duration, Instant, sleep};
use tracing::{Instrument, error, info, warn};
use wire::{CaseId, Timestamp};

use crate::{
    db::{Claim, Jobs},
    job::JobState,
    kinds::JobKinds,
    metrics::JobMetrics,
    outbox::INSTALLATION,
    outcome::RetryPolicy,
    retries::retry_logged,
};
use leases::Leases;
pub use pause::Pause;
use take::{Intake, take};

/// Longest time that a message of another installation is held before it is parked, chosen by chance. The broker serves
/// consumers in turn: messages that always came back in the same order could each go to the wrong one for ever.
const LONGEST_PARKING_PAUSE: Duration = Duration::from_millis(100);
/// A message of another installation is parked so often before it is given up: for an hour. By then its own installation
/// publishes it anew.
const MOST_PARKED: u32 = 360;

pub struct Consumer {
    pub service: ServiceContext,
    pub jobs: Jobs,
    pub queue: Queue,
    pub kinds: JobKinds,
    pub retry: RetryPolicy,
    /// Others may keep it from taking messages for a while.
    pub pause: Pause,
    pub metrics: JobMetrics,
}

/// Outcomes that are no failure of ours.
const GOOD: [&str; 7] = [
    JobState::Succeeded.name(),
    JobState::Failed.name(),
    "deferred",
    "repeated",
    "leased",
    "overtaken",
    "foreign",
];

/// Why a message goes back into the queue: the process stops before what it needs has come back.
struct Interrupted;

impl Consumer {
    /// Takes messages, at most `prefetch` ahead and `concurrency` running, until the service says stop. Then what has begun
    /// is finished and the rest goes back into the queue.
    pub async fn run(self, prefetch: u16, concurrency: u16) {
        let (consumer, leases) = (Arc::new(self), Leases::default());
        let intake = Intake {
            queue: &consumer.queue,
            prefetch,
            concurrency,
            pause: &consumer.pause,
            stopping: &consumer.service.stopping,
        };
        let work = take(intake, |delivery| {
            // Counted before anything else is done: who asks for a pause learns of every message that was taken.
            let running = consumer.metrics.begin();
            let (consumer, leases) = (consumer.clone(), leases.clone());
            async move {
                consumer.handle(&leases, delivery).await;
                drop(running);
            }
        });
        tokio::select! {
            () = work => (),
            () = leases.keep_renewed(&consumer.jobs) => (),
        }
    }

    async fn handle(&self, leases: &Leases, delivery: Delivery) {
        let message = delivery.message();
        let case_id = CaseId::parse(&message.correlation_id).unwrap_or_else(CaseId::fresh);
        let (context, span) =
            self.service.continue_job(self.queue.name(), case_id, &message.id, &message.headers);
        let started = Instant::now();
        match self.process(&context, leases, &delivery).instrument(span.clone()).await {
            Ok(outcome) => {
                if !GOOD.contains(&outcome) {
                    span.record("otel.status_code", "ERROR");
                }
                self.metrics.processed(outcome, started.elapsed());
                delivery.ack();
            }
            Err(Interrupted) => delivery.requeue(),
        }
    }

    /// Deals with one message; how that ended, as a label.
    async fn process(
        &self,
        context: &RequestContext,
        leases: &Leases,
        delivery: &Delivery,
    ) -> Result<&'static str, Interrupted> {
        let job_id = &delivery.message().id;
        match self.when_available(|| self.jobs.claim(job_id, Timestamp::now())).await? {
            Ok(Claim::Run(job)) => self.attempt(context, leases, &job, delivery).await,
            Ok(Claim::Leased) => {
                info!("the job runs already; nothing to do");
                Ok("leased")
            }
            Ok(Claim::Ended(state)) => {
                info!(state = state.name(), "the job had ended before; nothing to do");
                Ok("repeated")
            }
            Ok(Claim::Unknown) => self.return_foreign(delivery).await,
            Err(fault) => {
                error!(error = %chain(&fault), "the job cannot be read; its message goes to the dead letters");
                self.dead_letter(delivery.message(), "the stored job cannot be read").await?;
                Ok("unreadable")
            }
        }
    }

    /// Deals with a message whose job is not in the table: it is another installation's, unless it says that it is ours.
    async fn return_foreign(&self, delivery: &Delivery) -> Result<&'static str, Interrupted> {
        let message = delivery.message();
        let own = self.when_available(|| self.jobs.installation()).await?;
        let theirs = message.headers.get(INSTALLATION);
        let is_ours = own.is_ok_and(|own| theirs.is_some_and(|theirs| theirs == own));
        if !is_ours && message.times_parked() < MOST_PARKED {
            if message.times_parked() == 0 {
                warn!(
                    installation = theirs,
                    "another installation has the same queue; its message is put back"
                );
            }
            let pause = sleep(LONGEST_PARKING_PAUSE.mul_f64(rand::random()));
            self.service.stopping.run_until_cancelled(pause).await.ok_or(Interrupted)?;
            self.confirmed(|| self.queue.park(message)).await?;
            return Ok("foreign");
        }
        error!("there is no such job; its message goes to the dead letters");
        self.dead_letter(message, "no such job").await?;
        Ok("unknown")
    }

    async fn dead_letter(&self, message: &Message, reason: &str) -> Result<(), Interrupted> {
        self.confirmed(|| self.queue.dead_letter(message, reason)).await
    }

    /// Publishes a message that came from the queue, again and again until that is confirmed.
    async fn confirmed<F>(&self, publish: impl Fn() -> F) -> Result<(), Interrupted>
    where
        F: Future<Output = Result<(), PublishError>>,
    {
        // Its id fitted when it came, so every failure is one that passes.
        retry_logged(&self.service.stopping, publish, |_| true).await.map(drop).ok_or(Interrupted)
    }

    /// Runs a statement; while the table cannot be asked the job waits for it.
    async fn when_available<T, F>(
        &self,
        statement: impl Fn() -> F,
    ) -> Result<Result<T, SqlError>, Interrupted>
    where
        F: Future<Output = Result<T, SqlError>>,
    {
        retry_logged(&self.service.stopping, statement, SqlError::is_unavailable).await.ok_or(Interrupted)
    }
}
