//! The script that records a trace, against answers of the management API.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use simulator::parse_trace;
use wiremock::matchers::{basic_auth, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A broker that answers one question after the other with the next of these bodies, if the question comes from `me`.
async fn broker(bodies: [&str; 4]) -> MockServer {
    let server = MockServer::start().await;
    for body in bodies {
        Mock::given(path("/api/queues/%2F/meetings"))
            .and(query_param("columns", "message_stats.publish"))
            .and(basic_auth("me", "secret"))
            .respond_with(ResponseTemplate::new(200).set_body_string(body))
            .up_to_n_times(1)
            .mount(&server)
            .await;
    }
    server
}

fn record(arguments: &[&str], netrc: &Path, url: &str) -> io::Result<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/record-queue.sh");
    let mut command = Command::new(script);
    command.args(arguments).env("NETRC", netrc).env("MANAGEMENT_URL", url).env_remove("VHOST").output()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_of_the_totals_become_a_trace() {
    // No message yet; five; no more; a reset, and two since.
    let bodies = [
        "{}",
        r#"{"message_stats":{"publish":5}}"#,
        r#"{"message_stats":{"publish":5}}"#,
        r#"{"message_stats":{"publish":2}}"#,
    ];
    let broker = broker(bodies).await;
    let folder = tempfile::tempdir().unwrap();
    let netrc = folder.path().join("netrc");
    fs::write(&netrc, "machine 127.0.0.1 login me password secret\n").unwrap();
    let output = record(&["meetings", "3"], &netrc, &broker.uri()).unwrap();
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), "second,publishes\n0,5\n1,0\n2,2\n");
    assert_eq!(parse_trace("mine", &text(&output.stdout), Duration::from_secs(1)).unwrap().seconds.len(), 3);
    assert_eq!(broker.received_requests().await.unwrap().len(), 4);
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
