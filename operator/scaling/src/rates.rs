use std::time::Duration;

use crate::observation::{Sample, Workers};

/// How quickly the two averages forget, in seconds.
const QUICK: f64 = 10.0;
const SLOW: f64 = 60.0;

/// What happened between two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Change {
    /// Seconds, above zero.
    pub(crate) seconds: f64,
    /// Messages that came, at least 0. Estimated where the broker does not count them.
    pub(crate) arrived: f64,
    pub(crate) acked: Option<u64>,
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
        let left = match acked {
            Some(acked) => acked as f64,
            None if held.is_none() && before.ready == 0 => 0.0,
            None => sample.running(workers, concurrency) as f64 * seconds / service_time,
        };
        let arrived = published.map_or((more + left).max(0.0), |published| published as f64);
        Step::Change(Change { seconds, arrived, acked, delivered, redelivered })
    }

    /// After a gap there is nothing to compare with.
    pub(crate) fn forget(&mut self) {
        self.last = None;
    }
}

/// Messages per second: the larger of a quick and a slow moving average, so that it rises quickly and falls
/// slowly.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArrivalRate {
    quick: Average,
    slow: Average,
}

impl ArrivalRate {
    pub(crate) fn update(&mut self, change: &Change) {
        self.quick.update(change, QUICK);
        self.slow.update(change, SLOW);
    }

    /// The quick average counts by as much as chance does not explain. For arrivals of a Poisson process of
    /// rate `λ`, an exponential average with memory `τ` deviates by `√(λ/2τ)` (Campbell's theorem); two of
    /// these are left out. Otherwise the larger of both would follow every small cluster of messages.
    pub(crate) fn per_second(&self) -> f64 {
        let slow = self.slow.value();
        let chance = 2.0 * (slow / (2.0 * QUICK)).sqrt();
        slow.max(self.quick.value() - chance)
    }
}

/// An exponential average over uneven intervals. It begins without an opinion: divided by the weight of what
/// it has seen, it is right from the first change on.
#[derive(Debug, Clone, Default)]
struct Average {
    sum: f64,
    weight: f64,
}

impl Average {
    /// An interval weighs `1 − e^(−Δt/τ)`, and what was before fades by `e^(−Δt/τ)`.
    fn update(&mut self, change: &Change, memory: f64) {
        let weight = -(-change.seconds / memory).exp_m1();
        self.sum += weight * (change.arrived / change.seconds - self.sum);
        self.weight += weight * (1.0 - self.weight);
    }

    fn value(&self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }
}
