//! What the scaler learns: arrivals, service time, wait.

use std::time::Duration;

use scaling::{Observation, Policy, Sample, Workers};

use crate::model::{Bench, Queue, declared, roomy, sample, secs, workers};

fn near(value: f64, expected: f64, share: f64) {
    assert!((value - expected).abs() <= expected * share, "{value}, not about {expected}");
}

#[test]
fn arrivals_are_learned_from_the_counter() {
    let mut bench = Bench::new(roomy(), 4);
    for poll in 0..60 {
        bench.poll(Sample { published: Some(1_000 + poll * 20), ..sample(0, 2) }, &workers(4));
    }
    let decision = bench.poll(Sample { published: Some(2_200), ..sample(0, 2) }, &workers(4));
    near(decision.estimate.arrivals_per_second, 4.0, 0.02);
}

#[test]
fn without_a_counter_arrivals_are_what_is_there_in_addition_and_what_left() {
    let mut bench = Bench::new(roomy(), 4);
    let mut last = None;
    for poll in 0..60 {
        let figures = Sample { published: None, acked: Some(poll * 15), ..sample(poll * 5, 4) };
        last = Some(bench.poll(figures, &workers(4)));
    }
    near(last.expect("a decision").estimate.arrivals_per_second, 4.0, 0.02);
}

#[test]
fn a_passive_declare_sizes_by_what_piles_up_and_by_who_is_busy() {
    let mut bench = Bench::new(roomy(), 4);
    let busy = Workers { busy: Some(4), ..workers(4) };
    let mut last = None;
    for poll in 0..60 {
        last = Some(bench.poll(declared(poll * 5, 4), &busy));
    }
    // Four run at 1 s each, and one more a second piles up.
    near(last.expect("a decision").estimate.arrivals_per_second, 5.0, 0.02);
}

/// Polls with so many more published at each; the rates that are told.
fn rates(bench: &mut Bench, published: &mut u64, more: &[u64]) -> Vec<f64> {
    let poll = |more: &u64| {
        *published += more;
        let figures = Sample { published: Some(*published), ..sample(0, 1) };
        bench.poll(figures, &workers(4)).estimate.arrivals_per_second
    };
    more.iter().map(poll).collect()
}

#[test]
fn a_rise_and_a_fall_that_last_are_followed() {
    let (mut bench, mut published) = (Bench::new(roomy(), 4), 0);
    rates(&mut bench, &mut published, &[5; 60]);
    let risen = rates(&mut bench, &mut published, &[50; 6]);
    assert!(risen[1] < risen[5] && risen[5] > 6.0, "{risen:?}");
    rates(&mut bench, &mut published, &[50; 60]);
    let fallen = rates(&mut bench, &mut published, &[5; 12]);
    assert!(fallen[0] > 6.0 && fallen[11] < 3.0, "{fallen:?}");
}

#[test]
fn a_single_burst_is_not_expected_again() {
    let (mut bench, mut published) = (Bench::new(roomy(), 4), 0);
    rates(&mut bench, &mut published, &[5; 60]);
    let after = rates(&mut bench, &mut published, &[500, 5, 5, 5]);
    assert!(after.iter().all(|&rate| rate < 2.0), "{after:?}");
}

#[test]
fn a_single_message_among_silence_does_not_ask_for_a_crowd() {
    let mut bench = Bench::new(Policy { service_time_hint: secs(600), ..roomy() }, 0);
    bench.repeat(60, sample(0, 0), &workers(0));
    let decision = bench.poll(Sample { published: Some(1), ..sample(1, 0) }, &workers(0));
    assert!((1..=4).contains(&decision.desired), "{}", decision.message);
}

#[test]
fn the_service_time_of_long_jobs_rises_before_the_first_is_done() {
    let mut bench = Bench::new(roomy(), 10);
    let mut queue = Queue::new(10, 0.0, 600.0);
    queue.put(1_000);
    let mut before = Duration::ZERO;
    for (poll, (_, decision)) in (1_u64..).zip(queue.drive(&mut bench, 590)) {
        let estimate = decision.estimate.service_time;
        assert!(estimate >= before, "{before:?} to {estimate:?}");
        assert!(estimate <= secs(10 * poll + 5), "{estimate:?} after {} s", poll * 5);
        before = estimate;
    }
    assert_eq!(queue.sample.acked, Some(0));
    assert!(before > secs(300), "{before:?}");
}

