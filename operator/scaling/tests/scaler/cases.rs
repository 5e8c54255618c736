//! The table of cases, row by row.

use scaling::{BROKER_START, Fallback, Policy, Reason, Sample, Seed, UnknownKind, Workers};

use crate::model::{Bench, Queue, declared, roomy, sample, secs, workers};

#[test]
fn with_no_worker_a_single_message_asks_for_one_at_once() {
    let decision = Bench::new(Policy::default(), 0).poll(sample(1, 0), &workers(0));
    assert_eq!((decision.desired, decision.write, decision.reason), (1, true, Reason::Backlog));
}

#[test]
fn with_no_worker_a_backlog_is_sized_by_the_hint() {
    // Of 24 s that may be used, 5 go by until the next poll and 11 until a worker works: 8 s are left for 5,000 jobs.
    for (hint, expected) in [(1_000, 625), (100, 63)] {
        let hint = std::time::Duration::from_millis(hint);
        let policy = Policy { max_replicas: 1_000, service_time_hint: hint, ..Policy::default() };
        let decision = Bench::new(policy, 0).poll(sample(5_000, 0), &workers(0));
        assert_eq!(decision.desired, expected, "{}", decision.message);
    }
}

#[test]
fn the_service_time_that_was_last_reported_outweighs_the_hint() {
    let seed = Seed { service_time: Some(secs(2)), answered: true, ..Seed::default() };
    let mut bench = Bench::seeded(roomy(), seed);
    let decision = bench.poll(sample(80, 0), &workers(0));
    assert_eq!((decision.desired, decision.estimate.service_time), (20, secs(2)));
}

#[test]
fn the_longer_workers_take_to_start_the_more_are_asked_for() {
    for (startup, expected) in [(2, 10), (6, 14), (10, 20), (15, 22)] {
        let seed = Seed { startup: Some(secs(startup)), answered: true, ..Seed::default() };
        let decision = Bench::seeded(roomy(), seed).poll(sample(160, 0), &workers(0));
        assert_eq!((decision.desired, decision.limited), (expected, false), "{}", decision.message);
        assert_eq!(decision.estimate.startup, Some(secs(startup)));
    }
}

#[test]
fn what_ready_workers_have_shown_outweighs_what_was_reported() {
    let seed = Seed { startup: Some(secs(2)), answered: true, ..Seed::default() };
    let mut bench = Bench::seeded(roomy(), seed);
    let shown = Workers { startup: Some(secs(14)), ..workers(1) };
    assert_eq!(bench.poll(sample(0, 0), &shown).estimate.startup, Some(secs(14)));
    assert_eq!(bench.poll(sample(0, 0), &workers(1)).estimate.startup, Some(secs(14)));
    // Also when the broker is silent just then.
    let slower = Workers { startup: Some(secs(20)), ..workers(2) };
    assert_eq!(bench.fail(UnknownKind::Unreachable, &slower).estimate.startup, Some(secs(20)));
}

#[test]
fn workers_that_start_too_slowly_for_the_limit_are_told_with_the_minimum_that_would_keep_it() {
    let seed = Seed { startup: Some(secs(60)), answered: true, ..Seed::default() };
    let mut bench = Bench::seeded(roomy(), seed);
    let mut queue = Queue::new(0, 3.0, 1.0);
    queue.start_up = 60.0;
    let decision = queue.drive(&mut bench, 1_200).pop().expect("a decision").1;
    assert!(
        decision.limited && decision.message.contains("a worker takes 60 s to start"),
        "{}",
        decision.message
    );
    assert!(decision.message.contains("minReplicas 4 would keep it"), "{}", decision.message);
    bench.policy.min_replicas = 4;
    let decision = bench.poll(queue.sample, &queue.workers);
    assert!(!decision.limited && !decision.message.contains("minReplicas"), "{}", decision.message);
}

#[test]
fn a_queue_within_the_allowance_asks_for_nobody() {
    let mut bench = Bench::new(roomy(), 4);
    let mut published = 0;
    let mut poll = |bench: &mut Bench, ready| {
        // 4 a second come, and 4 workers do them.
        published += 20;
        let figures = Sample { published: Some(published), acked: Some(published), ..sample(ready, 4) };
        bench.poll(figures, &workers(4))
    };
    for _ in 0..30 {
        poll(&mut bench, 40);
    }
    let decision = poll(&mut bench, 40);
    assert_eq!((decision.desired, decision.reason), (4, Reason::SteadyLoad), "{}", decision.message);
    assert_eq!(decision.estimate.wait, Some(secs(10)));
    let decision = poll(&mut bench, 100);
    assert!(decision.desired > 4, "{}", decision.message);
}

