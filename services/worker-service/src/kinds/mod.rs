//! Kinds of jobs: what each is told, how it is done, and what makes its effect happen once.

mod check_conflicts;
mod check_settled;
mod due_polls;
mod erase;
mod mail;
mod outlook;
mod refresh_calendar;
mod remind;
mod suggest;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use service_kit::{RequestContext, chain};
use wire::{Fault, Fields};

pub use check_conflicts::{CheckConflicts, CheckConflictsPayload};
pub use check_settled::{CheckSettled, CheckSettledPayload};
pub use due_polls::{ClosePolls, DuePollsPayload, ExpirePolls, PurgePolls};
pub use erase::{Erase, ErasePayload};
pub use mail::{Mail, MailPayload, SignInMail};
pub use refresh_calendar::{RefreshCalendar, RefreshPayload};
pub use remind::{Remind, RemindPayload};
pub use suggest::{PairPayload, PollPayload, Suggest, SuggestPayload};

use crate::{
    job::{Job, JobOrder},
    outcome::{Attempt, RetryPolicy},
};

pub trait JobKind: Send + Sync + 'static {
    /// Its name in the table, in messages and in orders. Stored jobs go by it, so it stays.
    const NAME: &'static str;
    /// Jobs of a higher priority are published first. From [`JobOrder::URGENT`] on they are published at once, and delivered
    /// first where the broker knows that; all others only as fast as they are done.
    const PRIORITY: u8 = 0;
    /// Whether anybody may order it by `POST /tasks`; otherwise it is ordered by user-service alone.
    const IS_PUBLIC: bool = false;
    /// What makes its effect happen once although an attempt may be repeated.
    const ONCE: EffectOnce;
    /// What a job is told, kept as JSON.
    type Payload: Serialize + DeserializeOwned + Send;

    /// The payload from the body of anybody's order; what is wrong is noted in `fields`. A kind that is not public has no
    /// such body.
    fn parse(_fields: &mut Fields) -> Option<Self::Payload> {
        None
    }

    /// How often it is tried, where that is not as usual.
    fn retry(usual: RetryPolicy) -> RetryPolicy {
        usual
    }

    /// Makes an attempt. `job_id` is the same at every attempt of a job.
    fn attempt(
        &self,
        context: &RequestContext,
        job_id: &str,
        payload: Self::Payload,
    ) -> impl Future<Output = Attempt> + Send;
}

/// What makes an effect happen once. A process may end between an effect and the storing of its outcome, and one that is
/// cut off may go on while another has taken the job over; in both cases there is a further attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectOnce {
    /// The stored result is the only effect, and only the current attempt stores one. An attempt that has lost its lease
    /// is broken off.
    StoredResult,
    /// Whoever has the effect is told the job's id, or a key of what it is about, and does nothing for one that it knows. An
    /// attempt that has lost its lease is ended, since its effect may be under way.
    KnownAtReceiver,
    /// It is noted where it was ordered, and an attempt looks there first: only what is under way between the effect and its
    /// note can happen twice. An attempt that has lost its lease is ended, since its effect may be under way.
    NotedWhereOrdered,
}

/// More attempts than usual: what has an instant is still done after half a day without the services that it needs.
const ATTEMPTS_FOR_HALF_A_DAY: u32 = 320;

fn for_half_a_day(usual: RetryPolicy) -> RetryPolicy {
    RetryPolicy { max_attempts: usual.max_attempts.max(ATTEMPTS_FOR_HALF_A_DAY), ..usual }
}

/// What a service replies with status 200.
///
/// # Errors
/// The attempt that has failed, for any other reply and for none.
async fn ask<T: DeserializeOwned>(
    peer: &Peer,
    context: &RequestContext,
    request: PeerRequest,
) -> Result<T, Attempt> {
    let answer = peer.send(context, request).await.map_err(|error| Attempt::faulty(&error))?;
    match answer.status {
        StatusCode::OK => answer.json().map_err(|error| Attempt::faulty(&error)),
        status => Err(Attempt::Faulty(format!("{} answered {status}", peer.name()))),
    }
}

#[derive(Clone, Default)]
pub struct JobKinds(BTreeMap<&'static str, Arc<dyn AnyKind>>);

impl JobKinds {
    /// These and one more.
    #[must_use]
    pub fn with<K: JobKind>(mut self, kind: K) -> JobKinds {
        self.0.insert(K::NAME, Arc::new(Typed(kind)));
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&dyn AnyKind> {
        self.0.get(name).map(AsRef::as_ref)
    }

    /// Anybody's order of the kind of that name; what is wrong, such as the name, is noted in `fields`.
    pub(crate) fn order(&self, name: &str, fields: &mut Fields) -> Option<JobOrder> {
        let public = || self.0.iter().filter(|(_, kind)| kind.is_public());
        if let Some((_, kind)) = public().find(|(known, _)| **known == name) {
            return kind.order(fields);
        }
        let names: Vec<&str> = public().map(|(name, _)| *name).collect();
        let msg = format!("Not a kind of job; use {}", names.join(" or "));
        fields.fault(Fault::new(["body", "kind"], "value_error", msg));
        None
    }
}

/// A kind whose payload is not typed any more.
#[async_trait]
pub(crate) trait AnyKind: Send + Sync {
    fn is_public(&self) -> bool;
    fn order(&self, fields: &mut Fields) -> Option<JobOrder>;
    /// An order that user-service made; its payload is looked at when the job is done.
    fn order_of(&self, payload: Value) -> JobOrder;
    fn once(&self) -> EffectOnce;
    fn retry(&self, usual: RetryPolicy) -> RetryPolicy;
    async fn attempt(&self, context: &RequestContext, job: &Job) -> Attempt;
}

struct Typed<K>(K);

#[async_trait]
impl<K: JobKind> AnyKind for Typed<K> {
    fn is_public(&self) -> bool {
        K::IS_PUBLIC
    }

    fn order(&self, fields: &mut Fields) -> Option<JobOrder> {
        Some(self.order_of(serde_json::to_value(K::parse(fields)?).ok()?))
    }

    fn order_of(&self, payload: Value) -> JobOrder {
        JobOrder { kind: K::NAME.to_owned(), payload, priority: K::PRIORITY }
    }

    fn once(&self) -> EffectOnce {
        K::ONCE
    }

    fn retry(&self, usual: RetryPolicy) -> RetryPolicy {
        K::retry(usual)
    }

    async fn attempt(&self, context: &RequestContext, job: &Job) -> Attempt {
        match serde_json::from_value(job.order.payload.clone()) {
            Ok(payload) => self.0.attempt(context, &job.job_id, payload).await,
            // Another release may be able to.
            Err(error) => Attempt::Faulty(format!("the payload cannot be read: {}", chain(&error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_attempts_outlast_half_a_day() {
        let (base, max_pause) = (Duration::from_millis(1), Duration::from_secs(300));
        let policy = for_half_a_day(RetryPolicy { max_attempts: 1, base, max_pause });
        let shortest: Duration = (1..policy.max_attempts).map(|attempt| policy.pause(attempt, 0.0)).sum();
        assert!(shortest > Duration::from_secs(12 * 60 * 60), "{shortest:?}");
    }
}
