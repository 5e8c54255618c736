use std::time::Duration;

use failsafe::{Config, Instrument, StateMachine, backoff, failure_policy};

use crate::metrics::OnePeer;

/// Failures in a row after which the peer is left alone.
const FAILURES: u32 = 5;
/// For how long it is left alone, at first and at most, in whole seconds.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

pub(crate) type Breaker =
    StateMachine<failure_policy::ConsecutiveFailures<backoff::Exponential>, BreakerGauge>;

/// A breaker whose state shows in the metrics.
pub(crate) fn breaker(metrics: OnePeer) -> Breaker {
    let pause = backoff::exponential(PAUSE.0, PAUSE.1);
    Config::new()
        .failure_policy(failure_policy::consecutive_failures(FAILURES, pause))
        .instrument(BreakerGauge(metrics))
        .build()
}

pub(crate) struct BreakerGauge(OnePeer);

impl Instrument for BreakerGauge {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        self.0.breaker_open.set(1);
    }

    fn on_half_open(&self) {}

    fn on_closed(&self) {
        self.0.breaker_open.set(0);
    }
}
