use std::time::Duration;

use crate::observation::{Sample, Workers};

/// What happened between two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// Seconds, above zero.
    pub(crate) seconds: f64,
    /// Messages that came, at least 0. Estimated where the broker does not count them.
    pub(crate) arrived: f64,
    pub(crate) acked: Option<u64>,
    /// Messages that are gone: acknowledged, or given up by the broker because they came back too often.
    pub(crate) left: Option<u64>,
    pub(crate) delivered: Option<u64>,
    pub(crate) redelivered: Option<u64>,
}

/// The last sample that a new one can be compared with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    last: Option<(Duration, Sample, Option<u64>)>,
}

/// What there is to learn from a sample.
pub(crate) enum Step {
    /// It is the first one after a start or a gap, or no time has passed.
    Nothing,
    /// A counter went backwards: the broker began to count anew.
    Reset,
    /// It can be compared with the one before.
    Change(Change),
}

impl Changes {
    /// Compares with the sample before. `service_time` in seconds helps where the broker counts neither
    /// what came nor what was acknowledged.
    pub(crate) fn next(
        &mut self,
        now: Duration,
        sample: &Sample,
        workers: &Workers,
        concurrency: u32,
        service_time: f64,
    ) -> Step {
        let held = sample.unacked.or(workers.busy);
        let Some((then, before, held_before)) = self.last else {
            self.last = Some((now, *sample, held));
            return Step::Nothing;
        };
        let seconds = now.saturating_sub(then).as_secs_f64();
        if seconds <= 0.0 {
            return Step::Nothing;
        }
        self.last = Some((now, *sample, held));
        let counters = [
            (before.published, sample.published),
            (before.acked, sample.acked),
            (before.delivered, sample.delivered),
            (before.redelivered, sample.redelivered),
        ];
        if counters.iter().any(|&(old, new)| old > new && new.is_some()) {
            return Step::Reset;
        }
        let [published, acked, delivered, redelivered] =
            counters.map(|(old, new)| Some(new?.saturating_sub(old?)));
        // Conservation of messages: what came is what is there in addition, and what left. Where nobody
        // counts what left, the jobs that run leave at the rate of one per service time.
        let more_held = held.zip(held_before).map_or(0.0, |(new, old)| new as f64 - old as f64);
        let more = sample.ready as f64 - before.ready as f64 + more_held;
        let done = match acked {
            Some(acked) => acked as f64,
            None if held.is_none() && before.ready == 0 => 0.0,
            None => sample.running(workers, concurrency) as f64 * seconds / service_time,
        };
        let arrived = published.map_or((more + done).max(0.0), |published| published as f64);
        let left = acked.map(|acked| {
            let had = before.unacked.map(|unacked| before.ready.saturating_add(unacked));
            let has = sample.unacked.map(|unacked| sample.ready.saturating_add(unacked));
            let gone = match (had, published, has) {
                (Some(had), Some(published), Some(has)) => had.saturating_add(published).saturating_sub(has),
                _ => acked,
            };
            // What is gone in another way, such as by a purge, says nothing about the time that jobs take.
            acked.saturating_add(gone.saturating_sub(acked).min(redelivered.unwrap_or(0)))
        });
        Step::Change(Change { seconds, arrived, acked, left, delivered, redelivered })
    }

    /// After a gap there is nothing to compare with.
    pub(crate) fn forget(&mut self) {
        self.last = None;
    }
}
