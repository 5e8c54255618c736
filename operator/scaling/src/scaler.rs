use std::time::Duration;

use crate::decide::{Situation, decide, hold};
use crate::decision::{Decision, Estimate, Reason};
use crate::estimates::Estimates;
use crate::message::{Why, change, explain};
use crate::need::{Load, need};
use crate::observation::{Observation, Sample, Unknown, UnknownKind, Workers};
use crate::policy::{Policy, ScaleDown};
use crate::window::Window;

/// What one queue's scaler remembers between polls. It stays small however long it lives.
#[derive(Debug, Clone)]
pub struct Scaler {
    estimates: Estimates,
    window: Window,
    /// When the step before was, and how many workers there were.
    last_step: (Duration, u32),
    last_down: Option<Duration>,
    failures: u32,
    /// When this scaler began, as long as nobody has heard of the queue yet.
    awaiting_since: Option<Duration>,
    /// How long workers take to start.
    startup: Option<Duration>,
    /// Workers for what was known to come when the queue was seen last.
    unseen: u32,
    /// When workers were asked for soon after some had left, and how many more than the load keeps busy stay for a while.
    missed: Option<(Duration, u32)>,
}

/// How long a worker takes to start until one has shown it.
const STARTUP: Duration = Duration::from_secs(10);
/// From writing the number until a worker is created.
const REACTION: Duration = Duration::from_secs(1);
/// Where new workers come too late, steps down are at least so far apart.
const CAUTIOUS_INTERVAL: Duration = Duration::from_secs(30);
/// A need counts for as long as a job takes, but no longer than this unless the owner says so.
const LONGEST_JOB_WINDOW: Duration = Duration::from_secs(60);
/// Workers who are missed so soon after others have left were needed.
const TOO_SOON: Duration = Duration::from_secs(300);
/// For so long then, no part of a worker's work is left to the queue, so that a constant load comes to rest.
const REST: Duration = Duration::from_secs(600);
/// From so many workers on, one more costs little.
const MANY: u32 = 5;
/// Polls without an answer after which workers are added for what nobody sees.
const BLIND: u32 = 2;

/// How long a broker that starts together with the scaler may take to its first answer before that is a fault.
pub const BROKER_START: Duration = Duration::from_secs(180);

/// What a new scaler takes over from the one before it, so that a restart changes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seed {
    /// The present number of workers. It counts as needed until the window has passed.
    pub replicas: u32,
    /// The service time that was last reported; `None` or zero: the owner's hint holds.
    pub service_time: Option<Duration>,
    /// How long workers were last reported to take to start; `None`: some seconds, until one has shown it.
    pub startup: Option<Duration>,
    /// Whether the broker has ever told of the queue. Until it has, there is nothing to fall back from.
    pub answered: bool,
}

impl Scaler {
    /// A scaler that begins at `now`, the monotonic time since any fixed start. The idle clock begins too.
    pub fn new(now: Duration, seed: Seed) -> Self {
        let mut window = Window::default();
        window.push(now, f64::from(seed.replicas), Duration::ZERO);
        Self {
            estimates: Estimates::new(now, seed.service_time),
            window,
            last_step: (now, seed.replicas),
            last_down: None,
            failures: 0,
            awaiting_since: (!seed.answered).then_some(now),
            startup: seed.startup,
            unseen: 0,
            missed: None,
        }
    }

    /// Learns from an observation and decides. `now` is on the clock of [`Scaler::new`] and does not go
    /// back; a step at the same `now` decides anew and learns nothing twice.
    pub fn step(
        &mut self,
        now: Duration,
        policy: &Policy,
        observation: &Observation,
        workers: &Workers,
    ) -> Decision {
        self.notice_step(now, workers.replicas);
        self.startup = workers.startup.or(self.startup);
        let decision = match observation.judge(workers) {
            Ok(sample) => self.known(now, policy, &sample, workers),
            Err(unknown) => self.unknown(now, policy, &unknown, workers),
        };
        withhold(policy, workers, decision)
    }

    /// A step is what has become of the workers, not what was written: a refused write is none. One down began when it was
    /// decided.
    fn notice_step(&mut self, now: Duration, replicas: u32) {
        let (then, before) = std::mem::replace(&mut self.last_step, (now, replicas));
        if replicas < before {
            self.last_down = Some(then);
        }
        // More than a few at once are for a burst, which says nothing about those who have left.
        let few = (before + 1..=before + 1 + before / 10).contains(&replicas);
        if few && self.last_down.is_some_and(|at| now.saturating_sub(at) <= TOO_SOON) {
            let again = self.rest(now).is_some() && before >= MANY;
            self.missed = Some((now, u32::from(again)));
        }
    }

    /// Whether workers were missed soon after some had left, and not long ago: then with how many more than the load.
    fn rest(&self, now: Duration) -> Option<u32> {
        self.missed.filter(|(at, _)| now.saturating_sub(*at) < REST).map(|(_, more)| more)
    }

