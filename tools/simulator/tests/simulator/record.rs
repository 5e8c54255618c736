//! The script that records a trace, against answers of the management API.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;
use std::{fs, io, thread};

use simulator::parse_trace;

/// Answers one question after the other with the next of these bodies, if the question comes from `me`.
fn serve(listener: TcpListener, bodies: [&'static str; 4]) {
    for (body, stream) in bodies.into_iter().zip(listener.incoming().flatten()) {
        answer(stream, body);
    }
}

fn answer(mut stream: TcpStream, body: &str) {
    let (mut request, mut bytes) = (String::new(), [0; 1024]);
    while !request.contains("\r\n\r\n") {
        let read = stream.read(&mut bytes).unwrap_or_default();
        request += &String::from_utf8_lossy(&bytes[..read]);
    }
    // The base64 of me:secret.
    let known = request.contains("Basic bWU6c2VjcmV0")
        && request.starts_with("GET /api/queues/%2F/meetings?columns=message_stats.publish ");
    let status = if known { "200 OK" } else { "401 Unauthorized" };
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    let _ = stream.write_all((head + body).as_bytes());
}

fn record(arguments: &[&str], netrc: &Path, url: &str) -> io::Result<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/record-queue.sh");
    let mut command = Command::new(script);
    command.args(arguments).env("NETRC", netrc).env("MANAGEMENT_URL", url).env_remove("VHOST").output()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn differences_of_the_totals_become_a_trace() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // No message yet; five; no more; a reset, and two since.
    let bodies = [
        "{}",
        r#"{"message_stats":{"publish":5}}"#,
        r#"{"message_stats":{"publish":5}}"#,
        r#"{"message_stats":{"publish":2}}"#,
    ];
    let server = thread::spawn(move || serve(listener, bodies));
    let folder = tempfile::tempdir().unwrap();
    let netrc = folder.path().join("netrc");
    fs::write(&netrc, "machine 127.0.0.1 login me password secret\n").unwrap();
    let output = record(&["meetings", "3"], &netrc, &url).unwrap();
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), "second,publishes\n0,5\n1,0\n2,2\n");
    assert_eq!(parse_trace("mine", &text(&output.stdout), Duration::from_secs(1)).unwrap().seconds.len(), 3);
    server.join().unwrap();
}

#[test]
fn bad_arguments_are_named() {
    let netrc = Path::new("/nonexistent");
    for (arguments, expected) in [
        (vec!["meetings", "soon"], "SECONDS: soon is no whole number above 0\n"),
        (vec!["meetings"], "NETRC: /nonexistent is no file that can be read\n"),
    ] {
        let output = record(&arguments, netrc, "http://127.0.0.1:1").unwrap();
        assert!(!output.status.success());
        assert_eq!(text(&output.stderr), expected);
    }
    assert!(
        text(&record(&[], netrc, "").unwrap().stderr).starts_with("usage: record-queue.sh QUEUE [SECONDS]")
    );
}
