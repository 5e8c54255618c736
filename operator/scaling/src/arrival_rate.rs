use crate::rates::Change;

/// How quickly the two averages forget, in seconds.
const QUICK: f64 = 10.0;
const SLOW: f64 = 60.0;
/// Deviations that chance explains.
const DEVIATIONS: f64 = 2.0;

/// How many messages come per second.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArrivalRate {
    /// Of all messages.
    all: Averages,
    /// Of what lasts: a rise counts from the second change on that shows it, so that a single burst, which lies in the
    /// queue already, is not expected again.
    lasting: Averages,
    /// Of the last change.
    last: f64,
}

impl ArrivalRate {
    pub(crate) fn update(&mut self, change: &Change) {
        let rate = change.arrived / change.seconds;
        let usual = self.lasting();
        let explained = usual + DEVIATIONS * (usual / change.seconds).sqrt().max(1.0 / change.seconds);
        let lasting = if self.lasting.is_empty() { rate } else { rate.min(self.last.max(explained)) };
        self.last = rate;
        self.all.update(change.seconds, rate);
        self.lasting.update(change.seconds, lasting);
    }

    /// What is to be expected: the slow average, but within what the quick one shows.
    pub(crate) fn lasting(&self) -> f64 {
        let (quick, slow) = (self.lasting.quick.value(), self.lasting.slow.value());
        let chance = chance(quick.max(slow));
        slow.clamp(quick - chance, quick + chance)
    }

    /// The larger of both averages, of all messages: it rises quickly and falls slowly.
    pub(crate) fn most(&self) -> f64 {
        let slow = self.all.slow.value();
        slow.max(self.all.quick.value() - chance(slow))
    }
}

/// By how much the quick average may differ by chance alone. For arrivals of a Poisson process of rate `λ`, an exponential
/// average with memory `τ` deviates by `√(λ/2τ)` (Campbell's theorem).
fn chance(rate: f64) -> f64 {
    DEVIATIONS * (rate / (2.0 * QUICK)).sqrt()
}

#[derive(Debug, Clone, Default)]
struct Averages {
    quick: Average,
    slow: Average,
}

impl Averages {
    fn update(&mut self, seconds: f64, rate: f64) {
        self.quick.update(seconds, rate, QUICK);
        self.slow.update(seconds, rate, SLOW);
    }

    fn is_empty(&self) -> bool {
        self.slow.weight <= 0.0
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
    fn update(&mut self, seconds: f64, rate: f64, memory: f64) {
        let weight = -(-seconds / memory).exp_m1();
        self.sum += weight * (rate - self.sum);
        self.weight += weight * (1.0 - self.weight);
    }

    fn value(&self) -> f64 {
        if self.weight > 0.0 { self.sum / self.weight } else { 0.0 }
    }
}
