//! The program on the command line.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    fs,
    process::{Command, Output},
};

use tempfile::TempDir;

fn replay(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_simulator")).arg("replay").args(args).output().unwrap()
}

#[test]
fn a_wrong_setting_is_named() {
    for (args, words) in [
        (vec![], ["--trace", "required"]),
        (vec!["--trace", "/does/not/exist"], ["--trace /does/not/exist", "cannot read"]),
        (vec!["--trace", "/dev/null", "--min-replicas", "20"], ["maxReplicas", "minReplicas"]),
    ] {
        let output = replay(&args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{args:?}");
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
}

#[test]
fn a_trace_is_played_and_drawn() {
    let folder = TempDir::new().unwrap();
    let (trace, svg) = (folder.path().join("burst.csv"), folder.path().join("burst.svg"));
    fs::write(&trace, "second,publishes\n10,200\n").unwrap();
    let output = replay(&["--trace", trace.to_str().unwrap(), "--svg", svg.to_str().unwrap()]);
    let table = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..6], ["seconds", "ready", "unacked", "current", "desired", "reason"]);
    let desired: Vec<u32> = rows[1..].iter().map(|row| row[4].parse().unwrap()).collect();
    assert!(desired.contains(&10) && desired.last() == Some(&0), "{table}");
    assert!(fs::read_to_string(&svg).unwrap().starts_with("<svg"));
}