#[test]
fn while_nobody_sees_the_queue_there_is_room_for_what_was_known_to_come() {
    let mut bench = Bench::new(roomy(), 0);
    let mut queue = Queue::new(0, 4.0, 1.0);
    queue.drive(&mut bench, 900);
    let present = queue.workers.clone();
    assert_eq!(present.replicas, 4);
    assert_eq!(bench.fail(UnknownKind::Unreachable, &present).desired, 4);
    let decision = bench.fail(UnknownKind::Unreachable, &present);
    assert_eq!(
        (decision.desired, decision.write, decision.reason),
        (5, true, Reason::Hold),
        "{}",
        decision.message
    );
    bench.policy.max_replicas = 4;
    assert_eq!(bench.fail(UnknownKind::Unreachable, &present).desired, 4);
}

#[test]
fn with_no_worker_and_no_message_nothing_happens() {
    for sample in [sample(0, 0), declared(0, 0)] {
        let decision = Bench::new(roomy(), 0).poll(sample, &workers(0));
        assert_eq!((decision.desired, decision.write, decision.reason), (0, false, Reason::Idle));
    }
}

#[test]
fn messages_that_leaving_workers_still_hold_need_no_new_worker() {
    let decision = Bench::new(roomy(), 0).poll(sample(0, 3), &workers(0));
    assert_eq!((decision.desired, decision.write), (0, false), "{}", decision.message);
}

#[test]
fn a_restart_keeps_the_workers_for_a_window_and_begins_the_idle_clock() {
    let mut bench = Bench::new(roomy(), 8);
    let held = bench.repeat(15, sample(0, 0), &workers(8));
    assert_eq!((held.desired, held.write, held.reason), (8, false, Reason::Hold), "{}", held.message);
    let mut now = workers(8);
    let steps = bench.follow(275, sample(0, 0), &mut now);
    assert_eq!((steps[0], steps.last().copied()), (4, Some(1)), "{steps:?}");
    assert_eq!(bench.follow(15, sample(0, 0), &mut now).last(), Some(&0));
}

#[test]
fn whatever_is_unknown_holds_and_is_counted() {
    let kinds = [
        UnknownKind::Unreachable,
        UnknownKind::Unauthorized,
        UnknownKind::NotFound,
        UnknownKind::Incomplete,
        UnknownKind::Suspect,
    ];
    let mut bench = Bench::new(roomy(), 6);
    for (failures, kind) in (1..).zip(kinds) {
        let decision = bench.fail(kind, &workers(6));
        assert_eq!((decision.desired, decision.write, decision.reason), (6, false, Reason::Hold));
        assert_eq!((decision.failures, decision.estimate.wait), (failures, None));
        assert!(decision.message.contains(&kind.to_string()), "{}", decision.message);
    }
    assert_eq!(bench.poll(sample(0, 0), &workers(6)).failures, 0);
}

#[test]
fn a_long_silence_lowers_nothing_and_does_not_count_as_idle() {
    let mut bench = Bench::new(roomy(), 6);
    for _ in 0..1_000 {
        assert_eq!(bench.fail(UnknownKind::Unreachable, &workers(6)).desired, 6);
    }
    // Back again, the queue is empty: the last known need still counts for a window.
    assert_eq!(bench.poll(sample(0, 0), &workers(6)).desired, 6);
    let mut now = workers(6);
    assert_eq!(bench.follow(290, sample(0, 0), &mut now).last(), Some(&1));
}

#[test]
fn empty_and_without_consumers_while_workers_are_ready_is_suspect() {
    let mut bench = Bench::new(roomy(), 4);
    let suspect = bench.repeat(600, declared(0, 0), &workers(4));
    assert_eq!((suspect.desired, suspect.reason, suspect.failures), (4, Reason::Hold, 120));
    assert!(suspect.message.contains("Suspect"), "{}", suspect.message);
    // A source that also counts the unacknowledged messages is not taken in by it.
    let known = bench.poll(Sample { consumers: 0, ..sample(0, 0) }, &workers(4));
    assert_eq!(known.failures, 0);
    // Nor is it suspect while no worker is ready.
    let starting = Workers { ready: 0, ..workers(4) };
    assert_eq!(bench.poll(declared(0, 0), &starting).failures, 0);
}

#[test]
fn the_fallback_only_raises_and_only_after_enough_failures() {
    let fallback = Some(Fallback { after_failures: 3, replicas: 5 });
    let policy = Policy { fallback, ..roomy() };
    for (current, expected) in [(2, 5), (5, 5), (9, 9)] {
        let mut bench = Bench::new(policy.clone(), current);
        for _ in 0..2 {
            let decision = bench.fail(UnknownKind::Unreachable, &workers(current));
            assert_eq!((decision.desired, decision.fell_back), (current, false));
        }
        let decision = bench.fail(UnknownKind::Unreachable, &workers(current));
        assert_eq!((decision.desired, decision.fell_back), (expected, true));
        assert_eq!((decision.write, decision.reason), (expected != current, Reason::Hold));
        // What it raised stays for a window after the broker is back.
        let back = bench.poll(sample(0, 0), &workers(expected));
        assert_eq!((back.desired, back.fell_back), (expected, false), "{}", back.message);
    }
    let mut small = Bench::new(Policy { max_replicas: 3, ..policy }, 2);
    for _ in 0..5 {
        small.fail(UnknownKind::Unreachable, &workers(2));
    }
    assert_eq!(small.fail(UnknownKind::Unreachable, &workers(2)).desired, 3);
}

