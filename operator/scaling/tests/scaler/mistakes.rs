//! What comparable scalers get wrong, and the edges of scaling down.

use scaling::{Policy, Reason, Sample, UnknownKind, Workers};

use crate::model::{Bench, Queue, declared, roomy, sample, secs, workers};

#[test]
fn a_field_that_is_missing_in_the_answer_never_scales_to_zero() {
    let mut bench = Bench::new(roomy(), 5);
    bench.poll(sample(40, 5), &workers(5));
    for _ in 0..200 {
        let decision = bench.fail(UnknownKind::Incomplete, &workers(5));
        assert_eq!((decision.desired, decision.write), (5, false));
    }
    // A sample without the unacknowledged messages says nothing about who is busy.
    let mut bench = Bench::new(roomy(), 5);
    let decision = bench.repeat(1_200, Sample { unacked: None, ..sample(0, 0) }, &workers(5));
    assert_eq!((decision.desired, decision.reason), (5, Reason::BusyFloor), "{}", decision.message);
}

#[test]
fn the_way_to_zero_is_made_of_measured_steps() {
    let zero_soon = Policy { scale_to_zero_after: secs(0), ..roomy() };
    let mut bench = Bench::new(zero_soon, 20);
    let mut now = workers(20);
    let steps = bench.follow(300, sample(0, 0), &mut now);
    let mut changes = vec![(0, 20)];
    for (poll, &step) in steps.iter().enumerate() {
        if step != changes[changes.len() - 1].1 {
            changes.push((poll * 5, step));
        }
    }
    assert_eq!(changes.iter().map(|&(_, step)| step).collect::<Vec<_>>(), [20, 10, 5, 3, 2, 1, 0]);
    for pair in changes.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= 10, "{changes:?}");
    }
}

#[test]
fn the_last_worker_leaves_only_after_the_idle_time() {
    let mut bench = Bench::new(roomy(), 1);
    let kept = bench.repeat(295, sample(0, 0), &workers(1));
    assert_eq!((kept.desired, kept.reason), (1, Reason::Idle), "{}", kept.message);
    let left = bench.poll(sample(0, 0), &workers(1));
    assert_eq!((left.desired, left.write, left.reason), (0, true, Reason::Idle), "{}", left.message);
}

#[test]
fn anything_that_comes_runs_or_is_unknown_starts_the_idle_clock_again() {
    let events: [fn(&mut Bench); 4] = [
        |bench| drop(bench.poll(sample(1, 0), &workers(1))),
        |bench| drop(bench.poll(sample(0, 1), &workers(1))),
        |bench| drop(bench.fail(UnknownKind::Unreachable, &workers(1))),
        // It came and was done between two polls: only the counter tells.
        |bench| drop(bench.poll(Sample { published: Some(1), ..sample(0, 0) }, &workers(1))),
    ];
    for event in events {
        let mut bench = Bench::new(roomy(), 1);
        bench.repeat(290, sample(0, 0), &workers(1));
        event(&mut bench);
        let quiet = Sample { published: Some(1), ..sample(0, 0) };
        assert_eq!(bench.repeat(295, quiet, &workers(1)).desired, 1);
        assert_eq!(bench.repeat(15, quiet, &workers(1)).desired, 0);
    }
}

#[test]
fn the_minimum_outlasts_the_idle_time() {
    let mut bench = Bench::new(Policy { min_replicas: 2, ..roomy() }, 2);
    let decision = bench.repeat(900, sample(0, 0), &workers(2));
    assert_eq!((decision.desired, decision.write, decision.reason), (2, false, Reason::Idle));
}

#[test]
fn the_first_message_is_noticed_at_the_next_poll() {
    let mut bench = Bench::new(roomy(), 0);
    bench.repeat(600, sample(0, 0), &workers(0));
    let decision = bench.poll(Sample { published: Some(1), ..sample(1, 0) }, &workers(0));
    assert_eq!((decision.desired, decision.write), (1, true));
}

#[test]
fn no_busy_worker_is_sent_away() {
    let mut bench = Bench::new(roomy(), 10);
    let decision = bench.repeat(300, sample(0, 7), &workers(10));
    assert_eq!((decision.desired, decision.reason), (7, Reason::BusyFloor), "{}", decision.message);
    let decision = bench.repeat(300, sample(0, 10), &workers(10));
    assert_eq!((decision.desired, decision.write), (10, false));
}

#[test]
fn the_workers_own_word_tells_which_of_the_held_messages_run() {
    let policy = Policy { prefetch: 10, ..roomy() };
    let with_word = Workers { busy: Some(2), ..workers(10) };
    // Fast jobs, so that few workers would do.
    let fast = Policy { service_time_hint: std::time::Duration::from_millis(1), ..policy };
    for (now, least) in [(workers(10), 8), (with_word, 2)] {
        let mut bench = Bench::new(fast.clone(), 10);
        let mut now = now;
        let mut published = 0;
        for _ in 0..200 {
            published += 1_000;
            // Without acknowledgements the hint stays.
            let counters = Sample { published: Some(published), acked: None, ..sample(0, 8) };
            let decision = bench.poll(counters, &now);
            assert!(decision.desired >= least, "{}", decision.message);
            now.replicas = decision.desired;
            now.ready = decision.desired;
        }
        assert_eq!(now.replicas, least);
    }
}

