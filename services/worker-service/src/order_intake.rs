//! Takes over the orders that user-service keeps beside what they are about: each becomes a job of this service, once.
//! A job of an order that was stored before is recognised by its id, so an order may be claimed again after a crash.

use std::{collections::BTreeMap, time::Duration};

use axum::http::StatusCode;
use futures::future::try_join_all;
use peer_client::{Peer, PeerError, PeerRequest};
use service_kit::{RequestContext, chain};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};
use uuid::Uuid;
use wire::{CaseId, ClaimOrdersReply, ClaimOrdersRequest, ClaimedOrder, TakenOrdersRequest};

use crate::{
    db::{Inserted, Jobs, NewJob},
    kinds::JobKinds,
    outbox::Outbox,
};

/// What the key of an order's job begins with. A client's `Idempotency-Key` is printable, so nobody takes an order's place
/// by a key that they can guess.
const KEY_PREFIX: &str = "\u{1}order/";
/// How often orders are asked for.
const EVERY: Duration = Duration::from_millis(500);
/// Pause after user-service could not be asked.
const PAUSE: Duration = Duration::from_secs(2);

/// Why orders were not taken over; they are claimed again.
#[derive(Debug, thiserror::Error)]
enum IntakeError {
    #[error("user-service cannot be asked")]
    Peer(#[from] PeerError),
    #[error("user-service answered {0}")]
    Status(StatusCode),
    #[error("the job cannot be stored")]
    Store(#[from] sql_store::SqlError),
}

/// Makes jobs of orders.
#[derive(Clone)]
pub(crate) struct OrderIntake {
    pub(crate) users: Peer,
    pub(crate) jobs: Jobs,
    pub(crate) kinds: JobKinds,
    pub(crate) outbox: Outbox,
}

impl OrderIntake {
    /// Goes on until `stopping`.
    pub(crate) async fn run(self, stopping: CancellationToken) {
        let take = async {
            loop {
                let pause = match self.take_over().await {
                    Ok(taken) if taken == ClaimOrdersRequest::MAX as usize => continue,
                    Ok(_) => EVERY,
                    Err(error) => {
                        debug!(error = %chain(&error), "orders cannot be taken over just now");
                        PAUSE
                    }
                };
                sleep(pause).await;
            }
        };
        stopping.run_until_cancelled(take).await;
    }

    /// Takes over what is due, up to a batch; how many orders there were.
    async fn take_over(&self) -> Result<usize, IntakeError> {
        let context = RequestContext::of_background(CaseId::fresh());
        let claim = PeerRequest::post("/job-orders/claims")
            .json(&ClaimOrdersRequest { limit: ClaimOrdersRequest::MAX });
        let answer = self.users.send(&context, claim).await?;
        if !answer.status.is_success() {
            return Err(IntakeError::Status(answer.status));
        }
        let ClaimOrdersReply { orders } = answer.json()?;
        // Side by side, so that many are stored by one statement.
        let stored = try_join_all(orders.iter().map(|order| self.store(order))).await?;
        let taken: Vec<String> = orders
            .iter()
            .zip(stored)
            .filter(|(_, is_ours)| *is_ours)
            .map(|(order, _)| order.id.clone())
            .collect();
        if !taken.is_empty() {
            let request =
                PeerRequest::post("/job-orders/taken").json(&TakenOrdersRequest { ids: taken }).repeatable();
            let answer = self.users.send(&context, request).await?;
            if !answer.status.is_success() {
                return Err(IntakeError::Status(answer.status));
            }
        }
        Ok(orders.len())
    }

    /// Stores an order as a job, and has it published; whether it is one of this release.
    async fn store(&self, order: &ClaimedOrder) -> Result<bool, IntakeError> {
        let Some(kind) = self.kinds.get(&order.kind) else {
            // A newer replica will take it, when its claim is over.
            warn!(kind = order.kind, "this release knows no such kind of job");
            return Ok(false);
        };
        let case_id = CaseId::parse(&order.case_id).unwrap_or_else(CaseId::fresh);
        let order_of_job = kind.order_of(order.payload.clone());
        let (created_at, publish_after) = self.outbox.schedule(&order_of_job);
        let new = NewJob {
            job_id: Uuid::now_v7().to_string(),
            case_id: case_id.to_string(),
            order: order_of_job,
            idempotency_key: Some(format!("{KEY_PREFIX}{}", order.id)),
            owner: None,
            trace: BTreeMap::new(),
            created_at,
            publish_after,
        };
        if self.jobs.insert(&new).await? == Inserted::New {
            self.outbox.publish_new(&new).await;
        }
        Ok(true)
    }
}
