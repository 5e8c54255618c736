//! Whatever bytes stand in a body, a path, a query or a header: no 5xx, and every reply in shape.

use std::{cell::Cell, net::SocketAddr};

use anyhow::{Context, ensure};
use behaviour::{Reply, Stage, raw};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Handle;

use super::{generators, on_stage};

/// Requests for each property.
const CASES: u32 = 300;

/// Endpoints that read a body.
const BODIES: &[&str] = &[
    "POST /users/users",
    "PUT /users/users/ada@example.com",
    "POST /worker/tasks",
    "POST /availability/availabilities",
    "POST /suggestion/suggestions",
    "GET /users/health",
];

/// Where a segment of a path may be anything.
const PATHS: &[&str] = &[
    "GET /users/users/",
    "PUT /users/users/",
    "DELETE /users/users/",
    "GET /worker/tasks/",
    "GET /users/",
    "GET /availability/",
    "POST /suggestion/",
    "GET /worker/",
    "GET /",
    "HEAD /users/users/",
];

/// Where the value of a parameter may be anything, and where a whole query may.
const QUERIES: &[&str] = &[
    "GET /users/user-avail/cache-aside?user1email=",
    "GET /availability/availabilities?userId1=ada@example.com&userId2=",
    "GET /availability/availabilities?userId=ada@example.com&userId=",
    "GET /suggestion/suggestions?userId1=ada@example.com&userId2=",
    "GET /suggestion/suggestions?userId1=a&userId2=b&preference=",
    "GET /worker/tasks?state=",
    "GET /worker/tasks?limit=",
    "GET /worker/tasks?after=",
    "GET /worker/tasks?",
    "GET /suggestion/suggestions?",
];

const HEADERS: &[&str] = &[
    "Case-ID",
    "Idempotency-Key",
    "traceparent",
    "tracestate",
    "Content-Type",
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Cookie",
    "X-Forwarded-For",
    "If-None-Match",
    "Range",
];

#[test]
fn in_a_body_give_no_5xx_and_a_reply_in_shape() -> anyhow::Result<()> {
    let requests = (select(BODIES), generators::body()).prop_map(|(line, body)| {
        request(&[line.as_bytes()], &[("content-type", b"application/json")], &body)
    });
    every_reply_is_in_shape(requests)
}

#[test]
fn in_a_segment_of_a_path_give_no_5xx_and_a_reply_in_shape() -> anyhow::Result<()> {
    let requests = (select(PATHS), generators::raw_or_encoded())
        .prop_map(|(line, segment)| request(&[line.as_bytes(), &one_line(segment)], &[], PERSON));
    every_reply_is_in_shape(requests)
}

#[test]
fn in_a_query_give_no_5xx_and_a_reply_in_shape() -> anyhow::Result<()> {
    let requests = (select(QUERIES), generators::raw_or_encoded())
        .prop_map(|(line, value)| request(&[line.as_bytes(), &one_line(value)], &[], b""));
    every_reply_is_in_shape(requests)
}

#[test]
fn in_a_header_give_no_5xx_and_a_reply_in_shape() -> anyhow::Result<()> {
    let lines = &[
        "GET /users/health",
        "POST /worker/tasks",
        "GET /suggestion/suggestions?userId1=a&userId2=b",
        "PATCH /users/users",
    ][..];
    let requests = (select(lines), select(HEADERS), generators::bytes()).prop_map(|(line, name, value)| {
        let job = br#"{"userId1":"ada@example.com","userId2":"grace@example.com"}"#;
        request(&[line.as_bytes()], &[(name, &one_line(value))], job)
    });
    every_reply_is_in_shape(requests)
}

const PERSON: &[u8] = br#"{"email":"ada@example.com","availabilities":{"monday":[9]}}"#;

/// A request's bytes, and whether its head is HTTP: a head that is not gets no more than a bare 400.
#[derive(Clone, Debug)]
struct Request {
    bytes: Vec<u8>,
    is_http: bool,
}

fn request(line: &[&[u8]], headers: &[(&str, &[u8])], body: &[u8]) -> Request {
    let line = line.concat();
    let target = line.split(|byte| *byte == b' ').skip(1).collect::<Vec<_>>().join(&b' ');
    let mut bytes = [&line[..], b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"].concat();
    for (name, value) in headers {
        bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
    bytes.extend(body);
    let is_http = target.iter().all(may_stand_in_a_target)
        && headers.iter().all(|(_, value)| value.iter().all(may_stand_in_a_header));
    Request { bytes, is_http }
}

/// RFC 3986: unreserved, reserved but `#` and brackets, and the percent sign.
fn may_stand_in_a_target(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=%".contains(byte)
}

/// RFC 9110 §5.5: visible characters, blank, tab, and bytes beyond ASCII.
fn may_stand_in_a_header(byte: &u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// Without line ends, behind which another header or request would begin.
fn one_line(bytes: Vec<u8>) -> Vec<u8> {
    bytes.into_iter().filter(|byte| !b"\r\n".contains(byte)).collect()
}

fn every_reply_is_in_shape(requests: impl Strategy<Value = Request>) -> anyhow::Result<()> {
    on_stage(async |stage| {
        let address: SocketAddr = stage.api.base().trim_start_matches("http://").parse()?;
        let mut runner =
            TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
        let in_shape = Cell::new(0);
        let outcome = tokio::task::block_in_place(|| {
            runner.run(&requests, |request| {
                let checked = Handle::current().block_on(check(address, &request));
                let own = checked.map_err(|error| TestCaseError::fail(format!("{error:#}")))?;
                in_shape.set(in_shape.get() + u32::from(own));
                Ok(())
            })
        });
        outcome.map_err(|error| anyhow::anyhow!("{error}"))?;
        assert!(
            in_shape.get() > CASES / 4,
            "most requests were not even HTTP, which shows little: {in_shape:?}"
        );
        still_well(stage).await
    })
}

/// Whether the reply was a service's own.
async fn check(address: SocketAddr, request: &Request) -> anyhow::Result<bool> {
    let reply: Reply = raw::exchange(address, &request.bytes).await?;
    ensure!(reply.status < 500, "{} {}", reply.status, reply.text());
    if !request.is_http && reply.status == 400 && reply.body.is_empty() {
        return Ok(false);
    }
    // A reply to HEAD has no body that could be in shape.
    if !reply.request.starts_with("HEAD ") {
        reply.check_shape()?;
    }
    Ok(true)
}

async fn still_well(stage: &Stage) -> anyhow::Result<()> {
    for service in behaviour::SERVICES {
        let report = stage
            .api
            .get(&format!("{}/health", service.prefix))
            .await
            .context("it does not answer any more")?;
        assert_eq!(report.is(200).json()["status"], "healthy");
    }
    Ok(())
}
