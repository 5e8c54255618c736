//! What a scaler needs that knows all messages beforehand.

use std::time::Duration;

use simulator::{Job, Load, Scaling, Setup, least, simulate};

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Jobs of so many seconds each, at these times.
fn load(service: f64, times: impl Iterator<Item = f64>, length: f64) -> Load {
    let job = |time| Job { published: seconds(time), service: seconds(service), poison: false, mail: false };
    Load { jobs: times.map(job).collect(), length: seconds(length), outages: Vec::new() }
}

fn of(load: &Load, limit: f64, startup: f64) -> f64 {
    least(load, seconds(limit), seconds(startup), 10)
}

#[test]
fn an_even_load_needs_the_workers_that_it_keeps_busy_and_their_start() {
    // Two jobs of 1 s each second for 1,000 s, and nobody while nothing comes.
    let even = load(1.0, (0..2_000).map(|number| f64::from(number) / 2.0), 1_500.0);
    let needed = of(&even, 30.0, 8.0);
    assert!((2_016.0..2_030.0).contains(&needed), "{needed}");
}

#[test]
fn a_burst_needs_as_many_as_do_it_within_the_limit() {
    // 100 jobs of 1 s within the limit and the step in which they come: three workers, each of which starts once.
    let burst = load(1.0, (0..100).map(|_| 100.0), 300.0);
    assert_eq!(of(&burst, 30.0, 8.0), 100.0 + 3.0 * 8.0);
    // With more time fewer do.
    assert_eq!(of(&burst, 100.0, 8.0), 100.0 + 8.0);
}

#[test]
fn work_that_nobody_waits_for_is_work_too() {
    let mut mails = load(1.0, (0..100).map(f64::from), 300.0);
    mails.jobs.iter_mut().for_each(|job| job.mail = true);
    assert_eq!(of(&mails, 30.0, 8.0), 100.0);
    mails.jobs.iter_mut().for_each(|job| job.poison = true);
    assert_eq!(of(&mails, 30.0, 8.0), 2_000.0);
}

#[test]
fn nobody_who_is_in_time_needs_less() {
    for (service, every, startup) in [(1.0, 0.4, 2.0), (2.0, 3.0, 8.0), (0.5, 0.1, 8.0)] {
        let even = load(service, (0..500).map(|number| f64::from(number) * every), 500.0 * every + 60.0);
        let setup = Setup { startup: seconds(startup), ..Setup::default() };
        let all_the_time = simulate(&even, &Scaling::Floor { max_replicas: 10 }, &setup);
        assert!(all_the_time.waits.iter().all(|wait| *wait < seconds(30.0)));
        assert!(of(&even, 30.0, startup) < all_the_time.replica_seconds);
    }
}
