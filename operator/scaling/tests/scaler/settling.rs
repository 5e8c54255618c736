//! Whole runs against the model of a queue.

use rand::{SeedableRng, rngs::StdRng};
use scaling::{Policy, Reason};

use crate::model::{Bench, Queue, roomy};

#[test]
fn constant_load_settles_at_what_it_needs() {
    for (rate, service) in [(0.2, 1.0), (1.0, 1.0), (3.0, 2.0), (40.0, 0.5), (0.5, 60.0)] {
        let mut bench = Bench::new(roomy(), 0);
        let mut queue = Queue::new(0, rate, service);
        queue.drive(&mut bench, 900 + 10 * service as u64);
        let counts: Vec<u32> = queue.drive(&mut bench, 1_800).into_iter().map(|(count, _)| count).collect();
        assert!(counts.iter().all(|&count| count == counts[0]), "{rate} · {service}: {counts:?}");
        let load = rate * service;
        let least = load.ceil() as u32;
        // One for chance, and the tolerance.
        let most = ((load / 0.95).ceil() * 1.12).ceil() as u32 + 1;
        assert!((least..=most).contains(&counts[0]), "{rate} · {service}: {}", counts[0]);
    }
}

#[test]
fn a_burst_against_no_worker_goes_up_in_one_jump_and_down_in_steps() {
    let mut bench = Bench::new(Policy { max_replicas: 50, ..Policy::default() }, 0);
    let mut queue = Queue::new(0, 0.0, 0.1);
    queue.put(5_000);
    let run = queue.drive(&mut bench, 900);
    assert!(run[0].0 >= 34, "{}", run[0].1.message);
    let empty = run.iter().position(|(_, decision)| decision.reason == Reason::Hold).expect("a lull");
    assert!(empty <= 6, "drained after {} s", empty * 5);
    let counts: Vec<u32> = run.iter().map(|&(count, _)| count).collect();
    let peak = counts.iter().position(|count| Some(count) == counts.iter().max()).expect("a peak");
    assert!(counts[peak..].is_sorted_by(|a, b| a >= b), "{counts:?}");
    assert_eq!((counts.last(), queue.sample.acked, queue.killed), (Some(&0), Some(5_000), 0));
}

#[test]
fn a_service_time_that_doubles_is_followed() {
    let mut bench = Bench::new(roomy(), 0);
    let mut queue = Queue::new(0, 5.0, 1.0);
    queue.drive(&mut bench, 900);
    queue.service = 2.0;
    queue.drive(&mut bench, 600);
    let (count, decision) = queue.drive(&mut bench, 60).pop().expect("a decision");
    assert!((10..=12).contains(&count), "{}", decision.message);
    assert!(decision.estimate.wait.is_some_and(|wait| wait < bench.policy.max_wait), "{}", decision.message);
}

#[test]
fn the_same_history_gives_the_same_decisions() {
    let run = || {
        let mut bench = Bench::new(roomy(), 0);
        let mut queue = Queue::new(0, 2.5, 3.0);
        queue.put(100);
        queue.drive(&mut bench, 900)
    };
    assert_eq!(run(), run());
}

#[test]
fn arrivals_by_chance_keep_the_limit_with_few_changes() {
    // Jobs that are longer than the limit cannot wait for each other: each that comes while all are busy needs a worker.
    let loads = [(0.2, 2.0, 120), (2.0, 1.0, 120), (10.0, 1.0, 120), (40.0, 0.5, 120), (0.5, 60.0, 300)];
    for (rate, service, most_changes) in loads {
        let mut bench = Bench::new(roomy(), 0);
        let mut queue = Queue::new(0, rate, service);
        queue.chance = Some(StdRng::seed_from_u64(1));
        queue.drive(&mut bench, 1_200);
        let run = queue.drive(&mut bench, 7_200);
        let changes = run.iter().filter(|(_, decision)| decision.write).count();
        let used: u32 = run.iter().map(|&(count, _)| count).sum();
        let mean = f64::from(used) / run.len() as f64;
        let worst = run.iter().filter_map(|(_, decision)| decision.estimate.wait).max().unwrap_or_default();
        assert!(changes <= most_changes, "{rate} · {service}: {changes} changes in two hours");
        assert!(mean <= rate * service * 1.1 + 1.0, "{rate} · {service}: {mean} workers");
        assert!(worst < bench.policy.max_wait, "{rate} · {service}: {worst:?}");
    }
}
