//! What holds whatever happens.

use std::time::Duration;

use proptest::prelude::*;
use scaling::{Decision, Fallback, Observation, Policy, Sample, ScaleDown, UnknownKind, Workers};

use crate::model::{Bench, Queue, sample, secs, unknown, workers};

/// What happens until the next poll, and what it finds.
#[derive(Debug, Clone)]
struct Event {
    after_ms: u64,
    observation: Observation,
    ready_workers: u32,
    busy: Option<u64>,
    startup: Option<Duration>,
    rollout: bool,
    obeyed: bool,
}

fn policies() -> impl Strategy<Value = Policy> {
    let numbers = (1_u32..8, 0_u32..8, 1_u64..120_000, 0_u32..6, 1_u32..60, 10_u32..=100);
    let down = (0_u64..200, 0_u64..60, 1_u32..=100);
    let fallback = proptest::option::of((1_u32..4, 0_u32..80));
    (numbers, down, fallback, 10_u64..300, 0_u64..400).prop_map(|(numbers, down, fallback, wait, zero)| {
        let (concurrency, more, hint, min, more_replicas, spend_percent) = numbers;
        let (window, interval, max_percent) = down;
        Policy {
            max_wait: secs(wait),
            concurrency,
            prefetch: concurrency + more,
            service_time_hint: Duration::from_millis(hint),
            min_replicas: min,
            max_replicas: min + more_replicas,
            poll: secs(5),
            spend_percent,
            scale_down: ScaleDown { window: secs(window), interval: secs(interval), max_percent },
            scale_to_zero_after: secs(zero),
            fallback: fallback.map(|(after_failures, replicas)| Fallback { after_failures, replicas }),
            paused: false,
            dry_run: false,
        }
    })
}

fn counter() -> impl Strategy<Value = Option<u64>> {
    proptest::option::weighted(0.8, prop_oneof![0_u64..2_000, any::<u64>()])
}

fn samples() -> impl Strategy<Value = Sample> {
    let ready = prop_oneof![Just(0), 0_u64..2_000, any::<u64>()];
    let unacked = proptest::option::weighted(0.8, prop_oneof![Just(0), 0_u64..300]);
    (ready, unacked, 0_u64..60, counter(), counter(), counter(), counter()).prop_map(
        |(ready, unacked, consumers, published, acked, delivered, redelivered)| Sample {
            ready,
            unacked,
            consumers,
            published,
            acked,
            delivered,
            redelivered,
        },
    )
}

