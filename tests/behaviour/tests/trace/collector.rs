use anyhow::Context;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, Span, status::StatusCode},
};
use prost::Message;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

/// Takes traces by OTLP over HTTP and keeps them.
pub(crate) struct Collector(MockServer);

#[derive(Clone, Debug)]
pub(crate) struct ReceivedSpan {
    /// Its trace's id, its own and its parent's, in hexadecimal digits.
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    /// Service, kind and name.
    pub(crate) name: String,
    /// Whether it says that it failed.
    pub(crate) failed: bool,
}

impl Collector {
    pub(crate) async fn start() -> Collector {
        let server = MockServer::start().await;
        let traces = Mock::given(matchers::path("/v1/traces"));
        traces.respond_with(ResponseTemplate::new(200)).mount(&server).await;
        Collector(server)
    }

    pub(crate) fn url(&self) -> String {
        self.0.uri()
    }

    pub(crate) async fn spans(&self) -> anyhow::Result<Vec<ReceivedSpan>> {
        let mut spans = Vec::new();
        for request in self.0.received_requests().await.context("requests are recorded")? {
            let export = ExportTraceServiceRequest::decode(request.body.as_slice())?;
            for of_service in export.resource_spans {
                let service = service_name(&of_service);
                let scopes = of_service.scope_spans.into_iter();
                spans.extend(scopes.flat_map(|scope| scope.spans).map(|span| received_span(&service, &span)));
            }
        }
        Ok(spans)
    }
}

fn service_name(spans: &ResourceSpans) -> String {
    let attributes = spans.resource.iter().flat_map(|resource| &resource.attributes);
    let name = attributes.into_iter().find(|attribute| attribute.key == "service.name");
    match name.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(opentelemetry_proto::tonic::common::v1::any_value::Value::StringValue(name)) => name.clone(),
        _ => "nameless".to_owned(),
    }
}

fn received_span(service: &str, span: &Span) -> ReceivedSpan {
    let kind = span.kind().as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase();
    ReceivedSpan {
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        name: format!("{service} {kind} {}", span.name),
        failed: span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
