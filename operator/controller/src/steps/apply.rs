use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::{
    api::{
        apps::v1::Deployment,
        autoscaling::v1::{Scale, ScaleSpec},
        core::v1::Pod,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams, PostParams},
};
use serde_json::json;

use super::{Departure, ObservedState, ReconcileRound, departure, observe, to_pause};
use crate::{context::Context, error::StepError, resource::QueueScaler};

/// What Kubernetes reads to choose which pods of a ReplicaSet go first: those that cost least.
const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
/// Pods that are written at the same time.
const AT_ONCE: usize = 16;

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// There was nothing to write.
    Unchanged,
    Scaled {
        from: u32,
        to: u32,
    },
    /// Somebody changed the target meanwhile; the next round reads it again.
    Stale,
}

/// Writes what was decided. Before workers go, it has idle ones take no more messages, and marks which may go first.
pub(super) async fn apply(
    context: &Context,
    object: &QueueScaler,
    round: &ReconcileRound,
) -> Result<Applied, StepError> {
    let (from, mut to) = (round.observed.workers.replicas, round.decision.desired);
    if !round.decision.write || from == to {
        return Ok(Applied::Unchanged);
    }
    if to < from && to > 0 {
        match choose(context, object, &round.observed, to).await? {
            Some(chosen) => to = chosen,
            // Those that were to go have got work meanwhile.
            None => return Ok(Applied::Unchanged),
        }
    }
    scale(context, object, &round.observed, to).await
}

/// Through the scale subresource, and only if the Deployment is still as it was read.
async fn scale(
    context: &Context,
    object: &QueueScaler,
    observed: &ObservedState,
    to: u32,
) -> Result<Applied, StepError> {
    let name = &object.spec.target_ref.name;
    let metadata = ObjectMeta {
        name: Some(name.clone()),
        namespace: object.namespace(),
        resource_version: observed.version.clone(),
        ..ObjectMeta::default()
    };
    let wanted = Scale { metadata, spec: Some(ScaleSpec { replicas: i32::try_from(to).ok() }), status: None };
    let deployments: Api<Deployment> = context.beside(object);
    let params = PostParams::default();
    match context.write("scale the Deployment", deployments.replace_scale(name, &params, &wanted)).await {
        Ok(_) => Ok(Applied::Scaled { from: observed.workers.replicas, to }),
        Err(error) => match error.code() {
            Some(404) => Err(StepError::TargetNotFound(name.clone())),
            Some(409) => Ok(Applied::Stale),
            _ => Err(error),
        },
    }
}

/// Pauses idle workers and marks all, so that they go first; how many workers are to stay then, or none if nobody may go.
async fn choose(
    context: &Context,
    object: &QueueScaler,
    observed: &ObservedState,
    to: u32,
) -> Result<Option<u32>, StepError> {
    let from = observed.workers.replicas;
    let pods = observe::running_pods(context, object, &observed.selector).await?;
    let active = observe::active_jobs(context, object, &pods).await;
    context.term.check()?;
    let chosen = to_pause(&active, from, to);
    let addresses: Vec<_> = chosen.iter().map(|index| observe::address(&pods[*index])).collect();
    let answers = context.workers.pause(&addresses, object.spec.worker.metrics_port).await;
    let paused = chosen.into_iter().zip(answers).filter_map(|(index, jobs)| Some((index, jobs?))).collect();
    let Some(Departure { to, costs }) = departure(&active, &paused, from, to) else { return Ok(None) };

    let api: Api<Pod> = context.beside(object);
    let mut changes = Vec::new();
    for (pod, cost) in pods.into_iter().zip(costs) {
        let cost = cost.to_string();
        if pod.annotations().get(DELETION_COST) != Some(&cost) {
            changes.push(mark(context, &api, pod.name_any(), cost));
        }
    }
    stream::iter(changes).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    Ok(Some(to))
}

async fn mark(context: &Context, api: &Api<Pod>, name: String, cost: String) -> Result<(), StepError> {
    let patch = Patch::Merge(json!({ "metadata": { "annotations": { DELETION_COST: cost } } }));
    let params = PatchParams::default();
    match context.write("mark a worker", api.patch_metadata(&name, &params, &patch)).await {
        // It has gone by itself.
        Err(error) if error.code() == Some(404) => Ok(()),
        written => written.map(drop),
    }
}
