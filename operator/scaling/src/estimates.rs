use std::time::Duration;

use crate::arrival_rate::ArrivalRate;
use crate::observation::{Sample, Workers};
use crate::poison::Poison;
use crate::policy::Policy;
use crate::rates::{Changes, Step};
use crate::service_time::ServiceTime;

/// What the samples of one queue have taught.
#[derive(Debug, Clone)]
pub(crate) struct Estimates {
    changes: Changes,
    arrivals: ArrivalRate,
    service_time: ServiceTime,
    poison: Poison,
    /// Since when nothing has come, waited or run.
    idle_since: Option<Duration>,
}

impl Estimates {
    /// Nothing yet, but perhaps the service time of an earlier life. The idle clock begins.
    pub(crate) fn new(now: Duration, service_time: Option<Duration>) -> Self {
        Self {
            changes: Changes::default(),
            arrivals: ArrivalRate::default(),
            service_time: ServiceTime::new(service_time),
            poison: Poison::default(),
            idle_since: Some(now),
        }
    }

    pub(crate) fn update(&mut self, now: Duration, policy: &Policy, sample: &Sample, workers: &Workers) {
        let concurrency = policy.concurrency.max(1);
        let mut quiet = true;
        match self.changes.next(now, sample, workers, concurrency, self.service_time(policy)) {
            Step::Nothing => {}
            Step::Reset => quiet = false,
            Step::Change(change) => {
                quiet = change.arrived <= 0.0;
                self.arrivals.update(&change);
                self.poison.update(now, &change, workers.rollout);
                // Work that is thrown away again and again says nothing about how long a job takes.
                if !Poison::is_stuck(&change) {
                    let running = sample.running(workers, concurrency);
                    self.service_time.update(&change, running, policy.service_time_hint);
                }
            }
        }
        if quiet && sample.ready == 0 && sample.none_held(workers) {
            self.idle_since.get_or_insert(now);
        } else {
            self.idle_since = None;
        }
    }

    /// A poll told nothing: the next sample has none to be compared with, and what happened meanwhile may
    /// have been anything but idle.
    pub(crate) fn miss_sample(&mut self) {
        self.changes.forget();
        self.idle_since = None;
    }

    /// Messages per second that are to be expected.
    pub(crate) fn arrivals(&self) -> f64 {
        self.arrivals.lasting()
    }

    /// The same, reckoned with each burst.
    pub(crate) fn most_arrivals(&self) -> f64 {
        self.arrivals.most()
    }

    /// Seconds, above zero.
    pub(crate) fn service_time(&self, policy: &Policy) -> f64 {
        self.service_time.seconds(policy.service_time_hint)
    }

    pub(crate) fn poison(&self) -> &Poison {
        &self.poison
    }

    /// For how long nothing has come, waited or run; `None` when something does.
    pub(crate) fn idle(&self, now: Duration) -> Option<Duration> {
        self.idle_since.map(|since| now.saturating_sub(since))
    }
}
