use std::{net::IpAddr, time::Duration};

use k8s_openapi::{
    api::{apps::v1::Deployment, autoscaling::v2::HorizontalPodAutoscaler, core::v1::Pod},
    apimachinery::pkg::apis::meta::v1::LabelSelector,
};
use kube::{Api, ResourceExt, api::ListParams, core::Selector};
use queue_probe::Probe;
use scaling::{Observation, Unknown, UnknownKind, Workers};

use super::{ScalerState, state::BrokerConnection};
use crate::{context::Context, error::StepError, policy, resource::QueueScaler, secrets};

/// What there is: the queue's answer, and the workers.
#[derive(Clone, Debug)]
pub struct ObservedState {
    pub observation: Observation,
    pub workers: Workers,
    /// The version of the Deployment that was read; a write names it.
    pub version: Option<String>,
    /// Which pods are its workers.
    pub selector: Selector,
}

/// Asks the broker first, so that as little time as possible passes between reading the Deployment and writing it.
pub(super) async fn observe(
    context: &Context,
    object: &QueueScaler,
    state: &mut ScalerState,
) -> Result<ObservedState, StepError> {
    let observation = queue(context, object, state).await?;
    let conflict = conflict(context, object).await?;

    let name = &object.spec.target_ref.name;
    let deployments: Api<Deployment> = context.beside(object);
    let found = context.read("read the Deployment", deployments.get_opt(name)).await?;
    let deployment = found.ok_or_else(|| StepError::TargetNotFound(name.clone()))?;
    let mut workers = Workers { conflict, ..workers(&deployment) };
    let labels = deployment.spec.as_ref().map(|spec| spec.selector.clone()).unwrap_or_default();
    let selector = selector(labels, name)?;
    let asks = asks_workers(object, &observation);
    let news = state.ready_workers.replace(workers.ready) != Some(workers.ready);
    if (asks || news) && workers.replicas > 0 {
        let pods = running_pods(context, object, &selector).await?;
        workers.startup = startup(&pods);
        if asks {
            workers.busy = active_jobs(context, object, &pods).await.into_iter().sum();
        }
    }
    Ok(ObservedState { observation, workers, version: deployment.resource_version(), selector })
}

/// What the broker says within the time that a round has for it.
async fn queue(
    context: &Context,
    object: &QueueScaler,
    state: &mut ScalerState,
) -> Result<Observation, StepError> {
    let namespace = object.namespace().unwrap_or_default();
    let spec = &object.spec;
    let usable =
        state.broker.as_ref().is_some_and(|connection| connection.queue == spec.queue && !connection.failed);
    if !usable {
        let secrets = match secrets::read(context, &namespace, spec).await {
            Ok(secrets) => secrets,
            Err(message) => {
                return Ok(Observation::Unknown(Unknown { kind: UnknownKind::Unauthorized, message }));
            }
        };
        // The same connection goes on after a failure, so that its own pauses between attempts hold.
        let same = state
            .broker
            .as_ref()
            .is_some_and(|connection| connection.queue == spec.queue && connection.secrets == secrets);
        if !same {
            let target = policy::target(spec, secrets.credentials.clone(), secrets.ca_pem.clone());
            let target = target.map_err(StepError::InvalidSpec)?;
            let probe = Probe::new(target).map_err(|error| StepError::InvalidSpec(error.to_string()))?;
            let connection = BrokerConnection { queue: spec.queue.clone(), secrets, probe, failed: false };
            if let Some(old) = state.broker.replace(connection) {
                old.probe.close().await;
            }
        }
    }
    let Some(connection) = state.broker.as_mut() else {
        return Err(StepError::InvalidSpec("there is no way to the broker".to_owned()));
    };
    let observation = connection.probe.observe(deadline(spec.poll_seconds)).await;
    connection.failed = matches!(observation, Observation::Unknown(_));
    Ok(observation)
}

/// Half of the time between two looks, within a second and five.
fn deadline(poll_seconds: u32) -> Duration {
    Duration::from_secs(poll_seconds.into())
        .div_f64(2.0)
        .clamp(Duration::from_secs(1), Duration::from_secs(5))
}

