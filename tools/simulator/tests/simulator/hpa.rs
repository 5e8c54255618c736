//! Golden vectors, computed by hand from the algorithm that Kubernetes documents for the HPA: desired = ⌈metric / target⌉
//! unless the ratio lies within the tolerance, the highest of the last five minutes on the way down, at most
//! max(2 · current, 4) on the way up.

use std::time::Duration;

use simulator::{Hpa, Target};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An HPA of 10 messages per pod and 1 to 40 pods, at its first sync with so many pods.
fn first(pods: u32, metric: Option<u64>) -> u32 {
    Hpa::new(10, 1, 40).sync(seconds(0), Target { spec: pods, status: pods }, metric)
}

#[test]
fn it_goes_up_to_as_many_pods_as_hold_the_target() {
    for (pods, metric, expected) in [
        (1, 10, 1),    // Ratio 1.
        (2, 21, 2),    // Ratio 1.05 is within the tolerance.
        (2, 23, 3),    // Ratio 1.15; ⌈2.3⌉.
        (4, 61, 7),    // ⌈6.1⌉, below the limit of 8.
        (10, 105, 10), // Ratio 1.05.
        (10, 112, 12), // Ratio 1.12; ⌈11.2⌉.
    ] {
        assert_eq!(first(pods, Some(metric)), expected, "{pods} pods, {metric} messages");
    }
}

#[test]
fn one_sync_doubles_the_pods_at_most_but_may_reach_four() {
    for (pods, expected) in [(1, 4), (2, 4), (3, 6), (4, 8), (8, 16), (16, 32), (32, 40)] {
        assert_eq!(first(pods, Some(100_000)), expected, "from {pods}");
    }
}

#[test]
fn it_goes_down_when_five_minutes_have_asked_for_fewer() {
    let mut hpa = Hpa::new(10, 1, 40);
    let eight = Target { spec: 8, status: 8 };
    assert_eq!(hpa.sync(seconds(0), eight, Some(80)), 8);
    for time in (15..=300).step_by(15) {
        assert_eq!(hpa.sync(seconds(time), eight, Some(20)), 8, "at {time} s");
    }
    // What was asked for at 0 s is now older than the window.
    assert_eq!(hpa.sync(seconds(315), eight, Some(20)), 2);
}

#[test]
fn the_highest_proposal_of_the_window_counts_and_not_the_first() {
    let mut hpa = Hpa::new(10, 1, 40);
    let target = Target { spec: 8, status: 8 };
    hpa.sync(seconds(0), target, Some(80));
    hpa.sync(seconds(150), target, Some(50));
    assert_eq!(hpa.sync(seconds(315), target, Some(20)), 5);
    assert_eq!(hpa.sync(seconds(465), target, Some(20)), 2);
}

#[test]
fn a_new_hpa_counts_the_pods_that_it_finds_as_asked_for() {
    let mut hpa = Hpa::new(10, 1, 40);
    let target = Target { spec: 6, status: 6 };
    assert_eq!(hpa.sync(seconds(0), target, Some(0)), 6);
    assert_eq!(hpa.sync(seconds(315), target, Some(0)), 1, "and then the minimum");
}

#[test]
fn a_metric_that_cannot_be_had_changes_and_asks_for_nothing() {
    let mut hpa = Hpa::new(10, 1, 40);
    let target = Target { spec: 8, status: 8 };
    hpa.sync(seconds(0), target, Some(20));
    for time in (15..=600).step_by(15) {
        assert_eq!(hpa.sync(seconds(time), target, None), 8);
    }
    assert_eq!(hpa.sync(seconds(615), target, Some(20)), 2, "no proposal of the silence holds it up");
}

#[test]
fn a_target_of_no_replicas_switches_it_off_and_one_out_of_range_is_corrected() {
    assert_eq!(first(0, Some(1000)), 0);
    assert_eq!(first(50, None), 40);
    let mut hpa = Hpa::new(10, 3, 40);
    assert_eq!(hpa.sync(seconds(0), Target { spec: 2, status: 2 }, None), 3);
}

#[test]
fn pods_that_do_not_exist_yet_count_for_nothing() {
    // 76 messages on 7 of 8 pods are 1.09 of the target, so that 7 are proposed; the window keeps 8.
    let mut hpa = Hpa::new(10, 1, 40);
    assert_eq!(hpa.sync(seconds(0), Target { spec: 8, status: 7 }, Some(76)), 8);
    assert_eq!(hpa.sync(seconds(315), Target { spec: 8, status: 7 }, Some(76)), 7);
    // With none the ratio is infinite, or no number at all.
    assert_eq!(Hpa::new(10, 1, 40).sync(seconds(0), Target { spec: 1, status: 0 }, Some(35)), 4);
    assert_eq!(Hpa::new(10, 1, 40).sync(seconds(0), Target { spec: 1, status: 0 }, Some(0)), 1);
}
