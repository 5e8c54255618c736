//! Golden vectors for what KEDA decides by itself, and for it and the HPA together.

use std::time::Duration;

use simulator::{Count, Job, Keda, Load, Scaling, Setup, Trigger, simulate};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn the_first_message_brings_one_worker_and_no_more() {
    let mut keda = Keda::default();
    assert_eq!(keda.poll(seconds(0), 0, Trigger::Inactive), 0);
    assert_eq!(keda.poll(seconds(30), 0, Trigger::Active), 1);
    assert_eq!(keda.poll(seconds(60), 7, Trigger::Active), 7);
}

#[test]
fn all_workers_go_at_once_when_the_cooldown_has_passed() {
    let mut keda = Keda::default();
    keda.poll(seconds(0), 5, Trigger::Active);
    for time in (30..=300).step_by(30) {
        assert_eq!(keda.poll(seconds(time), 5, Trigger::Inactive), 5, "at {time} s");
    }
    assert_eq!(keda.poll(seconds(330), 5, Trigger::Inactive), 0);
}

#[test]
fn who_was_never_active_has_no_cooldown() {
    assert_eq!(Keda::default().poll(seconds(0), 3, Trigger::Inactive), 0);
}

#[test]
fn a_broker_that_does_not_answer_changes_nothing_but_the_cooldown_goes_on() {
    let mut keda = Keda::default();
    keda.poll(seconds(0), 5, Trigger::Active);
    assert_eq!(keda.poll(seconds(330), 5, Trigger::Failed), 5);
    assert_eq!(keda.poll(seconds(360), 5, Trigger::Inactive), 0);
}

#[test]
fn a_count_is_active_above_zero() {
    assert_eq!(Trigger::of(Some(0)), Trigger::Inactive);
    assert_eq!(Trigger::of(Some(1)), Trigger::Active);
    assert_eq!(Trigger::of(None), Trigger::Failed);
}

/// 100 messages come at second 1 and take longer than the run. Seed 0 has both polls start at 0 s. KEDA sees the messages
/// at 30 s: 1 worker. The HPA looks right after it and finds no pod yet, so that any ratio is infinite: it wants 10, for
/// 10 messages each, and gets 4. At 45 s it finds 96 ready messages and 4 pods, wants 10 and gets 8; at 60 s it finds 92
/// and gets 10. Pods come a second later.
#[test]
fn both_together_climb_as_computed_by_hand() {
    let job = Job { published: seconds(1), service: seconds(1000), poison: false, mail: false };
    let load = Load { jobs: vec![job; 100], length: seconds(120), outages: Vec::new() };
    let scaling = Scaling::Keda { messages_per_pod: 10, count: Count::Ready, max_replicas: 40 };
    let run = simulate(&load, &scaling, &Setup::default());
    assert_eq!(run.scale_events, 4);
    let by_hand = 4.0 * (120.0 - 31.0) + 4.0 * (120.0 - 46.0) + 2.0 * (120.0 - 61.0);
    assert!((run.replica_seconds - by_hand).abs() < 1e-6, "{} and not {by_hand}", run.replica_seconds);
}