/// Who else scales the target.
async fn conflict(context: &Context, object: &QueueScaler) -> Result<Option<String>, StepError> {
    if let Some(rival) = context.claims.rival(object) {
        return Ok(Some(format!("QueueScaler {rival}")));
    }
    let autoscalers: Api<HorizontalPodAutoscaler> = context.beside(object);
    // Any version will do, so that the API server answers from its memory.
    let any = ListParams::default().match_any();
    let listed = autoscalers.list(&any);
    let target = &object.spec.target_ref;
    let rival =
        context.read("list HorizontalPodAutoscalers", listed).await?.items.into_iter().find(|autoscaler| {
            autoscaler.spec.as_ref().is_some_and(|spec| {
                spec.scale_target_ref.kind == "Deployment" && spec.scale_target_ref.name == target.name
            })
        });
    Ok(rival.map(|autoscaler| format!("HorizontalPodAutoscaler {}", autoscaler.name_any())))
}

/// A Deployment in the terms of the decision.
fn workers(deployment: &Deployment) -> Workers {
    let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let status = deployment.status.as_ref();
    Workers {
        // A Deployment that does not say how many has one.
        replicas: count(deployment.spec.as_ref().and_then(|spec| spec.replicas)).unwrap_or(1),
        ready: count(status.and_then(|status| status.ready_replicas)).unwrap_or(0),
        busy: None,
        startup: None,
        rollout: is_rollout(deployment),
        conflict: None,
    }
}

/// Whether old and new pods stand side by side, or the Deployment's controller has not yet observed its newest spec.
pub fn is_rollout(deployment: &Deployment) -> bool {
    let Some(status) = &deployment.status else { return false };
    let unseen = status.observed_generation < deployment.metadata.generation;
    unseen || status.updated_replicas.unwrap_or(0) < status.replicas.unwrap_or(0)
}

fn selector(labels: LabelSelector, name: &str) -> Result<Selector, StepError> {
    let selector = Selector::try_from(labels)
        .map_err(|error| StepError::InvalidSpec(format!("the selector of Deployment {name}: {error}")))?;
    if selector.selects_all() {
        return Err(StepError::InvalidSpec(format!("Deployment {name} selects all pods")));
    }
    Ok(selector)
}

/// Whether the workers' own word is needed: the source does not tell what they hold, or they hold more than they do.
fn asks_workers(object: &QueueScaler, observation: &Observation) -> bool {
    let Observation::Sample(sample) = observation else { return false };
    sample.unacked.is_none() || object.spec.worker.prefetch > object.spec.worker.concurrency
}

/// The workers that run and are not about to end.
pub(super) async fn running_pods(
    context: &Context,
    object: &QueueScaler,
    selector: &Selector,
) -> Result<Vec<Pod>, StepError> {
    let pods: Api<Pod> = context.beside(object);
    let ours = ListParams::default().match_any().labels_from(selector);
    let mut pods = context.read("list the workers' pods", pods.list(&ours)).await?.items;
    pods.retain(|pod| {
        let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
        pod.metadata.deletion_timestamp.is_none() && phase == Some("Running")
    });
    Ok(pods)
}

/// The jobs in flight of each worker, in their order, if they could be read.
pub(super) async fn active_jobs(context: &Context, object: &QueueScaler, pods: &[Pod]) -> Vec<Option<u64>> {
    let addresses: Vec<_> = pods.iter().map(address).collect();
    context.workers.active_jobs(&addresses, object.spec.worker.metrics_port).await
}

/// How long the worker that became ready last took to it, in whole seconds as Kubernetes tells.
pub fn startup(pods: &[Pod]) -> Option<Duration> {
    let ready = pods.iter().filter_map(|pod| {
        let created = pod.creation_timestamp()?.0;
        let conditions = pod.status.as_ref()?.conditions.as_ref()?;
        let ready =
            conditions.iter().find(|condition| condition.type_ == "Ready" && condition.status == "True")?;
        let since = ready.last_transition_time.as_ref()?.0;
        Some((since, Duration::try_from(since.duration_since(created)).ok()?))
    });
    ready.max().map(|(_, took)| took)
}

pub(super) fn address(pod: &Pod) -> Option<IpAddr> {
    pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()
}
