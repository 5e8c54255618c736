//! What came of a run, and of several.

use std::time::Duration;

use crate::replay::Row;

#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// From the publication of each message until its job was begun, for the last time if it had to be repeated. Jobs
    /// not begun have waited until the end. Poisoned messages and mails are left out.
    pub waits: Vec<Duration>,
    /// Seconds for which a pod has existed, starting and ending ones included, summed over all pods.
    pub replica_seconds: f64,
    /// Changes of the number of replicas.
    pub scale_events: u64,
    /// Jobs that ran when the grace period of their worker was over.
    pub killed: u64,
    /// Good messages that the broker has given up, since workers gave them back too often.
    pub lost: u64,
    /// One for each poll of the operator.
    pub rows: Vec<Row>,
}

/// What came of the same trace under several seeds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Percentage of all messages that waited for more than the limit; 0 without messages.
    pub over_percent: f64,
    /// 95 of 100 messages waited no longer.
    pub p95: Duration,
    /// 99 of 100 messages waited no longer.
    pub p99: Duration,
    /// Mean of the runs.
    pub replica_seconds: f64,
    /// Mean of the runs.
    pub scale_events: f64,
    /// Sum of the runs.
    pub killed: u64,
    /// Sum of the runs.
    pub lost: u64,
}

impl Figures {
    /// All messages of all runs together, against a limit of the wait.
    pub fn of(runs: &[Run], limit: Duration) -> Figures {
        let mut waits: Vec<Duration> = runs.iter().flat_map(|run| run.waits.iter().copied()).collect();
        let over = waits.iter().filter(|wait| **wait > limit).count();
        let mean =
            |value: &dyn Fn(&Run) -> f64| runs.iter().map(value).sum::<f64>() / runs.len().max(1) as f64;
        Figures {
            over_percent: 100.0 * over as f64 / waits.len().max(1) as f64,
            p95: quantile(&mut waits, 95),
            p99: quantile(&mut waits, 99),
            replica_seconds: mean(&|run| run.replica_seconds),
            scale_events: mean(&|run| run.scale_events as f64),
            killed: runs.iter().map(|run| run.killed).sum(),
            lost: runs.iter().map(|run| run.lost).sum(),
        }
    }
}

/// The smallest value that so many per cent of them do not exceed; 0 without values.
fn quantile(values: &mut [Duration], percent: usize) -> Duration {
    let place = (values.len() * percent).div_ceil(100).saturating_sub(1);
    if values.is_empty() { Duration::ZERO } else { *values.select_nth_unstable(place).1 }
}
