//! From the queue: a message names a job, whose row says what to do. It is acknowledged once its outcome is stored.

use std::{future::Future, sync::Arc};

use job_queue::{Delivery, Queue};
use service_kit::{RequestContext, ServiceContext, chain};
use sql_store::SqlError;
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::task::TaskTracker;
use tracing::{Instrument, error, info, warn};
use wire::{CaseId, Timestamp};

use crate::{
    backlog::seconds,
    db::{Claim, Jobs},
    job::{Attempt, Job, RetryPolicy, State, Verdict},
    metrics::JobMetrics,
    patience::patiently,
    suggestions::Suggester,
};

/// Does jobs. Clones share everything.
#[derive(Clone)]
pub struct Consumer {
    /// The service that it is part of.
    pub service: ServiceContext,
    /// The table.
    pub jobs: Jobs,
    /// The queue.
    pub queue: Queue,
    /// Who does the real work.
    pub suggester: Suggester,
    /// When to try again and when to give up.
    pub retry: RetryPolicy,
    /// What is measured.
    pub metrics: JobMetrics,
}

/// Outcomes that are no failure of ours.
const GOOD: [&str; 4] = [State::Succeeded.name(), State::Failed.name(), "repeated", "overtaken"];

/// Why a message goes back into the queue: the process stops before what it needs has come back.
struct Interrupted;

impl Consumer {
    /// Takes messages, at most `prefetch` ahead and `concurrency` at work, until the service says stop. Then what has begun
    /// is finished and the rest goes back into the queue.
    pub async fn run(self, prefetch: u16, concurrency: u16) {
        let mut messages = self.queue.consume(prefetch);
        let places = Arc::new(Semaphore::new(usize::from(concurrency)));
        let at_work = TaskTracker::new();
        let take = async {
            while let Ok(place) = places.clone().acquire_owned().await {
                let Some(delivery) = messages.next().await else { break };
                let consumer = self.clone();
                at_work.spawn(async move {
                    consumer.handle(delivery).await;
                    drop(place);
                });
            }
        };
        self.service.stopping.run_until_cancelled(take).await;
        messages.cancel();
        at_work.close();
        at_work.wait().await;
        messages.close().await;
    }

    async fn handle(&self, delivery: Delivery) {
        let _at_work = self.metrics.begin();
        let message = delivery.message();
        let case_id = CaseId::parse(&message.correlation_id).unwrap_or_else(CaseId::fresh);
        let (context, span) =
            self.service.continue_job(self.queue.name(), case_id, &message.id, &message.headers);
        let started = Instant::now();
        match self.process(&delivery, &context).instrument(span.clone()).await {
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
        delivery: &Delivery,
        context: &RequestContext,
    ) -> Result<&'static str, Interrupted> {
        let job_id = &delivery.message().id;
        match self.stored(|| self.jobs.claim(job_id, Timestamp::now())).await? {
            Ok(Claim::Run(job)) => self.attempt(&job, delivery, context).await,
            Ok(Claim::Ended(state)) => {
                info!(state = state.name(), "the job had ended before; nothing to do");
                Ok("repeated")
            }
            Ok(Claim::Unknown) => {
                error!("there is no such job; its message goes to the dead letters");
                self.dead_letter(delivery, "no such job").await?;
                Ok("unknown")
            }
            Err(fault) => {
                error!(error = %chain(&fault), "the job cannot be read; its message goes to the dead letters");
                self.dead_letter(delivery, "the stored job cannot be read").await?;
                Ok("unreadable")
            }
        }
    }

    async fn attempt(
        &self,
        job: &Job,
        delivery: &Delivery,
        context: &RequestContext,
    ) -> Result<&'static str, Interrupted> {
        let verdict = if self.retry.exhausted(job.attempts) {
            let last = job.error.as_deref().unwrap_or("the process that tried it may have been killed");
            Verdict::GiveUp(format!("{} attempts ended without an outcome: {last}", job.attempts - 1))
        } else {
            let attempt = self.suggester.suggest(&job.order, context).await;
            self.retry.judge(attempt, job.attempts, rand::random())
        };
        match self.conclude(job, delivery, &verdict).await? {
            Ok(outcome) => Ok(outcome),
            Err(fault) => {
                error!(error = %chain(&fault), "the outcome cannot be stored");
                let verdict = Verdict::GiveUp("the outcome could not be stored".to_owned());
                Ok(self.conclude(job, delivery, &verdict).await?.unwrap_or("unstored"))
            }
        }
    }

    /// Stores what becomes of a job; how it ended, as a label.
    async fn conclude(
        &self,
        job: &Job,
        delivery: &Delivery,
        verdict: &Verdict,
    ) -> Result<Result<&'static str, SqlError>, Interrupted> {
        if let Verdict::GiveUp(reason) = verdict {
            // Before the state says so: a job that is dead has its message among the dead letters.
            self.dead_letter(delivery, reason).await?;
        }
        let settle = || self.jobs.settle(&job.job_id, job.attempts, verdict, Timestamp::now());
        let current = self.stored(settle).await?;
        Ok(current.map(|current| if current { self.note_end(job, verdict) } else { "overtaken" }))
    }

    /// Logs and measures the outcome of an attempt; its name as a label.
    fn note_end(&self, job: &Job, verdict: &Verdict) -> &'static str {
        let outcome = log(verdict, job.attempts);
        if !matches!(verdict, Verdict::Retry(..)) {
            self.metrics.ended(outcome, seconds(job.created_at, Timestamp::now()));
        }
        outcome
    }

    /// Publishes the message among the dead letters, again and again until that is confirmed.
    async fn dead_letter(&self, delivery: &Delivery, reason: &str) -> Result<(), Interrupted> {
        let publish = || self.queue.dead_letter(delivery.message(), reason);
        // Its id fitted when it came, so every failure is one that passes.
        let published = patiently(&self.service.stopping, publish, |_| true).await;
        published.map(|_confirmed| ()).ok_or(Interrupted)
    }

    /// Runs a statement; while the table is away the job waits for it.
    async fn stored<T, F>(&self, statement: impl Fn() -> F) -> Result<Result<T, SqlError>, Interrupted>
    where
        F: Future<Output = Result<T, SqlError>>,
    {
        patiently(&self.service.stopping, statement, SqlError::is_unavailable).await.ok_or(Interrupted)
    }
}

/// One line for the outcome of an attempt, and its name as a label.
fn log(verdict: &Verdict, attempts: u32) -> &'static str {
    match verdict {
        Verdict::Succeed(result) => {
            info!(attempts, %result, "job succeeded");
            State::Succeeded.name()
        }
        Verdict::Fail(reason) => {
            info!(attempts, reason, "job failed for good");
            State::Failed.name()
        }
        Verdict::Retry(reason, pause) => {
            warn!(attempts, reason, ?pause, "attempt failed, will try again");
            "retried"
        }
        Verdict::GiveUp(reason) => {
            error!(attempts, reason, "job given up");
            State::Dead.name()
        }
    }
}

impl Attempt {
    /// An attempt that failed with this error.
    pub(crate) fn faulty(error: &(dyn std::error::Error + 'static)) -> Attempt {
        Attempt::Faulty(chain(error).to_string())
    }
}