#[test]
fn the_service_time_becomes_what_it_is() {
    for (service, hint) in [(0.5, 5_000), (2.0, 100), (60.0, 1_000)] {
        let policy = Policy { service_time_hint: Duration::from_millis(hint), ..roomy() };
        let mut bench = Bench::new(policy, 5);
        let mut queue = Queue::new(5, 4.0 / service, service);
        let last = queue.drive(&mut bench, 3_600).pop().expect("a decision").1;
        near(last.estimate.service_time.as_secs_f64(), service, 0.15);
    }
}

#[test]
fn what_was_learned_outlasts_the_night() {
    let mut bench = Bench::new(roomy(), 5);
    let mut queue = Queue::new(5, 1.0, 4.0);
    queue.drive(&mut bench, 600);
    queue.rate = 0.0;
    let last = queue.drive(&mut bench, 36_000).pop().expect("a decision").1;
    assert_eq!(last.desired, 0);
    near(last.estimate.service_time.as_secs_f64(), 4.0, 0.15);
}

#[test]
fn a_broker_that_does_not_count_acknowledgements_leaves_the_hint() {
    let mut bench = Bench::new(roomy(), 3);
    let decision = bench.repeat(3_600, declared(100, 3), &workers(3));
    assert_eq!(decision.estimate.service_time, secs(1));
}

#[test]
fn counters_that_begin_anew_teach_nothing() {
    let mut bench = Bench::new(roomy(), 4);
    let mut queue = Queue::new(4, 3.0, 1.0);
    let before = queue.drive(&mut bench, 600).pop().expect("a decision").1.estimate;
    queue.run(secs(5));
    queue.sample = Sample { published: Some(3), acked: Some(2), delivered: Some(2), ..queue.sample };
    let after = bench.poll(queue.sample, &queue.workers).estimate;
    assert_eq!(after.arrivals_per_second, before.arrivals_per_second);
    assert_eq!(after.service_time, before.service_time);
    let later = queue.drive(&mut bench, 60).pop().expect("a decision").1.estimate;
    near(later.arrivals_per_second, 3.0, 0.1);
}

#[test]
fn what_comes_between_silences_is_not_taken_for_a_flood() {
    let mut bench = Bench::new(roomy(), 4);
    bench.poll(Sample { published: Some(10), ..sample(0, 0) }, &workers(4));
    bench.fail(scaling::UnknownKind::Unreachable, &workers(4));
    let after = bench.poll(Sample { published: Some(1_000_000), ..sample(0, 0) }, &workers(4));
    assert_eq!(after.estimate.arrivals_per_second, 0.0);
}

#[test]
fn a_second_look_at_the_same_instant_decides_the_same_and_learns_nothing() {
    let mut bench = Bench::new(roomy(), 4);
    let figures = |published| Observation::Sample(Sample { published: Some(published), ..sample(9, 4) });
    bench.observe(&figures(100), &workers(4));
    let first = bench.observe(&figures(150), &workers(4));
    let again = bench.scaler.step(bench.now, &bench.policy, &figures(170), &workers(4));
    assert_eq!(again, first);
    // What the second look saw is not lost: 70 came in the last 10 s.
    let next = bench.observe(&figures(170), &workers(4)).estimate.arrivals_per_second;
    assert!(next > 0.0 && next < 14.0, "{next}");
}

#[test]
fn polls_that_come_a_second_early_or_late_make_no_difference() {
    let mut bench = Bench::new(roomy(), 4);
    let mut counts = Vec::new();
    for poll in 0..200_u64 {
        let late = secs(poll * 5 + [0, 1, 0, 2][poll as usize % 4]);
        let came = late.as_secs() * 3;
        let figures = Sample { published: Some(came), acked: Some(came), ..sample(0, 3) };
        let at = bench.now + late;
        let decision = bench.scaler.step(at, &bench.policy, &Observation::Sample(figures), &workers(4));
        counts.push(decision.desired);
    }
    assert!(counts[3..].iter().all(|&count| count == 3), "{counts:?}");
}

#[test]
fn the_wait_is_what_lies_ahead_by_what_the_workers_do() {
    let mut bench = Bench::new(Policy { prefetch: 10, ..roomy() }, 4);
    // 4 of the 12 held run; 8 and the 20 that wait are ahead of a new one.
    let decision = bench.poll(sample(20, 12), &workers(4));
    assert_eq!(decision.estimate.wait, Some(secs(7)));
    assert_eq!(bench.poll(sample(20, 12), &Workers { ready: 0, ..workers(4) }).estimate.wait, None);
}
