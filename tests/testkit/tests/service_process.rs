//! A service as a process: here a script that says what a service says, with this test as its operations port.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tempfile::TempDir;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::net::TcpListener;

const LISTENS: &str = r#"echo "{\"message\":\"listening\",\"api\":\"$LISTEN\",\"ops\":\"$OPS_LISTEN\"}""#;
const SERVES: &str = "trap 'echo drained; exit 3' TERM; while :; do sleep 0.05; done";
const SECONDS: Duration = Duration::from_secs(10);

/// An operations port that is ready from the third question on.
async fn operations(asked: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let readyz = move || async move {
        if asked.fetch_add(1, Ordering::Relaxed) < 2 {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::OK
        }
    };
    tokio::spawn(async { axum::serve(listener, Router::new().route("/readyz", get(readyz))).await });
    address
}

/// A user-service that is in truth this script.
async fn service(script: &str) -> (TempDir, ServiceSpec) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("user-service");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let mut spec = ServiceSpec::new(Binary::UserService).port(4711).env("GREETING", "hello");
    spec.ops_listen = operations(Arc::default()).await;
    spec.bin_dir = Some(directory.path().to_owned());
    (directory, spec)
}

#[tokio::test]
async fn is_started_when_it_is_ready_and_gets_its_environment() {
    let (directory, mut spec) =
        service(&format!("echo \"$GREETING $1 $LOG_FORMAT\"\n{LISTENS}\n{SERVES}")).await;
    spec.log_file = Some(directory.path().join("log"));
    let service = ServiceProcess::start(spec.arg("first")).await.unwrap();
    assert_eq!(service.api().port(), 4711);
    assert_eq!(service.ops(), service.spec().ops_listen);
    assert_eq!(service.logs()[0], "hello first json");
    assert!(fs::read_to_string(directory.path().join("log")).unwrap().starts_with("hello first json\n{"));
}

#[tokio::test]
async fn drains_on_sigterm_and_says_how_it_ended() {
    let (_directory, spec) = service(&format!("{LISTENS}\n{SERVES}")).await;
    let mut service = ServiceProcess::start(spec).await.unwrap();
    service.terminate().unwrap();
    assert_eq!(service.wait_for_log("drained", SECONDS).await.unwrap(), "drained");
    assert_eq!(service.wait().await.unwrap().code(), Some(3));
}

#[tokio::test]
async fn is_killed_and_started_again_on_its_addresses() {
    let (_directory, spec) = service(&format!("{LISTENS}\n{SERVES}")).await;
    let mut service = ServiceProcess::start(spec).await.unwrap();
    let (first, api) = (service.pid(), service.api());
    assert_eq!(service.kill().await.unwrap().signal(), Some(9));
    assert!(!fs::exists(format!("/proc/{first}")).unwrap());
    service.restart().await.unwrap();
    assert_ne!(service.pid(), first);
    assert_eq!(service.api(), api);
}

#[tokio::test]
async fn a_drop_kills_all_that_it_has_started() {
    let (_directory, spec) = service(&format!("sleep 1000 & echo \"child $!\"\n{LISTENS}\n{SERVES}")).await;
    let service = ServiceProcess::start(spec).await.unwrap();
    let line = service.wait_for_log("child", SECONDS).await.unwrap();
    let (_, child) = line.split_once(' ').unwrap();
    drop(service);
    let state = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z"), "{state}");
}

#[tokio::test]
async fn one_that_logs_an_address_fails_its_test_unless_people_use_it() {
    let (_directory, mut spec) = service(&format!("echo 'hello ada@example.com'\n{LISTENS}\n{SERVES}")).await;
    let telling = ServiceProcess::start(spec.clone()).await.unwrap();
    let told = telling.tells_no_secret().unwrap_err().to_string();
    assert_eq!(told, "the log of user-service tells a secret: hello ada@example.com");
    assert!(catch_unwind(AssertUnwindSafe(|| drop(telling))).is_err());
    spec.used_by_people = true;
    drop(ServiceProcess::start(spec).await.unwrap());
}

#[tokio::test]
async fn one_that_ends_at_once_is_an_error_with_what_it_said() {
    let (_directory, spec) = service("echo 'error: PG_DSN is not a DSN' >&2; exit 2").await;
    let error = ServiceProcess::start(spec).await.err().expect("it has started").to_string();
    assert!(error.contains("user-service ended") && error.contains("PG_DSN is not a DSN"), "{error}");
}

#[tokio::test]
async fn a_binary_that_is_not_built_is_an_error_with_the_way_to_build_it() {
    let (directory, mut spec) = service(SERVES).await;
    spec.binary = Binary::WorkerService;
    let error = ServiceProcess::start(spec).await.err().expect("it has started").to_string();
    assert!(error.contains("cargo build --workspace --bins"), "{error}");
    assert!(error.contains(directory.path().to_str().unwrap()), "{error}");
}
