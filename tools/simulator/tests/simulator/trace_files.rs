//! Traces in files.

use std::path::Path;
use std::time::Duration;

use simulator::{RECORDED, parse_trace, read_trace};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn seconds_that_are_not_named_are_quiet() {
    let trace = parse_trace("mine", "second,publishes,service_ms\n1,5,250\n\n3,7\n", SECOND).unwrap();
    let publishes: Vec<f64> = trace.seconds.iter().map(|second| second.publishes).collect();
    assert_eq!(publishes, [0.0, 5.0, 0.0, 7.0]);
    assert_eq!(trace.seconds[1].service, Duration::from_millis(250));
    assert_eq!(trace.seconds[3].service, SECOND);
    assert_eq!(trace.length(), Duration::from_secs(4));
}

#[test]
fn a_line_that_makes_no_sense_is_named() {
    for (text, expected) in [
        ("second,publishes\n0,1\n1", "line 3: expected second,publishes[,service_ms] and not \"1\""),
        ("0,-3", "line 1: publishes: \"-3\" is no whole number from 0 to 1000000"),
        ("0,1\n0,2", "line 2: second 0 comes after second 0"),
        ("1732600000,2", "line 1: second: \"1732600000\" is no whole number from 0 to 604800"),
        ("0,1,fast", "line 1: service_ms: \"fast\" is no whole number from 0 to 4294967295"),
        ("second,publishes\n", "the trace has no seconds"),
    ] {
        assert_eq!(parse_trace("mine", text, SECOND).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = read_trace(Path::new("nowhere/trace.csv"), SECOND).unwrap_err();
    assert_eq!(error.to_string(), "cannot read nowhere/trace.csv");
}

#[test]
fn the_recorded_trace_has_bursts() {
    let trace = parse_trace("recorded", RECORDED, SECOND).unwrap();
    let total: f64 = trace.seconds.iter().map(|second| second.publishes).sum();
    let highest = trace.seconds.iter().map(|second| second.publishes).fold(0.0, f64::max);
    assert!(trace.seconds.len() >= 600 && total > 1000.0, "{} seconds, {total}", trace.seconds.len());
    assert!(highest > 10.0 * total / trace.seconds.len() as f64, "the highest second has {highest}");
}