#[test]
fn amqp_alone_lowers_by_the_workers_word_and_otherwise_not() {
    let mut bench = Bench::new(roomy(), 4);
    let decision = bench.repeat(1_200, declared(0, 4), &workers(4));
    assert_eq!((decision.desired, decision.reason), (4, Reason::BusyFloor), "{}", decision.message);

    let mut bench = Bench::new(roomy(), 4);
    let mut told = Workers { busy: Some(2), ..workers(4) };
    // Two that are always busy are two per second at 1 s each: two workers.
    assert_eq!(bench.follow(1_200, declared(0, 4), &mut told).last(), Some(&2));
    told.busy = Some(0);
    assert_eq!(bench.follow(600, declared(0, 4), &mut told).last(), Some(&0));
}

#[test]
fn long_jobs_are_not_killed() {
    let mut bench = Bench::new(Policy { max_replicas: 30, ..Policy::default() }, 0);
    let mut queue = Queue::new(0, 0.0, 600.0);
    for _ in 0..3 {
        queue.put(20);
        queue.drive(&mut bench, 2_400);
    }
    assert_eq!((queue.killed, queue.sample.acked), (0, Some(60)));
    assert_eq!(queue.workers.replicas, 0);
}

#[test]
fn a_wrong_hint_neither_flaps_nor_leaves_a_backlog() {
    for hint in [10, 100, 10_000, 100_000] {
        let hint = std::time::Duration::from_millis(hint);
        let mut bench = Bench::new(Policy { service_time_hint: hint, ..roomy() }, 0);
        let mut queue = Queue::new(0, 5.0, 1.0);
        queue.drive(&mut bench, 600);
        let later = queue.drive(&mut bench, 600);
        let counts: Vec<u32> = later.iter().map(|&(count, _)| count).collect();
        assert!(counts.iter().all(|&count| (5..=6).contains(&count)), "hint {hint:?}: {counts:?}");
        assert!(
            counts.windows(2).filter(|pair| pair[0] != pair[1]).count() <= 8,
            "hint {hint:?}: {counts:?}"
        );
        let wait = later.iter().filter_map(|(_, decision)| decision.estimate.wait).max();
        assert!(wait < Some(bench.policy.max_wait), "hint {hint:?}: {wait:?}");
    }
}

#[test]
fn messages_that_come_back_again_and_again_get_no_more_workers() {
    let mut bench = Bench::new(roomy(), 3);
    let (mut seen, mut last) = (sample(20, 3), None);
    for poll in 1..=30 {
        seen.delivered = Some(poll * 30);
        seen.redelivered = Some(poll * 29);
        let decision = bench.poll(Sample { ready: 20 + poll * 50, ..seen }, &workers(3));
        if poll <= 12 {
            assert!(!decision.poison_suspected, "not before a minute of it");
        }
        last = Some(decision);
    }
    let last = last.expect("a decision");
    assert!(last.poison_suspected);
    assert_eq!((last.desired, last.write, last.reason), (3, false, Reason::Hold), "{}", last.message);
    // Nor with no worker left, but one may try.
    let none = bench.clone().poll(Sample { ready: 2_000, ..seen }, &workers(0));
    assert_eq!((none.poison_suspected, none.desired), (true, 1), "{}", none.message);
    // A single acknowledged delivery in three ends the suspicion.
    seen.delivered = Some(930);
    seen.acked = Some(10);
    let cured = bench.poll(Sample { ready: 2_000, ..seen }, &workers(3));
    assert!(!cured.poison_suspected && cured.desired > 3, "{}", cured.message);
}

#[test]
fn long_jobs_and_a_killed_worker_are_no_poison() {
    let mut bench = Bench::new(roomy(), 3);
    let held = Sample { delivered: Some(3), ..sample(5, 3) };
    bench.repeat(120, held, &workers(3));
    let again = Sample { delivered: Some(5), redelivered: Some(2), ..held };
    assert!(!bench.repeat(300, again, &workers(3)).poison_suspected);
}

#[test]
fn messages_that_the_broker_gives_up_in_the_end_get_workers() {
    let mut bench = Bench::new(roomy(), 3);
    let (mut seen, mut last) = (sample(0, 3), None);
    for poll in 1..=30 {
        // 30 deliveries of each poll are the twentieth of 1.5 messages, and the queue grows.
        seen.published = Some(poll * 10);
        seen.delivered = Some(poll * 30);
        seen.redelivered = Some(poll * 28);
        seen.ready = poll * 10 - poll * 3 / 2 - 3;
        last = Some(bench.poll(seen, &workers(3)));
    }
    let last = last.expect("a decision");
    assert!(last.poison_suspected, "nothing gets done, which somebody should know");
    assert!(last.desired > 10, "{}", last.message);
    // 15 s of work for each one and a half that leave.
    assert!((secs(5)..secs(15)).contains(&last.estimate.service_time), "{:?}", last.estimate.service_time);
}

#[test]
fn a_purge_teaches_nothing_about_the_service_time() {
    let mut bench = Bench::new(roomy(), 4);
    let mut queue = Queue::new(4, 3.0, 1.0);
    let before = queue.drive(&mut bench, 600).pop().expect("a decision").1.estimate.service_time;
    queue.put(10_000);
    bench.poll(queue.sample, &queue.workers);
    queue.sample.ready = 0;
    let after = bench.poll(queue.sample, &queue.workers).estimate.service_time;
    assert!(after >= before, "{before:?}, then {after:?}");
}

#[test]
fn ten_thousand_short_jobs_do_not_hide_that_long_ones_follow() {
    let mut bench = Bench::new(roomy(), 4);
    let mut queue = Queue::new(4, 30.0, 0.1);
    queue.drive(&mut bench, 600);
    (queue.rate, queue.service) = (3.0, 1.0);
    let later = queue.drive(&mut bench, 60).pop().expect("a decision").1.estimate.service_time;
    assert!(later > std::time::Duration::from_millis(600), "{later:?}");
}