fn observations() -> impl Strategy<Value = Observation> {
    prop_oneof![
        5 => samples().prop_map(Observation::Sample),
        1 => Just(unknown(UnknownKind::Unreachable)),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let startup = proptest::option::of((0_u64..300).prop_map(secs));
    let rest = (0_u32..60, proptest::option::of(0_u64..100), startup, any::<bool>(), any::<bool>());
    (0_u64..20_000, observations(), rest).prop_map(|(after_ms, observation, rest)| {
        let (ready_workers, busy, startup, rollout, obeyed) = rest;
        Event { after_ms, observation, ready_workers, busy, startup, rollout, obeyed }
    })
}

fn found(event: &Event, replicas: u32) -> Workers {
    Workers {
        replicas,
        ready: event.ready_workers.min(replicas),
        busy: event.busy,
        startup: event.startup,
        rollout: event.rollout,
        conflict: None,
    }
}

/// Plays the events and gives each step to `check`; afterwards the scaler and the workers that there are.
fn play(
    policy: &Policy,
    replicas: u32,
    events: &[Event],
    mut check: impl FnMut(&Event, &Workers, &Decision) -> Result<(), TestCaseError>,
) -> Result<(Bench, u32), TestCaseError> {
    let mut bench = Bench::new(policy.clone(), replicas);
    let mut replicas = replicas;
    for event in events {
        bench.now += Duration::from_millis(event.after_ms);
        let workers = found(event, replicas);
        let decision = bench.scaler.step(bench.now, policy, &event.observation, &workers);
        check(event, &workers, &decision)?;
        if decision.write && event.obeyed {
            replicas = decision.desired;
        }
    }
    Ok((bench, replicas))
}

/// As many workers as may be busy, as the documents say it, written down a second time.
fn busy(sample: &Sample, workers: &Workers, policy: &Policy) -> u32 {
    let by = |jobs: u64, each: u32| (jobs as f64 / f64::from(each)).ceil() as u64;
    let most = match (sample.unacked, workers.busy) {
        (None, None) => sample.consumers.max(u64::from(workers.ready)),
        (Some(unacked), None) => by(unacked, policy.concurrency),
        (None, Some(busy)) => by(busy, policy.concurrency),
        (Some(unacked), Some(busy)) => by(unacked, policy.prefetch).max(by(busy, policy.concurrency)),
    };
    most.min(u64::from(workers.replicas)) as u32
}

/// Workers that a load keeps busy; often just as many as a whole number can do, where one too few and one too many are near.
fn loads() -> impl Strategy<Value = f64> {
    let nearly_whole = (1_u32..8, -0.05_f64..0.15).prop_map(|(whole, more)| f64::from(whole) + more);
    prop_oneof![0.02_f64..60.0, nearly_whole]
}

fn constant_load(hint_ms: u64) -> Policy {
    let hint = Duration::from_millis(hint_ms);
    Policy { max_replicas: 100, service_time_hint: hint, ..Policy::default() }
}

proptest! {
    #[test]
    fn every_decision_is_in_bounds_keeps_the_busy_and_says_why(
        policy in policies(),
        replicas in 0_u32..100,
        events in prop::collection::vec(events(), 1..40),
    ) {
        prop_assert_eq!(policy.validate(), Ok(()));
        play(&policy, replicas, &events, |event, workers, decision| {
            let current = workers.replicas;
            prop_assert!(decision.desired >= policy.min_replicas);
            prop_assert!(decision.desired <= policy.max_replicas.max(current));
            prop_assert_eq!(decision.write, decision.desired != current);
            prop_assert!(!decision.message.is_empty() && !decision.message.contains("NaN"));
            let rate = decision.estimate.arrivals_per_second;
            prop_assert!(rate.is_finite() && rate >= 0.0);
            prop_assert!(!decision.estimate.service_time.is_zero());
            if workers.rollout {
                prop_assert!(decision.desired >= current);
            }
            match &event.observation {
                Observation::Unknown(_) => prop_assert!(decision.desired >= current && decision.failures > 0),
                Observation::Sample(sample) => {
                    prop_assert!(decision.desired >= busy(sample, workers, &policy).min(current));
                    if decision.failures == 0 && sample.ready > 0 {
                        prop_assert!(decision.desired >= 1);
                    }
                    if decision.failures > 0 {
                        prop_assert!(decision.desired >= current);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_step_down_is_larger_than_allowed(
        policy in policies(),
        replicas in 0_u32..100,
        events in prop::collection::vec(events(), 1..40),
    ) {
        play(&policy, replicas, &events, |_, workers, decision| {
            let current = workers.replicas;
            if current <= policy.max_replicas && decision.desired < current {
                let allowed = (current * policy.scale_down.max_percent / 100).max(1);
                prop_assert!(current - decision.desired <= allowed, "{}", decision.message);
            }
            Ok(())
        })?;
    }

    #[test]
    fn more_messages_never_ask_for_fewer_workers(
        policy in policies(),
        replicas in 0_u32..60,
        events in prop::collection::vec(events(), 0..20),
        last in samples(),
        more_ready in 0_u64..10_000,
        more_published in 0_u64..10_000,
        ready_workers in 0_u32..60,
        after_ms in 1_u64..20_000,
    ) {
        let (bench, replicas) = play(&policy, replicas, &events, |_, _, _| Ok(()))?;
        let workers = Workers { replicas, ready: ready_workers.min(replicas), ..Workers::default() };
        let now = bench.now + Duration::from_millis(after_ms);
        let ask = |sample: Sample| {
            bench.scaler.clone().step(now, &policy, &Observation::Sample(sample), &workers)
        };
        let base = ask(last);
        prop_assume!(base.failures == 0);
        let ready = ask(Sample { ready: last.ready.saturating_add(more_ready), ..last });
        prop_assert!(ready.desired >= base.desired, "{} / {}", base.message, ready.message);
        // A larger counter is more arrivals only if it had not begun anew, in which case nothing is learned: neither how
        // many come nor how long they take.
        let more = last.published.map(|published| published.saturating_add(more_published));
        let came = ask(Sample { published: more, ..last });
        let (few, many) = (&base.estimate, &came.estimate);
        if few.arrivals_per_second > many.arrivals_per_second || few.service_time != many.service_time {
            let earlier = events.iter().filter_map(|event| match &event.observation {
                Observation::Sample(sample) => sample.published,
                Observation::Unknown(_) => None,
            });
            prop_assert!(earlier.max() > last.published, "{} / {}", base.message, came.message);
        } else {
            prop_assert!(came.desired >= base.desired, "{} / {}", base.message, came.message);
        }
    }

    #[test]
    fn counters_that_begin_anew_change_no_estimate(
        policy in policies(),
        replicas in 0_u32..60,
        events in prop::collection::vec(events(), 0..20),
        last in samples(),
        lower in 1_u64..1_000,
        which in 0_usize..4,
    ) {
        let (mut bench, replicas) = play(&policy, replicas, &events, |_, _, _| Ok(()))?;
        let workers = Workers { replicas, busy: Some(0), ..Workers::default() };
        // Each counter is there, and one of the four falls.
        let mut counters =
            [last.published, last.acked, last.delivered, last.redelivered].map(|n| n.unwrap_or(0).max(1_000));
        let sample = |[published, acked, delivered, redelivered]: [u64; 4]| Sample {
            published: Some(published),
            acked: Some(acked),
            delivered: Some(delivered),
            redelivered: Some(redelivered),
            ..last
        };
        let before = bench.poll(sample(counters), &workers);
        counters[which] -= lower;
        let after = bench.poll(sample(counters), &workers);
        prop_assert_eq!(after.estimate, before.estimate);
    }

    #[test]
    fn constant_load_comes_to_rest_at_one_number(
        each_poll in 1_u64..200,
        running in 1_u64..80,
        hint_ms in 10_u64..60_000,
        backlog in 0_u64..500,
        more in 0_u32..20,
    ) {
        let replicas = running as u32 + more;
        let mut bench = Bench::new(constant_load(hint_ms), replicas);
        let (mut replicas, mut figures) = (replicas, sample(backlog, running));
        let mut counts = Vec::new();
        for poll in 0..300 {
            figures.published = Some(poll * each_poll);
            figures.acked = figures.published;
            figures.ready = if poll < 20 { backlog } else { 0 };
            replicas = bench.poll(figures, &workers(replicas)).desired;
            counts.push(replicas);
        }
        let rest = &counts[150..];
        prop_assert!(rest.iter().all(|&count| count == rest[0]), "{rest:?}");
        prop_assert!(u64::from(rest[0]) >= running);
    }

    #[test]
    fn a_queue_of_constant_load_is_served_without_flapping(
        load in loads(),
        ticks in 1_u32..200,
        hint_ms in 10_u64..60_000,
        backlog in 0_u64..500,
        replicas in 0_u32..40,
    ) {
        let mut bench = Bench::new(constant_load(hint_ms), replicas);
        // In whole ticks of the queue, or jobs would take longer than the load is reckoned by.
        let service = f64::from(ticks) / 10.0;
        let mut queue = Queue::new(replicas, load / service, service);
        queue.put(backlog);
        queue.drive(&mut bench, 1_200);
        let run = queue.drive(&mut bench, 3_600);
        let counts: Vec<u32> = run.iter().map(|&(count, _)| count).collect();
        let least = counts.iter().min().copied().unwrap_or_default();
        let most = counts.iter().max().copied().unwrap_or_default();
        // By turns a little fewer than the load keeps busy, while the queue grows, and a few more until it is empty.
        prop_assert!(f64::from(least) > load - 1.0 && f64::from(most) + 1.0 > load, "{counts:?}");
        // Even jobs that began together end together, and then many wait at once. If they are nearly as long as the limit
        // they can hardly wait for each other, and such waves are followed.
        let (span, most_changes) = if service <= 5.0 { (1 + least / 5, 40) } else { (2 + least / 2, 160) };
        prop_assert!(most - least <= span, "{counts:?}");
        prop_assert!(run.iter().filter(|(_, decision)| decision.write).count() <= most_changes, "{counts:?}");
        prop_assert_eq!(queue.killed, 0);
        let used = counts.iter().map(|&count| f64::from(count)).sum::<f64>() / counts.len() as f64;
        prop_assert!(used <= load * 1.1 + 1.0, "{used} for {load}");
        let wait = run.iter().filter_map(|(_, decision)| decision.estimate.wait).max();
        prop_assert!(wait <= Some(bench.policy.max_wait), "{wait:?}");
    }
}
