//! A spec in the terms of the decision and of the probe.

use std::time::Duration;

use queue_probe::{Credentials, Target};
use scaling::{Fallback, Policy, ScaleDown};
use url::Url;

use crate::resource::{QueueScalerSpec, Source};

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

/// The decision's terms of a spec.
pub fn policy(spec: &QueueScalerSpec) -> Policy {
    Policy {
        max_wait: seconds(spec.slo.max_wait_seconds),
        concurrency: spec.worker.concurrency,
        prefetch: spec.worker.prefetch,
        service_time_hint: Duration::from_millis(spec.worker.service_time_hint_millis.into()),
        min_replicas: spec.min_replicas,
        max_replicas: spec.max_replicas,
        poll: seconds(spec.poll_seconds),
        spend_percent: spec.slo.spend_percent,
        scale_down: ScaleDown {
            window: seconds(spec.scale_down.window_seconds),
            interval: seconds(spec.scale_down.interval_seconds),
            max_percent: spec.scale_down.max_percent,
        },
        scale_to_zero_after: seconds(spec.scale_to_zero_after_seconds),
        fallback: spec.fallback.as_ref().map(|fallback| Fallback {
            after_failures: fallback.after_failures,
            replicas: fallback.replicas,
        }),
        paused: spec.paused,
        dry_run: spec.dry_run,
    }
}

/// Which queue is asked, and how.
///
/// # Errors
/// One sentence with the field that is wrong.
pub fn target(
    spec: &QueueScalerSpec,
    credentials: Option<Credentials>,
    ca_pem: Option<Vec<u8>>,
) -> Result<Target, String> {
    let queue = &spec.queue;
    let endpoints: Result<Vec<Url>, String> = queue
        .endpoint
        .split(',')
        .map(|endpoint| endpoint.trim())
        .map(|endpoint| {
            endpoint.parse().map_err(|error| format!("queue.endpoint: {endpoint:?} is no URL: {error}"))
        })
        .collect();
    Ok(Target {
        vhost: queue.vhost.clone(),
        queue: queue.name.clone(),
        source: match queue.source {
            Source::Amqp => queue_probe::Source::Amqp,
            Source::Management => queue_probe::Source::Management,
            Source::Prometheus => queue_probe::Source::Prometheus,
        },
        endpoints: endpoints?,
        credentials,
        ca_pem,
    })
}
