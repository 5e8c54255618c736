//! Whole runs of the traces.

use std::time::Duration;

use scaling::{Policy, Reason};
use simulator::{Load, Scaling, Setup, Source, Trace, draw, replay, simulate, traces};

fn trace(name: &str) -> Trace {
    let found = traces().ok().into_iter().flatten().find(|trace| trace.name == name);
    found.unwrap_or_else(|| panic!("there is no trace {name}"))
}

fn policy(trace: &Trace) -> Policy {
    Policy { max_replicas: 40, service_time_hint: trace.hint, ..Policy::default() }
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_one_another() {
    let trace = trace("burst");
    let scaling = Scaling::Ours { policy: Box::new(policy(&trace)), source: Source::Management };
    let run = |seed| simulate(&Load::draw(&trace, seed), &scaling, &Setup { seed, ..Setup::default() });
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_load_is_drawn_in_order_and_at_its_rate() {
    let trace = trace("step");
    let load = Load::draw(&trace, 3);
    assert!(load.jobs.is_sorted_by_key(|job| job.published));
    let expected: f64 = trace.seconds.iter().map(|second| second.publishes).sum();
    let drawn = load.jobs.len() as f64;
    // Four standard deviations of a Poisson distribution.
    assert!((drawn - expected).abs() < 4.0 * expected.sqrt(), "{drawn} of {expected}");
    let mean = load.jobs.iter().map(|job| job.service.as_secs_f64()).sum::<f64>() / drawn;
    assert!((mean - 1.0).abs() < 0.05, "{mean} s");
}

#[test]
fn a_silent_broker_lowers_nothing() {
    let trace = trace("outage");
    let rows = replay(&trace, &policy(&trace), &Setup::default());
    let silent: Vec<_> = rows.iter().filter(|row| trace.outages[0].contains(&row.time)).collect();
    assert!(silent.len() > 50, "{} polls in the outage", silent.len());
    for pair in silent.windows(2) {
        assert!(pair[0].reason == Reason::Hold && pair[0].ready.is_none());
        assert!(pair[1].replicas >= pair[0].replicas, "at {:?}", pair[1].time);
    }
}

#[test]
fn a_replay_ends_when_the_workers_have_gone_and_can_be_drawn() {
    let trace = trace("recorded");
    let rows = replay(&trace, &policy(&trace), &Setup::default());
    assert!(rows.last().unwrap().time > trace.length());
    assert_eq!(rows.last().unwrap().replicas, 0);
    assert!(rows.iter().any(|row| row.replicas > 5), "the bursts need workers");
    let svg = draw("recorded", &rows).unwrap();
    for word in ["<svg", "recorded", "ready", "unacknowledged", "desired", "replicas", "polyline"] {
        assert!(svg.contains(word), "no {word} in the picture");
    }
    assert!(draw("nothing", &[]).is_ok(), "a run without polls has an empty picture");
}

#[test]
fn the_polls_come_in_the_rhythm_of_the_policy() {
    let trace = trace("burst");
    let rows = replay(&trace, &policy(&trace), &Setup { seed: 7, ..Setup::default() });
    assert!(rows.windows(2).all(|pair| pair[1].time - pair[0].time == Duration::from_secs(5)));
}
