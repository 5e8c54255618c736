//! How workers come, end and are chosen.

use std::time::Duration;

use scaling::Policy;
use simulator::{Count, Job, Load, Run, Scaling, Setup, Source, Trace, simulate};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn job(published: u64, service: u64) -> Job {
    Job { published: seconds(published), service: seconds(service), poison: false, mail: false }
}

fn load(jobs: Vec<Job>, length: u64) -> Load {
    Load { jobs, length: seconds(length), outages: Vec::new() }
}

fn keda(load: &Load, setup: &Setup) -> Run {
    let scaling = Scaling::Keda { messages_per_pod: 10, count: Count::Ready, max_replicas: 40 };
    simulate(load, &scaling, setup)
}

fn ours(load: &Load, setup: &Setup) -> Run {
    let policy = Policy { max_replicas: 40, prefetch: setup.prefetch, ..Policy::default() };
    simulate(load, &Scaling::Ours { policy: Box::new(policy), source: Source::Management }, setup)
}

/// KEDA that counts ready messages takes the only worker away from its job after the cooldown.
#[test]
fn a_job_longer_than_the_grace_period_of_its_worker_is_killed_and_done_again() {
    let load = load(vec![job(1, 600)], 700);
    let killed = keda(&load, &Setup::default());
    assert_eq!(killed.killed, 1);
    // The worker is told to end about 331 s from the start and killed 30 s later; the message waits for the next one.
    assert!(killed.waits[0] > seconds(360), "{:?}", killed.waits);
    let patient = keda(&load, &Setup { grace: seconds(900), ..Setup::default() });
    assert_eq!(patient.killed, 0);
    assert!(patient.waits[0] < seconds(60), "{:?}", patient.waits);
}

#[test]
fn the_operator_leaves_a_busy_worker_alone() {
    let run = ours(&load(vec![job(1, 600), job(2, 5)], 1500), &Setup::default());
    assert_eq!(run.killed, 0);
    assert!(run.rows.iter().rev().take(10).all(|row| row.replicas == 0), "it leaves in the end");
}

#[test]
fn the_first_message_has_a_worker_after_a_poll_and_a_start() {
    // Polls and ticks at 0, 5, 10 and 15 s; the pod is made at 16 s and starts within 6.4 to 9.6 s.
    let run = ours(&load(vec![job(12, 1)], 60), &Setup::default());
    let wait = run.waits[0].as_secs_f64();
    assert!((10.4..=13.6).contains(&wait), "{wait} s");
}

#[test]
fn what_a_worker_gives_back_is_done_by_another() {
    // Bursts with a pause between them: workers come and go, and hold up to ten messages each.
    let jobs = (0..600).map(|number| job(10 + number / 200 * 400, 1)).collect();
    let run = ours(&load(jobs, 2000), &Setup { prefetch: 10, ..Setup::default() });
    assert_eq!((run.waits.len(), run.killed, run.lost), (600, 0, 0));
    assert!(run.waits.iter().all(|wait| *wait < seconds(120)), "a message was forgotten");
}

#[test]
fn a_message_that_no_worker_can_do_is_given_up_and_the_others_are_done() {
    let poison =
        Job { published: seconds(1), service: Duration::from_millis(200), poison: true, mail: false };
    let load = load(vec![poison, job(2, 1), job(3, 1)], 120);
    let run = ours(&load, &Setup::default());
    assert_eq!((run.waits.len(), run.lost), (2, 0));
    assert!(run.waits.iter().all(|wait| *wait < seconds(60)), "{:?}", run.waits);
}

#[test]
fn no_scaler_has_a_worker_before_the_floor() {
    let load = load((0..200).map(|number| job(number, 2)).collect(), 600);
    let floor = simulate(&load, &Scaling::Floor { max_replicas: 40 }, &Setup::default());
    let longest = |run: &Run| run.waits.iter().max().copied();
    assert!(longest(&floor) <= longest(&ours(&load, &Setup::default())));
    assert_eq!(floor.scale_events, 1);
}

/// As quorum queues do it: after two urgent messages one of the others.
#[test]
fn mails_are_delivered_between_urgent_messages_that_came_later() {
    let mail = Job { published: seconds(1), service: Trace::MAIL, poison: false, mail: true };
    let mut jobs = vec![mail; 10];
    jobs.extend([job(2, 1); 4]);
    let run = simulate(&load(jobs, 60), &Scaling::Floor { max_replicas: 1 }, &Setup::default());
    let begins = run.waits.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>();
    assert_eq!(begins, [seconds(1), seconds(1) + Trace::MAIL, seconds(1)], "{:?}", run.waits);
}