    fn known(&mut self, now: Duration, policy: &Policy, sample: &Sample, workers: &Workers) -> Decision {
        self.failures = 0;
        self.awaiting_since = None;
        self.estimates.update(now, policy, sample, workers);
        let service_time = self.estimates.service_time(policy);
        let load = Load {
            arrivals: self.estimates.arrivals(),
            most_arrivals: self.estimates.most_arrivals(),
            service_time,
            lead: (self.startup() + REACTION).as_secs_f64(),
        };
        let need = need(policy, sample, workers, &load);
        self.unseen = need.unseen();
        let (window, interval) = self.pace(policy, need.in_time, service_time);
        let concurrency = policy.concurrency.max(1);
        let situation = Situation {
            current: workers.replicas,
            ready_workers: workers.ready,
            ready_messages: sample.ready,
            need,
            window_need: self.window.push(now, need.exact, window),
            busy_floor: sample.busy_floor(workers, concurrency, policy.prefetch.max(1)),
            idle: self.estimates.idle(now),
            since_down: self.last_down.map(|at| now.saturating_sub(at)),
            interval,
            rest: self.rest(now),
            futile: self.estimates.poison().is_futile(now),
            rollout: workers.rollout,
        };
        let choice = decide(policy, &situation);
        let wait = wait(sample, workers, concurrency, service_time);
        let estimate = Estimate { wait, ..self.estimate(policy) };
        Decision {
            desired: choice.desired,
            write: choice.desired != workers.replicas,
            reason: choice.why.reason(need.backlog),
            message: explain(policy, &situation, &estimate, choice.desired, choice.why),
            estimate,
            limited: choice.why == Why::Max
                || need.workers > policy.max_replicas
                || situation.lacks_ready_workers()
                || situation.wanted_minimum(policy).is_some(),
            poison_suspected: self.estimates.poison().suspected(now),
            failures: 0,
            fell_back: false,
            broker_starting: false,
        }
    }

    /// Nothing is known: nobody leaves, and what was needed last counts as still needed.
    fn unknown(&mut self, now: Duration, policy: &Policy, unknown: &Unknown, workers: &Workers) -> Decision {
        self.failures = self.failures.saturating_add(1);
        self.estimates.miss_sample();
        let current = workers.replicas;
        let fallback = policy
            .fallback
            .filter(|fallback| self.awaiting_since.is_none() && self.failures >= fallback.after_failures);
        let fell_back = fallback.is_some();
        let unseen = if self.failures >= BLIND { self.unseen } else { 0 };
        let desired = hold(policy, current, unseen, fallback);
        let waited = self.awaiting_since.map(|since| now.saturating_sub(since));
        let needed = self.window.newest().unwrap_or(0.0);
        let raised = if fell_back { f64::from(desired) } else { 0.0 };
        self.window.push(now, needed.max(raised), policy.scale_down.window);
        let times = if self.failures == 1 { "once".to_owned() } else { format!("{} times", self.failures) };
        let consequence = if fell_back { ", so the fallback holds" } else { "" };
        Decision {
            desired,
            write: desired != current,
            reason: Reason::Hold,
            message: format!(
                "{}: the queue is unknown ({}, {times} in a row{consequence}): {}",
                change(current, desired),
                unknown.kind,
                unknown.message
            ),
            estimate: self.estimate(policy),
            limited: false,
            poison_suspected: self.estimates.poison().suspected(now),
            failures: self.failures,
            fell_back,
            broker_starting: unknown.kind != UnknownKind::Unauthorized
                && waited.is_some_and(|waited| waited < BROKER_START),
        }
    }

    /// For how long a need counts, and the time between two steps down. Who leaves and is soon missed again costs a start,
    /// so both are longer where jobs are long or workers start slowly.
    fn pace(&self, policy: &Policy, in_time: bool, service_time: f64) -> (Duration, Duration) {
        let ScaleDown { window, interval, .. } = policy.scale_down;
        let window = window.max(duration(service_time).min(LONGEST_JOB_WINDOW));
        if in_time {
            (window, interval)
        } else {
            (window.max(self.startup()), interval.max(CAUTIOUS_INTERVAL))
        }
    }

    fn startup(&self) -> Duration {
        self.startup.unwrap_or(STARTUP)
    }

    fn estimate(&self, policy: &Policy) -> Estimate {
        Estimate {
            arrivals_per_second: self.estimates.arrivals(),
            service_time: duration(self.estimates.service_time(policy)),
            startup: self.startup,
            wait: None,
        }
    }
}

/// How long a message that comes now waits: all that wait before it, also those that a worker merely
/// holds, by what all ready workers do in a second.
fn wait(sample: &Sample, workers: &Workers, concurrency: u32, service_time: f64) -> Option<Duration> {
    if workers.ready == 0 {
        return None;
    }
    let held = sample.held(workers, concurrency).saturating_sub(sample.running(workers, concurrency));
    let ahead = sample.ready.saturating_add(held) as f64;
    Some(duration(ahead * service_time / (f64::from(workers.ready) * f64::from(concurrency))))
}

/// Paused, dry run, conflict: all is computed and told, and nothing written.
fn withhold(policy: &Policy, workers: &Workers, decision: Decision) -> Decision {
    let (reason, because) = match (&workers.conflict, policy.paused, policy.dry_run) {
        (_, true, _) => (Reason::Paused, "paused".to_owned()),
        (Some(other), ..) => (decision.reason, format!("nothing is written, as {other} scales too")),
        (None, _, true) => (decision.reason, "dry run".to_owned()),
        (None, false, false) => return decision,
    };
    let message = format!("{because}; it would be: {}", decision.message);
    Decision { write: false, reason, message, ..decision }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}
