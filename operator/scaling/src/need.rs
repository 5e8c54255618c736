use std::time::Duration;

use crate::observation::{Sample, Workers};
use crate::policy::Policy;

/// Deviations of the backlog that are reckoned with. A normal variable lies above so many of them once in a hundred times.
const DEVIATIONS: f64 = 2.33;
/// The least part of the longest wait in which what lies in the queue has to be done.
const LEAST_DRAIN: f64 = 0.25;

/// How busy workers may be when the wait cannot be used.
const UTILIZATION: f64 = 0.95;
/// How much of a worker's work is left to the queue rather than done by one more.
const LEFT_TO_QUEUE: f64 = 0.7;
/// How busy workers may be while nobody sees the queue.
const BLIND_UTILIZATION: f64 = 0.85;

/// What is known about the load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Messages per second that come, single bursts left out.
    pub(crate) arrivals: f64,
    /// The same by an average that rises with each burst and falls slowly.
    pub(crate) most_arrivals: f64,
    /// Seconds for which a job occupies a slot, above zero.
    pub(crate) service_time: f64,
    /// Seconds from a decision until a new worker takes messages.
    pub(crate) lead: f64,
}

/// How many workers the queue needs, before anything holds that back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Need {
    /// Workers that the arrivals keep busy, not rounded: `λ·S/c`.
    pub(crate) load: f64,
    /// Workers, not rounded.
    pub(crate) exact: f64,
    /// Workers, whole, at least 1; but 0 when there are none and nothing waits.
    pub(crate) workers: u32,
    /// Workers, not rounded, beyond which some would have nothing to do.
    pub(crate) usable: f64,
    /// Whether what waits asks for more than what comes.
    pub(crate) backlog: bool,
    /// Whether a worker that is asked for when messages wait is there within the longest wait.
    pub(crate) in_time: bool,
}

impl Need {
    /// Workers are taken away down to so many and no further, at least 1. With a part of a worker less than the arrivals keep
    /// busy the queue grows slowly, and the need says when it is long enough.
    pub(crate) fn fewest(&self) -> u32 {
        ((self.load + 1.0 - LEFT_TO_QUEUE) as u32).max(1)
    }

    /// Enough that the queue does not grow.
    pub(crate) fn without_growth(&self) -> u32 {
        self.workers.max(whole(self.load.min(self.usable)))
    }

    /// Enough for what is known to come, with room for what nobody will see.
    pub(crate) fn unseen(&self) -> u32 {
        whole(self.load / BLIND_UTILIZATION)
    }
}

/// The need by queueing arithmetic, with the limit used up where workers can be there in time, and kept ahead elsewhere.
pub(crate) fn need(policy: &Policy, sample: &Sample, workers: &Workers, load: &Load) -> Need {
    let in_time = policy.max_wait.as_secs_f64() >= load.lead + 1.5 * policy.poll.as_secs_f64();
    if workers.replicas == 0 && sample.ready == 0 {
        return Need { load: 0.0, exact: 0.0, workers: 0, usable: 0.0, backlog: false, in_time };
    }
    let queue = Queue::new(policy, sample, workers, load.service_time);
    let need = if in_time { spending(policy, &queue, load) } else { ahead(policy, &queue, load) };
    Need { workers: whole(need.exact).max(1), in_time, ..need }
}

