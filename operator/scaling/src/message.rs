use std::time::Duration;

use crate::decide::Situation;
use crate::decision::{Estimate, Reason};
use crate::need::whole;
use crate::policy::Policy;

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Up,
    Down,
    Enough,
    Min,
    Max,
    OverMax,
    NotReady,
    BusyFloor,
    Window,
    Interval,
    Rollout,
    Poison,
    Idle,
}

impl Why {
    pub(crate) fn reason(self, backlog: bool) -> Reason {
        match self {
            Why::Up | Why::Down | Why::Enough | Why::Min if backlog => Reason::Backlog,
            Why::Up | Why::Down | Why::Enough | Why::Min => Reason::SteadyLoad,
            Why::Max | Why::OverMax | Why::NotReady => Reason::Limited,
            Why::BusyFloor => Reason::BusyFloor,
            Why::Window | Why::Interval | Why::Rollout | Why::Poison => Reason::Hold,
            Why::Idle => Reason::Idle,
        }
    }
}

/// One sentence that says what happens, why, and by which figures.
pub(crate) fn explain(
    policy: &Policy,
    situation: &Situation,
    estimate: &Estimate,
    desired: u32,
    why: Why,
) -> String {
    let Situation { current, ready_workers, need, window_need, busy_floor, .. } = *situation;
    let window_need = whole(window_need).max(1);
    let load = load(situation, estimate) + &late(policy, situation, estimate);
    let change = change(current, desired);
    match why {
        Why::Up | Why::Down => format!("{change}: {load}"),
        Why::Enough => format!("{change}, which is enough: {load}"),
        Why::Min => format!("{change}, the minimum: {load}"),
        Why::Max => format!("{change}, the maximum, though {} are needed: {load}", need.without_growth()),
        Why::OverMax => format!("{change}, the new maximum: {load}"),
        Why::NotReady => {
            format!("{change}, of which {ready_workers} ready; the others are on their way: {load}")
        }
        Why::BusyFloor => format!("{change}: {} would do, but {busy_floor} may be busy", need.workers),
        Why::Window => format!(
            "{change}: {} would do now, but {window_need} were needed within the last {}",
            need.workers,
            seconds(policy.scale_down.window)
        ),
        Why::Interval => format!(
            "{change}: {} would do, but the last step down is less than {} ago",
            window_need.max(policy.min_replicas),
            seconds(policy.scale_down.interval)
        ),
        Why::Rollout => format!("{change} until the rollout has ended: {load}"),
        Why::Poison => format!(
            "{change} though {} are needed: messages come back again and again and none gets done",
            need.workers
        ),
        Why::Idle => {
            let idle = seconds(situation.idle.unwrap_or_default());
            let then = if current == 1 && desired == 1 && policy.min_replicas == 0 {
                format!("; the last one leaves after {}", seconds(policy.scale_to_zero_after))
            } else {
                String::new()
            };
            format!("{change}: nothing has come, waited or run for {idle}{then}")
        }
    }
}

/// What happens to the number of workers.
pub(crate) fn change(current: u32, desired: u32) -> String {
    if current == desired {
        return format!("keep {}", workers(current));
    }
    format!("{} from {current} to {}", if desired > current { "up" } else { "down" }, workers(desired))
}

fn load(situation: &Situation, estimate: &Estimate) -> String {
    let wait = match estimate.wait {
        Some(wait) => format!(", {} to wait", seconds(wait)),
        None => String::new(),
    };
    format!(
        "{} messages wait, {:.2} come per second, a job takes {}{wait}",
        situation.ready_messages,
        estimate.arrivals_per_second,
        seconds(estimate.service_time)
    )
}

/// Why the longest wait cannot be kept, and what would keep it.
fn late(policy: &Policy, situation: &Situation, estimate: &Estimate) -> String {
    match (situation.wanted_minimum(policy), estimate.startup) {
        (Some(wanted), Some(startup)) => format!(
            "; a worker takes {} to start, too long for a wait of {} at most: minReplicas {wanted} would keep it",
            seconds(startup),
            seconds(policy.max_wait)
        ),
        _ => String::new(),
    }
}

fn workers(count: u32) -> String {
    if count == 1 { "1 worker".to_owned() } else { format!("{count} workers") }
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 10.0 || seconds.fract() == 0.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{seconds:.2} s")
    }
}
