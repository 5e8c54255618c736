//! The program `testkit with-servers`.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A run of `testkit with-servers -- sh -c script`, and what the script's first line says.
fn run(script: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_testkit"))
        .args(["with-servers", "--", "sh", "-c", script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim().to_owned())
}

/// The ports in `postgres://postgres@127.0.0.1:PORT/postgres amqp://guest:guest@127.0.0.1:PORT/%2f`.
fn ports(line: &str) -> Vec<u16> {
    let behind_host = line.split("@127.0.0.1:").skip(1);
    behind_host.map(|rest| rest.split_once('/').unwrap().0.parse().unwrap()).collect()
}

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

const TELL: &str = r#"echo "$W2MEET_TEST_PG $W2MEET_TEST_AMQP""#;

#[test]
fn the_command_has_servers_and_its_exit_code_is_kept() {
    let (mut child, line) = run(&format!("{TELL}; exit 7"));
    let ports = ports(&line);
    assert_eq!(ports.len(), 2, "{line}");
    assert_eq!(child.wait().unwrap().code(), Some(7));
    assert!(!ports.into_iter().any(answers), "a server goes on");
}

#[test]
fn sigterm_reaches_the_command_and_the_servers_are_stopped() {
    let (mut child, line) = run(&format!("{TELL}; exec sleep 1000"));
    assert!(ports(&line).into_iter().all(answers), "{line}");
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
    assert!(!ports(&line).into_iter().any(answers), "a server goes on");
}

#[test]
fn nothing_outlives_a_testkit_that_is_killed() {
    let (mut child, line) = run(&format!("{TELL}; exec sleep 1000"));
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    let begin = Instant::now();
    while ports(&line).into_iter().any(answers) {
        assert!(begin.elapsed() < Duration::from_secs(30), "a server goes on");
        std::thread::yield_now();
    }
}
