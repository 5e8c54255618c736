use job_queue::Delivery;
use service_kit::{RequestContext, chain};
use sql_store::SqlError;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};
use wire::Timestamp;

use super::{Consumer, Interrupted, leases::Leases};
use crate::{
    backlog::seconds,
    job::{Job, JobState},
    kinds::{EffectOnce, JobKind, Suggest},
    outcome::{Attempt, JobOutcome},
};

impl Consumer {
    /// Makes the attempt that has begun, and stores what becomes of the job; how it ended, as a label.
    pub(super) async fn attempt(
        &self,
        context: &RequestContext,
        leases: &Leases,
        job: &Job,
        delivery: &Delivery,
    ) -> Result<&'static str, Interrupted> {
        let lease = leases.hold(job);
        let retry = self.kinds.get(&job.order.kind).map_or(self.retry, |kind| kind.retry(self.retry));
        let outcome = if retry.exhausted(job.attempts) {
            let last = job.error.as_deref().unwrap_or("the process that tried it may have been killed");
            JobOutcome::GiveUp(format!("{} attempts ended without an outcome: {last}", job.attempts - 1))
        } else {
            let Some(attempt) = self.attempt_kind(context, job, &lease.lost).await else {
                warn!("the job was taken over by another consumer; this attempt is broken off");
                return Ok("overtaken");
            };
            retry.outcome(attempt, job.attempts, rand::random())
        };
        match self.conclude(job, delivery, &outcome).await? {
            Ok(label) => Ok(label),
            Err(fault) => {
                error!(error = %chain(&fault), "the outcome cannot be stored");
                let outcome = JobOutcome::GiveUp("the outcome could not be stored".to_owned());
                Ok(self.conclude(job, delivery, &outcome).await?.unwrap_or("unstored"))
            }
        }
    }

    /// One attempt by the job's kind; `None` when it was broken off because its lease was lost.
    async fn attempt_kind(
        &self,
        context: &RequestContext,
        job: &Job,
        lost: &CancellationToken,
    ) -> Option<Attempt> {
        let Some(kind) = self.kinds.get(&job.order.kind) else {
            // A newer release may have ordered it, whose consumers take it when it is tried again.
            return Some(Attempt::Faulty(format!(
                "this release knows no jobs of the kind {}",
                job.order.kind
            )));
        };
        let attempt = kind.attempt(context, job);
        match kind.once() {
            EffectOnce::StoredResult => lost.run_until_cancelled(attempt).await,
            EffectOnce::KnownAtReceiver | EffectOnce::NotedWhereOrdered => Some(attempt.await),
        }
    }

    /// Stores what becomes of a job; how it ended, as a label.
    async fn conclude(
        &self,
        job: &Job,
        delivery: &Delivery,
        outcome: &JobOutcome,
    ) -> Result<Result<&'static str, SqlError>, Interrupted> {
        if let JobOutcome::GiveUp(reason) = outcome {
            // Before the state says so: a job that is dead has its message among the dead letters.
            self.dead_letter(delivery.message(), reason).await?;
        }
        let settle = || self.jobs.settle(&job.job_id, job.attempts, outcome, Timestamp::now());
        let current = self.when_available(settle).await?;
        Ok(current.map(|current| if current { self.note_end(job, outcome) } else { "overtaken" }))
    }

    /// Logs and measures the outcome of an attempt; its name as a label.
    fn note_end(&self, job: &Job, outcome: &JobOutcome) -> &'static str {
        // Windows of a poll name who takes part.
        let names_people = job.order.kind == Suggest::NAME && !job.is_of_pair();
        let label = log(outcome, job.attempts, names_people);
        // Nobody waits for a mail, which a server may take hours later.
        let is_waited_for = self.kinds.get(&job.order.kind).is_none_or(|kind| kind.is_public());
        if is_waited_for && !matches!(outcome, JobOutcome::Retry(..) | JobOutcome::Defer(..)) {
            self.metrics.ended(label, seconds(job.created_at, Timestamp::now()));
        }
        label
    }
}

/// One line for the outcome of an attempt, and its name as a label.
fn log(outcome: &JobOutcome, attempts: u32, names_people: bool) -> &'static str {
    match outcome {
        JobOutcome::Succeed(_) if names_people => {
            info!(attempts, "job succeeded");
            JobState::Succeeded.name()
        }
        JobOutcome::Succeed(result) => {
            info!(attempts, %result, "job succeeded");
            JobState::Succeeded.name()
        }
        JobOutcome::Fail(reason) => {
            info!(attempts, reason, "job failed for good");
            JobState::Failed.name()
        }
        JobOutcome::Retry(reason, pause) => {
            warn!(attempts, reason, ?pause, "attempt failed, will try again");
            "retried"
        }
        JobOutcome::Defer(reason, pause) => {
            debug!(attempts, reason, ?pause, "attempt not made, will try again");
            "deferred"
        }
        JobOutcome::GiveUp(reason) => {
            error!(attempts, reason, "job given up");
            JobState::Dead.name()
        }
    }
}
