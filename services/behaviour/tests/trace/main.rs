//! One trace from the request through the queue to the end of the job, over all services.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use behaviour::{Api, eventually, jobs};
use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span};
use prost::Message;
use serde_json::json;
use testkit::{DistributedOptions, Form};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

/// The names of the spans on the way to the job's end, each with the span that it is a child of.
const TREE: [(&str, &str); 5] = [
    ("POST /worker/tasks", "the caller"),
    ("process job", "POST /worker/tasks"),
    ("GET /suggestions", "process job"),
    ("GET /availabilities", "GET /suggestions"),
    ("GET /user-avail/batch", "GET /availabilities"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_one_trace_over_all_services() -> anyhow::Result<()> {
    let collector = MockServer::start().await;
    Mock::given(matchers::path("/v1/traces"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&collector)
        .await;
    let options = DistributedOptions::default()
        .env_for_all("OTEL_EXPORTER_OTLP_ENDPOINT", collector.uri())
        .env_for_all("OTEL_BSP_SCHEDULE_DELAY", 100);
    let mut platform = Form::distributed(options).await?;
    let api = Api::new(platform.gateway.url())?;
    let (one, other) = jobs::couple(&api).await?;

    let order = json!({"userId1": one, "userId2": other});
    let call = api.call(reqwest::Method::POST, "/worker/tasks").json(&order);
    let accepted = call.header("traceparent", format!("00-{TRACE}-{CALLER}-01")).send().await?.is(202).json();
    let job_id = accepted["job_id"].as_str().context("the job's id")?;
    jobs::becomes(&api, job_id, "succeeded").await?;

    let found = eventually("all spans arrive", Duration::from_secs(20), async || {
        let spans = spans_of_the_trace(&collector).await?;
        let found = tree(&spans);
        anyhow::ensure!(found.len() >= TREE.len(), "only {found:?} so far");
        Ok(found)
    })
    .await?;

    assert_eq!(found, TREE.iter().map(|(name, parent)| ((*name).to_owned(), (*parent).to_owned())).collect());
    platform.stop().await
}

async fn spans_of_the_trace(collector: &MockServer) -> anyhow::Result<Vec<Span>> {
    let mut spans = Vec::new();
    for request in collector.received_requests().await.context("requests are recorded")? {
        let export = ExportTraceServiceRequest::decode(request.body.as_slice())?;
        let scopes = export.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans).filter(|span| hex(&span.trace_id) == TRACE));
    }
    Ok(spans)
}

/// Each span's name with that of its parent.
fn tree(spans: &[Span]) -> BTreeMap<String, String> {
    let name_of = |id: &[u8]| match spans.iter().find(|span| span.span_id == id) {
        Some(span) => span.name.clone(),
        None if hex(id) == CALLER => "the caller".to_owned(),
        None => "nobody".to_owned(),
    };
    spans.iter().map(|span| (span.name.clone(), name_of(&span.parent_span_id))).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
