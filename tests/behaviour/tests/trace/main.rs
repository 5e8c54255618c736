//! Traces, as a collector gets them.

mod collector;

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, ensure};
use behaviour::{Api, eventually, jobs};
use reqwest::Method;
use serde_json::json;
use testkit::{DistributedOptions, Form};

use collector::{Collector, ReceivedSpan};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const OTHER_TRACE: &str = "1af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";
const DEADLINE: Duration = Duration::from_secs(20);

/// Every span of a job, from the request to the last one of the consumer, each with the span that it is a child of.
const JOB: [(&str, &str); 14] = [
    ("worker-service server POST /worker/tasks", "the caller"),
    ("worker-service client INSERT worker", "worker-service server POST /worker/tasks"),
    ("worker-service producer send QUEUE", "worker-service server POST /worker/tasks"),
    ("worker-service consumer process QUEUE", "worker-service server POST /worker/tasks"),
    ("worker-service client UPDATE worker", "worker-service consumer process QUEUE"),
    ("worker-service client GET /suggestions", "worker-service consumer process QUEUE"),
    ("suggestion-service server GET /suggestions", "worker-service client GET /suggestions"),
    ("suggestion-service client GET /availabilities", "suggestion-service server GET /suggestions"),
    ("availability-service server GET /availabilities", "suggestion-service client GET /availabilities"),
    ("availability-service client POST /user-avail/batch", "availability-service server GET /availabilities"),
    ("user-service server POST /user-avail/batch", "availability-service client POST /user-avail/batch"),
    ("user-service client MGET", "user-service server POST /user-avail/batch"),
    ("user-service client SELECT public", "user-service server POST /user-avail/batch"),
    ("user-service client EVAL", "user-service server POST /user-avail/batch"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_one_trace_over_all_services() -> anyhow::Result<()> {
    let collector = Collector::start().await;
    let mut platform = Form::distributed(traced(&collector)).await?;
    let api = Api::new(platform.gateway.url())?;
    let (one, other) = jobs::couple(&api).await?;

    let order = json!({"userId1": one, "userId2": other});
    let call = api.call(Method::POST, "/worker/tasks").json(&order);
    let accepted = call.header("traceparent", format!("00-{TRACE}-{CALLER}-01")).send().await?.is(202).json();
    let job_id = accepted["job_id"].as_str().context("the job's id")?;
    jobs::becomes(&api, job_id, "succeeded").await?;

    let expected: BTreeSet<(String, String)> = JOB.map(|(span, of)| (span.to_owned(), of.to_owned())).into();
    let mut found = BTreeSet::new();
    let arrived = eventually("all spans arrive", DEADLINE, async || {
        let spans = collector.spans().await?;
        let of_the_job: Vec<ReceivedSpan> = spans.into_iter().filter(|span| span.trace == TRACE).collect();
        found = tree(&of_the_job, platform.queue_name());
        ensure!(found.len() >= expected.len(), "only {found:#?} so far");
        Ok(())
    })
    .await;

    assert_eq!(found, expected, "{arrived:?}");
    platform.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sampled_is_not_sent_unless_a_caller_wants_it() -> anyhow::Result<()> {
    let collector = Collector::start().await;
    let options = traced(&collector).env_for_all("OTEL_TRACES_SAMPLER_ARG", 0);
    let mut platform = Form::distributed(options).await?;
    let api = Api::new(platform.gateway.url())?;
    let (one, other) = jobs::couple(&api).await?;
    let question = format!("/suggestion/suggestions?userId1={one}&userId2={other}");
    api.get(&question).await?.is(200);
    for (flags, trace) in [("00", OTHER_TRACE), ("01", TRACE)] {
        let call = api.call(Method::GET, &question);
        call.header("traceparent", format!("00-{trace}-{CALLER}-{flags}")).send().await?.is(200);
    }

    let last = "user-service server POST /user-avail/batch";
    let spans = eventually("the caller's trace arrives", DEADLINE, async || {
        let spans = collector.spans().await?;
        ensure!(spans.iter().any(|span| span.name == last), "{spans:#?} so far");
        Ok(spans)
    })
    .await?;
    assert!(spans.iter().all(|span| span.trace == TRACE), "{spans:#?}");
    platform.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_marked_in_each_service_for_the_collector_to_keep() -> anyhow::Result<()> {
    let collector = Collector::start().await;
    let mut platform = Form::distributed(traced(&collector)).await?;
    let api = Api::new(platform.gateway.url())?;
    let (one, other) = jobs::couple(&api).await?;
    for replica in &mut platform.users {
        replica.stop().await?;
    }
    let call = api.call(Method::GET, &format!("/suggestion/suggestions?userId1={one}&userId2={other}"));
    call.header("traceparent", format!("00-{TRACE}-{CALLER}-01")).send().await?.is(503);

    let failed = [
        "availability-service server GET /availabilities",
        "suggestion-service server GET /suggestion/suggestions",
    ];
    eventually("the failed spans arrive", DEADLINE, async || {
        let spans = collector.spans().await?.into_iter().filter(|span| span.trace == TRACE && span.failed);
        let names: BTreeSet<String> = spans.map(|span| span.name).collect();
        ensure!(failed.iter().all(|name| names.contains(*name)), "{names:#?} so far");
        Ok(())
    })
    .await?;
    platform.stop().await
}

/// All services send their spans to the collector, soon.
fn traced(collector: &Collector) -> DistributedOptions {
    DistributedOptions::default()
        .env_for_all("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
        .env_for_all("OTEL_BSP_SCHEDULE_DELAY", 100)
}

/// Each span's name with that of its parent.
fn tree(spans: &[ReceivedSpan], queue: &str) -> BTreeSet<(String, String)> {
    let name = |span: &ReceivedSpan| span.name.replace(queue, "QUEUE");
    let parent = |id: &str| match spans.iter().find(|span| span.id == id) {
        Some(span) => name(span),
        None if id == CALLER => "the caller".to_owned(),
        None => "nobody".to_owned(),
    };
    spans.iter().map(|span| (name(span), parent(&span.parent))).collect()
}
