//! What the owner changes while it runs.

use scaling::{Policy, Reason, ScaleDown, UnknownKind, Workers};

use crate::model::{Bench, declared, roomy, sample, secs, workers};

#[test]
fn a_raised_minimum_holds_at_once_even_when_the_queue_is_unknown() {
    let mut bench = Bench::new(roomy(), 1);
    bench.policy.min_replicas = 4;
    assert_eq!(bench.clone().poll(sample(0, 0), &workers(1)).desired, 4);
    let unknown = bench.fail(UnknownKind::Unreachable, &workers(1));
    assert_eq!((unknown.desired, unknown.write), (4, true));
}

#[test]
fn a_lowered_maximum_holds_at_once_but_busy_workers_finish() {
    let cases = [
        (sample(0, 0), 3, Reason::Limited),
        (sample(500, 0), 3, Reason::Limited),
        (sample(500, 6), 6, Reason::BusyFloor),
        (sample(500, 20), 12, Reason::BusyFloor),
        (declared(500, 12), 12, Reason::BusyFloor),
    ];
    for (sample, expected, reason) in cases {
        let mut bench = Bench::new(roomy(), 12);
        bench.policy.max_replicas = 3;
        let decision = bench.poll(sample, &workers(12));
        assert_eq!((decision.desired, decision.reason), (expected, reason), "{}", decision.message);
    }
}

#[test]
fn a_lowered_maximum_waits_while_the_queue_is_unknown() {
    let mut bench = Bench::new(roomy(), 12);
    bench.policy.max_replicas = 3;
    let decision = bench.fail(UnknownKind::Unreachable, &workers(12));
    assert_eq!((decision.desired, decision.write), (12, false));
}

#[test]
fn a_refused_write_does_not_delay_the_next_try() {
    let scale_down = ScaleDown { interval: secs(30), ..ScaleDown::default() };
    let mut bench = Bench::new(Policy { scale_down, ..roomy() }, 8);
    bench.repeat(60, sample(0, 0), &workers(8));
    for _ in 0..3 {
        assert_eq!(bench.poll(sample(0, 0), &workers(8)).desired, 4);
    }
    // Now it has worked; the next step is 30 s after the decision.
    let waits: Vec<u32> = (0..6).map(|_| bench.poll(sample(0, 0), &workers(4)).desired).collect();
    assert_eq!(waits, [4, 4, 4, 4, 4, 2]);
}

#[test]
fn workers_that_somebody_adds_by_hand_leave_in_steps() {
    let mut bench = Bench::new(roomy(), 1);
    bench.repeat(60, sample(0, 0), &workers(1));
    let decision = bench.poll(sample(0, 0), &workers(9));
    assert_eq!(decision.desired, 5, "{}", decision.message);
}

#[test]
fn nonsense_in_the_policy_does_not_panic() {
    let nothing = Policy {
        concurrency: 0,
        prefetch: 0,
        max_replicas: 0,
        min_replicas: 3,
        spend_percent: 0,
        max_wait: std::time::Duration::ZERO,
        service_time_hint: std::time::Duration::ZERO,
        ..Policy::default()
    };
    let mut bench = Bench::new(nothing, 1);
    bench.policy.poll = std::time::Duration::ZERO;
    let pending = Workers { ready: 0, ..workers(1) };
    assert_eq!(bench.poll(sample(10, 1), &pending).desired, 3);
}
