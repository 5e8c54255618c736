use std::time::Duration;

use crate::message::Why;
use crate::need::{Need, whole};
use crate::policy::{Fallback, Policy};

/// By how much a measured load may be too low, as a share of it: jobs that end around a poll count for it or for the next one.
const LOAD_ERROR: f64 = 0.02;

/// What a decision starts from, apart from the policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Situation {
    pub(crate) current: u32,
    pub(crate) ready_workers: u32,
    pub(crate) ready_messages: u64,
    pub(crate) need: Need,
    /// The largest need of the window, this one included.
    pub(crate) window_need: f64,
    /// How many may be busy, at most `current`.
    pub(crate) busy_floor: u32,
    /// For how long nothing has come, waited or run; `None` when something does.
    pub(crate) idle: Option<Duration>,
    /// Since the last step down, and how long ago it has to be.
    pub(crate) since_down: Option<Duration>,
    pub(crate) interval: Duration,
    /// When workers were missed soon after some had left: how many more than the arrivals keep busy stay for a while.
    pub(crate) rest: Option<u32>,
    /// Whether the messages stay whatever workers try.
    pub(crate) futile: bool,
    pub(crate) rollout: bool,
}

impl Situation {
    /// Whether messages wait for workers that were asked for and are not ready yet.
    pub(crate) fn lacks_ready_workers(&self) -> bool {
        self.ready_messages > 0 && self.ready_workers < self.need.workers.min(self.current)
    }

    /// The `minReplicas` that would keep the longest wait, when workers take longer to start than messages may wait and
    /// there are fewer than that.
    pub(crate) fn wanted_minimum(&self, policy: &Policy) -> Option<u32> {
        let wanted = whole(self.window_need).max(1).min(policy.max_replicas);
        (!self.need.in_time && wanted > policy.min_replicas).then_some(wanted)
    }
}

/// How many workers, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) desired: u32,
    pub(crate) why: Why,
}

/// The step from what is needed to what should be: up at once, down in measured steps, and in the end
/// what the owner allows.
pub(crate) fn decide(policy: &Policy, situation: &Situation) -> Choice {
    let Situation { current, need, .. } = *situation;
    if current > policy.max_replicas.max(policy.min_replicas) {
        return down_to_max(policy, situation);
    }
    let choice = if need.workers > current { up(policy, situation) } else { down(policy, situation) };
    within_limits(policy, current, choice)
}

/// One jump to what is needed, which is an absolute number: workers that are still on their way are part
/// of it and not asked for again.
fn up(policy: &Policy, situation: &Situation) -> Choice {
    let &Situation { current, need, futile, .. } = situation;
    if futile && current > 0 {
        return Choice { desired: current, why: Why::Poison };
    }
    if futile {
        // A single worker may still try.
        return Choice { desired: 1, why: Why::Up };
    }
    let wanted = need.without_growth();
    if wanted > policy.max_replicas {
        return Choice { desired: policy.max_replicas, why: Why::Max };
    }
    Choice { desired: wanted, why: Why::Up }
}

/// Towards the largest need of the window: not below the busy workers, not during a rollout, not too soon after the last
/// step, and not too far at once.
fn down(policy: &Policy, situation: &Situation) -> Choice {
    let &Situation { current, need, window_need, busy_floor, .. } = situation;
    let keep = |why| Choice { desired: current, why };
    let is_idle = situation.idle.is_some_and(|idle| idle >= policy.scale_to_zero_after);
    let fewest = situation
        .rest
        .map_or(need.fewest(), |more| whole(need.load * (1.0 + LOAD_ERROR)).saturating_add(more));
    let least = whole(window_need).max(fewest).max(1);
    let target = if is_idle && least == 1 { 0 } else { least.min(current) };
    let target = target.max(policy.min_replicas.min(current));
    if target == current {
        return keep(match situation.idle {
            Some(_) if current <= policy.min_replicas.max(1) => Why::Idle,
            _ if situation.lacks_ready_workers() => Why::NotReady,
            _ if need.workers < target && target > policy.min_replicas => Why::Window,
            _ => Why::Enough,
        });
    }
    if busy_floor >= current {
        return keep(Why::BusyFloor);
    }
    if situation.rollout {
        return keep(Why::Rollout);
    }
    if situation.since_down.is_some_and(|since| since < situation.interval) {
        return keep(Why::Interval);
    }
    let most = u64::from(current) * u64::from(policy.scale_down.max_percent.min(100)) / 100;
    let step = current - (most as u32).max(1);
    let desired = target.max(step).max(busy_floor);
    let why = if desired > target && desired == busy_floor && busy_floor > step {
        Why::BusyFloor
    } else if is_idle {
        Why::Idle
    } else {
        Why::Down
    };
    Choice { desired, why }
}

/// The owner has lowered `maxReplicas`. That is an order, so neither window nor steps apply; but a busy
/// worker finishes its job first, and a rollout ends first.
fn down_to_max(policy: &Policy, situation: &Situation) -> Choice {
    let &Situation { current, busy_floor, rollout, .. } = situation;
    if rollout {
        return Choice { desired: current, why: Why::Rollout };
    }
    let max = policy.max_replicas.max(policy.min_replicas);
    let why = if busy_floor > max { Why::BusyFloor } else { Why::OverMax };
    Choice { desired: max.max(busy_floor), why }
}

fn within_limits(policy: &Policy, current: u32, choice: Choice) -> Choice {
    let desired = choice.desired.min(policy.max_replicas).max(policy.min_replicas);
    let why = if desired > choice.desired && desired != current { Why::Min } else { choice.why };
    Choice { desired, why }
}

/// While nothing is known nobody leaves. What was known to come, the owner's minimum and the fallback, where one applies,
/// may still raise; `maxReplicas` limits them.
pub(crate) fn hold(policy: &Policy, current: u32, unseen: u32, fallback: Option<Fallback>) -> u32 {
    let wanted = fallback.map_or(0, |fallback| fallback.replicas).max(unseen);
    current.max(wanted.min(policy.max_replicas)).max(policy.min_replicas)
}
