use crate::observation::{Sample, Workers};
use crate::policy::Policy;

/// How many workers the queue needs, before anything holds that back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Need {
    /// Workers that the arrivals keep busy, not rounded: `λ·S/c`.
    pub(crate) load: f64,
    /// Workers, not rounded.
    pub(crate) exact: f64,
    /// Workers, whole, at least 1; but 0 when there are none and nothing waits.
    pub(crate) workers: u32,
    /// Whether what waits asks for more than what comes.
    pub(crate) backlog: bool,
}

/// The need by queueing arithmetic, with `arrivals` per second and `service_time` in seconds.
///
/// - Steady: `λ·S/(ρ·c)`. By Little's law `λ·S` jobs run on average; ρ leaves room for chance.
/// - Drain: `(λ·D + ready)·S/(c·D)` does within `D` all that waits and all that comes meanwhile. `D` is half
///   of the longest wait, at least two polls; the other half goes to noticing and to the start of workers.
/// - No more than a slot for each message that there is or that comes within the longest wait: more would
///   stand idle. Without this a single message among hours of silence would ask for a crowd, as the quick
///   average knows ten seconds and a job may take ten minutes.
pub(crate) fn need(
    policy: &Policy,
    sample: &Sample,
    workers: &Workers,
    arrivals: f64,
    service_time: f64,
) -> Need {
    if workers.replicas == 0 && sample.ready == 0 {
        return Need { load: 0.0, exact: 0.0, workers: 0, backlog: false };
    }
    let slots = f64::from(policy.concurrency.max(1));
    let within = (policy.max_wait / 2).max(policy.poll.saturating_mul(2)).as_secs_f64().max(1e-3);
    let ready = sample.ready as f64;
    let load = arrivals * service_time / slots;
    let steady = load / policy.utilization();
    let drain = (arrivals * within + ready) * service_time / (slots * within);
    let held = sample.held(workers, policy.concurrency.max(1)) as f64;
    let usable = (ready + held + arrivals * policy.max_wait.as_secs_f64().max(within)) / slots;
    let exact = steady.max(drain).min(usable);
    Need { load, exact, workers: whole(exact).max(1), backlog: drain > steady && ready > 0.0 }
}

/// Rounded up, but not for what the arithmetic of floats adds.
pub(crate) fn whole(workers: f64) -> u32 {
    (workers - 1e-9).ceil() as u32
}
