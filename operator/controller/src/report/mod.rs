//! The last step: status, conditions, Events and metrics say what was observed, decided and done.

mod conditions;
mod events;
mod status;

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use kube::{
    Api, Resource, ResourceExt,
    api::{Patch, PatchParams},
    runtime::events::Event,
};
use serde_json::json;
use tokio::time::Instant;
use tracing::{info, warn};

pub use conditions::{ConditionUpdate, failed, found, merge};
pub use events::{of_change, of_failure, of_scaling};
pub use status::{of_error, of_round};

use crate::{
    context::{Context, NAME},
    error::StepError,
    resource::{QueueScaler, QueueScalerStatus},
    steps::{Applied, ReconcileRound, ScalerState},
};

/// A status that differs in nothing but the time of its sample is written this seldom.
const REFRESH: Duration = Duration::from_secs(30);

/// Tells everybody how a round went.
pub(crate) async fn report(
    context: &Context,
    object: &QueueScaler,
    state: &mut ScalerState,
    outcome: Result<&ReconcileRound, &StepError>,
) -> Result<(), StepError> {
    let now = Timestamp::now();
    let before = state.status.clone();
    let status = match outcome {
        Ok(round) => of_round(object, &before, round, state.sample, now),
        Err(error) => of_error(object, &before, error, now),
    };
    let mut events = of_change(&before, &status);
    match outcome {
        Ok(round) => {
            log(object, round);
            events.extend(of_scaling(&object.spec.target_ref.name, round));
        }
        Err(error) => events.extend(of_failure(&before, error)),
    }
    for event in &events {
        publish(context, object, event).await;
    }
    write_status(context, object, state, status).await
}

fn log(object: &QueueScaler, round: &ReconcileRound) {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let (message, reason) = (&round.decision.message, round.decision.reason);
    match round.applied {
        Applied::Scaled { from, to } => info!(namespace, name, from, to, %reason, "scaled: {message}"),
        Applied::Stale => info!(namespace, name, "the Deployment has changed meanwhile; it is read again"),
        Applied::Unchanged => tracing::debug!(namespace, name, %reason, "{message}"),
    }
}

/// An Event that cannot be written is worth a line in the log, and no more.
pub(crate) async fn publish(context: &Context, object: &impl Resource<DynamicType = ()>, event: &Event) {
    let reference = object.object_ref(&());
    if let Err(error) = context.write("write an Event", context.recorder.publish(event, &reference)).await {
        context.metrics.failed("event");
        warn!(%error, reason = event.reason, "an Event is lost");
    }
}

async fn write_status(
    context: &Context,
    object: &QueueScaler,
    state: &mut ScalerState,
    status: QueueScalerStatus,
) -> Result<(), StepError> {
    let recent = state.written.is_some_and(|written| written.elapsed() < REFRESH);
    if recent && same_but_for_time(&state.status, &status) {
        return Ok(());
    }
    apply_status(context, &context.beside(object), &object.name_any(), &json!(status)).await?;
    (state.status, state.written) = (status, Some(Instant::now()));
    Ok(())
}

/// Writes a status by server-side apply, so that fields that are left out go away.
pub(crate) async fn apply_status(
    context: &Context,
    api: &Api<QueueScaler>,
    name: &str,
    status: &serde_json::Value,
) -> Result<(), StepError> {
    let patch = json!({
        "apiVersion": QueueScaler::api_version(&()),
        "kind": QueueScaler::kind(&()),
        "metadata": { "name": name },
        "status": status,
    });
    let params = PatchParams::apply(NAME).force();
    match context.write("write the status", api.patch_status(name, &params, &Patch::Apply(&patch))).await {
        // The object was deleted meanwhile; there is nobody left to tell.
        Err(error) if error.code() == Some(404) => Ok(()),
        written => written.map(drop),
    }
}

fn same_but_for_time(before: &QueueScalerStatus, after: &QueueScalerStatus) -> bool {
    let timeless = |status: &QueueScalerStatus| {
        let mut status = status.clone();
        if let Some(sample) = &mut status.sample {
            sample.time.0 = Timestamp::UNIX_EPOCH;
        }
        status
    };
    timeless(before) == timeless(after)
}
