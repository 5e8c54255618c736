//! Bad input against the platform in one process: what is wrong is named, and nothing that can be sent makes a service
//! fail or answer out of shape.

mod any_bytes;
mod generators;
mod parameters;
mod people;
mod tasks;

use behaviour::{Form, Reply, Stage, run};
use reqwest::Method;
use serde_json::Value;

/// Faults of the input, each as place and type.
type Faults = Vec<(Value, &'static str)>;

fn on_stage(case: impl AsyncFnOnce(&Stage) -> anyhow::Result<()>) -> anyhow::Result<()> {
    run(Form::Standalone, case)
}

/// Sends each body and asserts that exactly its faults are named.
async fn each_body_is_refused(
    stage: &Stage,
    method: Method,
    path: &str,
    status: u16,
    table: Vec<(Vec<u8>, Faults)>,
) -> anyhow::Result<()> {
    for (body, faults) in table {
        let shown = String::from_utf8_lossy(&body[..body.len().min(120)]).into_owned();
        let mut reply: Reply = stage.api.call(method.clone(), path).body(body).send().await?;
        reply.request = format!("{} {shown}", reply.request);
        reply.refuses(status, &faults);
    }
    Ok(())
}

/// Bodies that are no JSON object at all, whatever the endpoint wants.
fn no_objects() -> Vec<(Vec<u8>, Faults)> {
    let body = || serde_json::json!(["body"]);
    let mut table: Vec<(Vec<u8>, Faults)> = Vec::new();
    for blank in ["", " ", "\r\n\t"] {
        table.push((blank.into(), vec![(body(), "missing")]));
    }
    for other in ["[]", "null", "true", "5", "\"{}\"", "[{}]"] {
        table.push((other.into(), vec![(body(), "dict_type")]));
    }
    let nested = [vec![b'['; 20_000], vec![b']'; 20_000]].concat();
    let broken: [&[u8]; 14] = [
        b"{",
        b"{}}",
        b"{'a':1}",
        b"{\"a\":}",
        b"{\"a\":1,}",
        b"{\"a\" 1}",
        b"NaN",
        b"{\"a\":1e999}",
        b"\xff\xfe{}",
        b"{\"email\":\"\xc3\x28\"}",
        b"\xef\xbb\xbf{}",
        b"{\"a\":\"\\ud800\"}",
        b"userId1=a&userId2=b",
        &nested,
    ];
    table.extend(broken.map(|text| (text.to_vec(), vec![(body(), "json_invalid")])));
    table
}
