use std::time::Duration;

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Time, jiff::Timestamp};
use scaling::Decision;

use super::conditions::{failed, found, merge};
use crate::{
    error::StepError,
    resource::{Estimate, QueueScaler, QueueScalerStatus, Sample},
    steps::{Applied, ReconcileRound},
};

/// The status after a round that came to its end; `sample` is the broker's last answer, which may be older.
pub fn of_round(
    object: &QueueScaler,
    before: &QueueScalerStatus,
    round: &ReconcileRound,
    sample: Option<(scaling::Sample, Timestamp)>,
    now: Timestamp,
) -> QueueScalerStatus {
    let scaled = matches!(round.applied, Applied::Scaled { .. });
    let current = match round.applied {
        Applied::Scaled { to, .. } => to,
        Applied::Unchanged | Applied::Stale => round.observed.workers.replicas,
    };
    QueueScalerStatus {
        observed_generation: object.metadata.generation,
        current_replicas: Some(current),
        desired_replicas: Some(round.decision.desired),
        reason: Some(round.decision.reason.to_string()),
        sample: sample.map(told).or_else(|| before.sample.clone()),
        estimate: Some(estimate(&round.decision)),
        last_scale_time: if scaled { Some(Time(now)) } else { before.last_scale_time.clone() },
        conditions: merge(before, found(object, round), object.metadata.generation, now),
    }
}

/// The status after a round that ended early: what was known stays.
pub fn of_error(
    object: &QueueScaler,
    before: &QueueScalerStatus,
    error: &StepError,
    now: Timestamp,
) -> QueueScalerStatus {
    let generation = object.metadata.generation;
    QueueScalerStatus {
        observed_generation: generation,
        conditions: merge(before, failed(error), generation, now),
        ..before.clone()
    }
}

fn told((sample, time): (scaling::Sample, Timestamp)) -> Sample {
    Sample { ready: sample.ready, unacked: sample.unacked, consumers: sample.consumers, time: Time(time) }
}

fn estimate(decision: &Decision) -> Estimate {
    let estimate = &decision.estimate;
    Estimate {
        arrivals_per_minute: tenths(estimate.arrivals_per_second * 60.0),
        service_time_millis: u64::try_from(estimate.service_time.as_millis()).unwrap_or(u64::MAX),
        startup_seconds: estimate.startup.as_ref().map(Duration::as_secs_f64).map(tenths),
        wait_seconds: estimate.wait.as_ref().map(Duration::as_secs_f64).map(tenths),
    }
}

/// Rounded for people, and so that noise is no change.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