#[test]
fn before_the_first_answer_there_is_nothing_to_fall_back_from() {
    let fallback = Some(Fallback { after_failures: 3, replicas: 5 });
    let new = Seed { replicas: 1, ..Seed::default() };
    let mut bench = Bench::seeded(Policy { fallback, ..roomy() }, new);
    let polls = BROKER_START.as_secs() / bench.policy.poll.as_secs();
    for poll in 1..2 * polls {
        let decision = bench.fail(UnknownKind::NotFound, &workers(1));
        assert_eq!((decision.desired, decision.fell_back), (1, false), "{poll}");
        assert_eq!(decision.broker_starting, poll < polls, "{poll}");
    }
    assert!(!bench.poll(sample(0, 0), &workers(1)).broker_starting);
    let silent: Vec<_> = (0..3).map(|_| bench.fail(UnknownKind::Unreachable, &workers(1))).collect();
    assert!(silent.iter().all(|decision| !decision.broker_starting));
    assert_eq!((silent[2].desired, silent[2].fell_back), (5, true));
}

#[test]
fn a_refused_password_is_no_broker_that_starts() {
    let mut bench = Bench::seeded(roomy(), Seed::default());
    assert!(!bench.fail(UnknownKind::Unauthorized, &workers(0)).broker_starting);
}

#[test]
fn workers_that_are_not_ready_yet_are_not_asked_for_again() {
    let mut bench = Bench::new(roomy(), 0);
    let first = bench.poll(sample(40, 0), &workers(0));
    assert_eq!(first.desired, 5);
    let pending = Workers { ready: 2, ..workers(5) };
    let second = bench.poll(sample(40, 0), &pending);
    assert_eq!((second.desired, second.write, second.reason), (5, false, Reason::Limited));
    assert!(second.limited);
    assert!(second.message.contains("2 ready"), "{}", second.message);
    let third = bench.poll(sample(40, 0), &workers(5));
    assert_eq!((third.limited, third.reason), (false, Reason::Hold));
}

#[test]
fn the_maximum_limits_and_says_what_is_needed() {
    let decision = Bench::new(Policy::default(), 0).poll(sample(5_000, 0), &workers(0));
    assert_eq!((decision.desired, decision.limited, decision.reason), (10, true, Reason::Limited));
    assert!(decision.message.contains("625"), "{}", decision.message);
}

#[test]
fn paused_and_dry_run_compute_and_write_nothing() {
    let paused = Policy { paused: true, ..roomy() };
    let decision = Bench::new(paused, 0).poll(sample(40, 0), &workers(0));
    assert_eq!((decision.desired, decision.write, decision.reason), (5, false, Reason::Paused));
    let dry = Policy { dry_run: true, ..roomy() };
    let decision = Bench::new(dry, 0).poll(sample(40, 0), &workers(0));
    assert_eq!((decision.desired, decision.write, decision.reason), (5, false, Reason::Backlog));
    assert!(decision.message.contains("dry run") && decision.message.contains("from 0 to 5"));
}

#[test]
fn a_second_scaler_of_the_same_workers_gets_its_way_and_is_named() {
    let other = Workers { conflict: Some("HorizontalPodAutoscaler jobs".to_owned()), ..workers(0) };
    let decision = Bench::new(roomy(), 0).poll(sample(40, 0), &other);
    assert_eq!((decision.desired, decision.write), (5, false));
    assert!(decision.message.contains("HorizontalPodAutoscaler jobs"), "{}", decision.message);
    // An unknown queue with a fallback does not write either.
    let fallback = Some(Fallback { after_failures: 1, replicas: 5 });
    let decision = Bench::new(Policy { fallback, ..roomy() }, 0).fail(UnknownKind::Unreachable, &other);
    assert_eq!((decision.desired, decision.write), (5, false));
}

#[test]
fn during_a_rollout_workers_come_but_do_not_leave() {
    let rollout = Workers { rollout: true, ..workers(8) };
    let mut bench = Bench::new(roomy(), 8);
    let decision = bench.repeat(600, sample(0, 0), &rollout);
    assert_eq!((decision.desired, decision.reason), (8, Reason::Hold));
    assert!(decision.message.contains("rollout"), "{}", decision.message);
    assert!(bench.poll(sample(300, 8), &rollout).desired > 8);
    // Nor do they leave when the owner lowers the maximum meanwhile.
    bench.policy.max_replicas = 3;
    assert_eq!(bench.poll(sample(0, 0), &rollout).desired, 8);
}
