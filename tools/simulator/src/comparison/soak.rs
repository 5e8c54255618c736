//! Many queues polled for long: whether memory stays flat, and how long one poll of all takes.

use std::time::Duration;

use anyhow::anyhow;
use rustix::time::{ClockId, clock_gettime};
use scaling::{Observation, Policy, Sample, Scaler, Seed, Unknown, UnknownKind, Workers};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Soak {
    pub queues: u64,
    pub polls: u64,
    /// Bytes that the decision code holds for one queue after half of the polls.
    pub bytes_early: u64,
    /// The same after the last poll.
    pub bytes_late: u64,
    /// The slowest poll of all queues, in milliseconds of CPU, rounded up to 10 since it differs from machine to machine.
    pub slowest_ms: u64,
}

/// Polls `queues` queues `polls` times each; `allocated` tells the bytes that the program has now.
pub fn soak(queues: u64, polls: u64, allocated: &dyn Fn() -> u64) -> Soak {
    let policy = Policy { max_replicas: 40, ..Policy::default() };
    let before = allocated();
    let mut scalers: Vec<Queue> = (0..queues).map(Queue::new).collect();
    let (mut early, mut slowest) = (0, Duration::ZERO);
    for poll in 0..polls {
        let start = cpu_time();
        for queue in &mut scalers {
            queue.poll(poll, &policy);
        }
        slowest = slowest.max(cpu_time().saturating_sub(start));
        if poll == polls / 2 {
            early = allocated() - before;
        }
    }
    let late = allocated() - before;
    let slowest_ms = (slowest.as_millis() as u64 + 1).next_multiple_of(10);
    let each = |bytes: u64| bytes / queues.max(1);
    Soak { queues, polls, bytes_early: each(early), bytes_late: each(late), slowest_ms }
}

/// What this thread has used up.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// A queue with a load of its own: busy for some time, then quiet, and now and then silent.
struct Queue {
    number: u64,
    scaler: Scaler,
    replicas: u32,
    published: u64,
    acked: u64,
}

impl Queue {
    fn new(number: u64) -> Queue {
        let scaler = Scaler::new(
            Duration::ZERO,
            Seed { replicas: 0, service_time: None, startup: None, answered: true },
        );
        Queue { number, scaler, replicas: 0, published: 0, acked: 0 }
    }

    fn poll(&mut self, poll: u64, policy: &Policy) {
        let time = poll + 37 * self.number;
        if time % 400 < 150 {
            self.published += 5 + time % 60;
        }
        self.acked = self.published.min(self.acked + 5 * u64::from(self.replicas));
        let left = self.published - self.acked;
        let unacked = left.min(self.replicas.into());
        let observation = if time.is_multiple_of(97) {
            let message = "the broker does not answer".to_owned();
            Observation::Unknown(Unknown { kind: UnknownKind::Unreachable, message })
        } else {
            Observation::Sample(Sample {
                ready: left - unacked,
                unacked: Some(unacked),
                consumers: self.replicas.into(),
                published: Some(self.published),
                acked: Some(self.acked),
                delivered: Some(self.acked + unacked),
                redelivered: Some(0),
            })
        };
        let workers = Workers {
            replicas: self.replicas,
            ready: self.replicas,
            busy: Some(unacked),
            startup: None,
            rollout: false,
            conflict: None,
        };
        let decision = self.scaler.step(policy.poll * poll as u32, policy, &observation, &workers);
        if decision.write {
            self.replicas = decision.desired;
        }
    }
}

const HEAD: &str = "queues,polls,bytes_early,bytes_late,slowest_ms";

impl Soak {
    pub fn write(&self) -> String {
        let Soak { queues, polls, bytes_early, bytes_late, slowest_ms } = self;
        format!("{HEAD}\n{queues},{polls},{bytes_early},{bytes_late},{slowest_ms}\n")
    }

    /// The opposite of [`Soak::write`].
    pub fn read(text: &str) -> anyhow::Result<Soak> {
        let failed = || anyhow!("not the figures of a soak: {text:?}");
        let line = text.lines().nth(1).ok_or_else(failed)?;
        let numbers: Result<Vec<u64>, _> = line.split(',').map(str::parse).collect();
        let [queues, polls, bytes_early, bytes_late, slowest_ms] = numbers.map_err(|_| failed())?[..] else {
            return Err(failed());
        };
        Ok(Soak { queues, polls, bytes_early, bytes_late, slowest_ms })
    }
}
