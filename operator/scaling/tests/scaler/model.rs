//! A scaler with a clock, and a queue with workers for it to watch.

use std::time::Duration;

use rand::rngs::StdRng;
use rand_distr::{Distribution, Poisson};
use scaling::{Decision, Observation, Policy, Sample, Scaler, Seed, Unknown, UnknownKind, Workers};

/// One scaler that is asked every `policy.poll`.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) now: Duration,
    pub(crate) policy: Policy,
    pub(crate) scaler: Scaler,
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A policy that allows many workers.
pub(crate) fn roomy() -> Policy {
    Policy { max_replicas: 100, ..Policy::default() }
}

impl Bench {
    pub(crate) fn new(policy: Policy, replicas: u32) -> Self {
        Self::seeded(policy, Seed { replicas, service_time: None, startup: None, answered: true })
    }

    pub(crate) fn seeded(policy: Policy, seed: Seed) -> Self {
        let now = secs(1_000);
        Self { now, policy, scaler: Scaler::new(now, seed) }
    }

    pub(crate) fn poll(&mut self, sample: Sample, workers: &Workers) -> Decision {
        self.observe(&Observation::Sample(sample), workers)
    }

    /// The next poll, which tells nothing.
    pub(crate) fn fail(&mut self, kind: UnknownKind, workers: &Workers) -> Decision {
        self.observe(&unknown(kind), workers)
    }

    pub(crate) fn observe(&mut self, observation: &Observation, workers: &Workers) -> Decision {
        self.now += self.policy.poll;
        self.scaler.step(self.now, &self.policy, observation, workers)
    }

    /// Polls with the same sample for some time; what the last one gave.
    pub(crate) fn repeat(&mut self, seconds: u64, sample: Sample, workers: &Workers) -> Decision {
        let mut last = self.poll(sample, workers);
        for _ in 1..(seconds / self.policy.poll.as_secs()) {
            last = self.poll(sample, workers);
        }
        last
    }

    /// Polls and does what is decided, for some time; the numbers of workers.
    pub(crate) fn follow(&mut self, seconds: u64, sample: Sample, workers: &mut Workers) -> Vec<u32> {
        (0..seconds / self.policy.poll.as_secs())
            .map(|_| {
                let decision = self.poll(sample, workers);
                if decision.write {
                    workers.replicas = decision.desired;
                    workers.ready = decision.desired;
                }
                workers.replicas
            })
            .collect()
    }
}

pub(crate) fn unknown(kind: UnknownKind) -> Observation {
    Observation::Unknown(Unknown { kind, message: "the broker is away".to_owned() })
}

pub(crate) fn workers(replicas: u32) -> Workers {
    Workers { replicas, ready: replicas, ..Workers::default() }
}

/// What the management API tells: everything.
pub(crate) fn sample(ready: u64, unacked: u64) -> Sample {
    Sample {
        ready,
        unacked: Some(unacked),
        consumers: 1,
        published: Some(0),
        acked: Some(0),
        delivered: Some(0),
        redelivered: Some(0),
    }
}

/// What a passive declare tells.
pub(crate) fn declared(ready: u64, consumers: u64) -> Sample {
    Sample { ready, consumers, ..Sample::default() }
}

/// A queue with workers, in steps of 0.1 s: jobs come evenly or by chance and take `service` each.
pub(crate) struct Queue {
    pub(crate) sample: Sample,
    pub(crate) workers: Workers,
    pub(crate) rate: f64,
    pub(crate) service: f64,
    /// Arrivals by chance instead of evenly.
    pub(crate) chance: Option<StdRng>,
    due: f64,
    /// Seconds left of each running job.
    running: Vec<f64>,
    /// Seconds until each new worker is ready.
    starting: Vec<f64>,
    pub(crate) start_up: f64,
    pub(crate) killed: u32,
}

impl Queue {
    pub(crate) fn new(replicas: u32, rate: f64, service: f64) -> Self {
        Self {
            sample: sample(0, 0),
            workers: workers(replicas),
            rate,
            service,
            chance: None,
            due: 0.0,
            running: Vec::new(),
            starting: Vec::new(),
            start_up: 2.0,
            killed: 0,
        }
    }

    pub(crate) fn put(&mut self, messages: u64) {
        self.sample.ready += messages;
        self.sample.published = self.sample.published.map(|published| published + messages);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        const TICK: f64 = 0.1;
        const ROUNDING: f64 = 1e-6;
        for _ in 0..(time.as_secs_f64() / TICK).round() as u64 {
            let new = self.arrivals(self.rate * TICK);
            self.put(new);
            self.starting.iter_mut().for_each(|left| *left -= TICK);
            self.starting.retain(|&left| left > ROUNDING);
            self.workers.ready = self.workers.replicas - self.starting.len() as u32;
            self.running.iter_mut().for_each(|left| *left -= TICK);
            let before = self.running.len();
            self.running.retain(|&left| left > ROUNDING);
            let done = (before - self.running.len()) as u64;
            self.sample.acked = self.sample.acked.map(|acked| acked + done);
            while self.sample.ready > 0 && self.running.len() < self.workers.ready as usize {
                self.sample.ready -= 1;
                self.sample.delivered = self.sample.delivered.map(|delivered| delivered + 1);
                self.running.push(self.service);
            }
            self.sample.unacked = self.sample.unacked.map(|_| self.running.len() as u64);
            self.sample.consumers = u64::from(self.workers.ready);
        }
    }

    /// How many come in a tick in which `mean` come on average.
    fn arrivals(&mut self, mean: f64) -> u64 {
        if let Some(chance) = &mut self.chance {
            return Poisson::new(mean).map_or(0, |arrivals| arrivals.sample(chance) as u64);
        }
        self.due += mean;
        let new = self.due.floor();
        self.due -= new;
        new as u64
    }

    /// Idle workers leave first; a job whose worker leaves is killed.
    pub(crate) fn scale(&mut self, replicas: u32) {
        for _ in self.workers.replicas..replicas {
            self.starting.push(self.start_up);
        }
        self.starting.truncate(replicas as usize);
        self.workers.replicas = replicas;
        self.workers.ready = replicas - self.starting.len() as u32;
        self.killed += self.running.len().saturating_sub(self.workers.ready as usize) as u32;
        self.running.truncate(self.workers.ready as usize);
    }

    /// Runs, polls and scales for some time; the number of workers and the decision at each poll.
    pub(crate) fn drive(&mut self, bench: &mut Bench, seconds: u64) -> Vec<(u32, Decision)> {
        (0..seconds / bench.policy.poll.as_secs())
            .map(|_| {
                self.run(bench.policy.poll);
                let decision = bench.poll(self.sample, &self.workers);
                if decision.write {
                    self.scale(decision.desired);
                }
                (self.workers.replicas, decision)
            })
            .collect()
    }
}
