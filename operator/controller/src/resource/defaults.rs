//! The defaults of the resource's fields: those of the decision, in the resource's units.

use std::time::Duration;

use scaling::Policy;

use super::{ScaleDown, Slo, Worker};

/// Port on which workers tell how many jobs they have in flight.
const METRICS_PORT: u16 = 9090;

/// Whole seconds; the decision's defaults are all of them.
fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

impl Default for Slo {
    fn default() -> Slo {
        let policy = Policy::default();
        Slo { max_wait_seconds: seconds(policy.max_wait), spend_percent: policy.spend_percent }
    }
}

impl Default for Worker {
    fn default() -> Worker {
        let policy = Policy::default();
        Worker {
            concurrency: policy.concurrency,
            prefetch: policy.prefetch,
            service_time_hint_millis: u32::try_from(policy.service_time_hint.as_millis()).unwrap_or(u32::MAX),
            metrics_port: METRICS_PORT,
        }
    }
}

impl Default for ScaleDown {
    fn default() -> ScaleDown {
        let down = Policy::default().scale_down;
        ScaleDown {
            window_seconds: seconds(down.window),
            interval_seconds: seconds(down.interval),
            max_percent: down.max_percent,
        }
    }
}

pub(super) fn min_replicas() -> u32 {
    Policy::default().min_replicas
}

pub(super) fn max_replicas() -> u32 {
    Policy::default().max_replicas
}

pub(super) fn poll_seconds() -> u32 {
    seconds(Policy::default().poll)
}

pub(super) fn scale_to_zero_after_seconds() -> u32 {
    seconds(Policy::default().scale_to_zero_after)
}

pub(super) fn vhost() -> String {
    "/".to_owned()
}