/// The fewest workers with which messages wait no longer than allowed: the allowance is there to be used, so a queue that
/// stays short enough asks for nobody, and workers are never without a message.
///
/// - Foreseen: who decides at the next poll instead of now has help after the lead, the age of what the broker tells, and
///   that poll: `h` in all. Until then `λ·h` messages come, give or take chance, and the workers that are ready, joined by
///   the others after the lead, do some. A message that comes at `h` must not find more before it than is done within
///   the allowance. Chance is that of the diffusion approximation of a queue (heavy traffic; Kingman 1961, Iglehart and
///   Whitt 1970): over `h` the backlog deviates by `√(λ·(a + s)·h)`, with the squared coefficients of variation of the
///   times between arrivals, `a`, and of the jobs, `s`, both taken as 1.
/// - Drain: what lies in the queue now is done within the allowance, of which the lead and a poll are gone already.
/// - No more than a slot for each message that there is: the next poll can still ask for those that come.
fn spending(policy: &Policy, queue: &Queue, load: &Load) -> Need {
    let allowance = if queue.measured { policy.allowance() } else { policy.allowance() / 2.0 };
    let poll = policy.poll.as_secs_f64();
    let lead = load.lead;
    let horizon = lead + 1.5 * poll;
    let chance = DEVIATIONS * (2.0 * load.arrivals * horizon).sqrt();
    let work = (queue.backlog + load.arrivals * horizon + chance) * queue.job;
    let by_present = work / (allowance + horizon);
    let foreseen = if by_present <= queue.present {
        by_present
    } else {
        (work - queue.present * lead) / (allowance + horizon - lead)
    };
    let within = (allowance - poll - lead).max(LEAST_DRAIN * policy.max_wait.as_secs_f64());
    let drain = (queue.backlog * queue.job - queue.present * lead) / within;
    Need {
        load: load.arrivals * queue.job,
        exact: foreseen.max(drain).min(queue.messages),
        workers: 0,
        usable: queue.messages,
        backlog: drain > foreseen,
        in_time: true,
    }
}

/// The need when workers that are asked for come too late whatever is done: so many that messages hardly wait.
///
/// - Steady: `λ·S/(ρ·c)`. By Little's law `λ·S` jobs run on average; ρ leaves room for chance.
/// - Drain: `(λ·D + ready)·S/(c·D)` does within `D`, half of the longest wait, all that waits and all that comes meanwhile.
/// - No more than a slot for each message that there is or that comes within the longest wait.
fn ahead(policy: &Policy, queue: &Queue, load: &Load) -> Need {
    let arrivals = load.most_arrivals;
    let within =
        (policy.max_wait / 2).max(policy.poll.saturating_mul(2)).max(Duration::from_millis(1)).as_secs_f64();
    let steady = arrivals * queue.job / UTILIZATION;
    let drain = (arrivals * within + queue.ready) * queue.job / within;
    let usable = queue.messages + arrivals * policy.max_wait.as_secs_f64().max(within) / queue.slots;
    Need {
        load: load.arrivals * queue.job,
        exact: steady.max(drain).min(usable),
        workers: 0,
        usable,
        backlog: drain > steady && queue.ready > 0.0,
        in_time: false,
    }
}

/// The queue and its workers in the units of the arithmetic.
struct Queue {
    /// Jobs that one worker does at a time.
    slots: f64,
    /// Seconds of a worker that a message takes.
    job: f64,
    /// Messages that wait in the queue.
    ready: f64,
    /// Messages that wait, in the queue or at a worker that has not begun them.
    backlog: f64,
    /// Workers by which all messages that there are can run at the same time.
    messages: f64,
    /// Workers that are ready and stay.
    present: f64,
    /// Whether the source tells how many jobs end, so that the time that they take is measured.
    measured: bool,
}

impl Queue {
    fn new(policy: &Policy, sample: &Sample, workers: &Workers, service_time: f64) -> Queue {
        let concurrency = policy.concurrency.max(1);
        let slots = f64::from(concurrency);
        let present = f64::from(workers.ready.min(workers.replicas));
        let ready = sample.ready as f64;
        let held = sample.held(workers, concurrency) as f64;
        let merely_held = match sample.unacked {
            Some(_) => held - sample.running(workers, concurrency) as f64,
            // While messages wait, each worker holds as many as it may.
            None if sample.ready > 0 => f64::from(policy.prefetch.saturating_sub(concurrency)) * present,
            None => 0.0,
        };
        Queue {
            slots,
            job: service_time / slots,
            ready,
            backlog: ready + merely_held.max(0.0),
            messages: (ready + held) / slots,
            present,
            measured: sample.acked.is_some(),
        }
    }
}

/// Rounded up, but not for what the arithmetic of floats adds.
pub(crate) fn whole(workers: f64) -> u32 {
    (workers - 1e-9).ceil() as u32
}
