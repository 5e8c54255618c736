use std::{collections::BTreeMap, convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use wire::CaseId;

use crate::{
    middleware::CASE_ID,
    trace::Part,
    w3c::{self, TRACEPARENT, TRACESTATE},
};

/// What goes along with a request or a job through all services: its Case-ID, who asks, and its trace. It is the first
/// parameter of every call that needs it.
#[derive(Clone, Debug)]
pub struct RequestContext {
    case_id: CaseId,
    caller: Caller,
    client: Option<IpAddr>,
    trace: Trace,
}

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Nobody has said who they are.
    #[default]
    Nobody,
}

/// Where the trace context for onward calls comes from.
#[derive(Clone, Debug)]
enum Trace {
    /// From the current span.
    Span,
    /// This; nothing is recorded of it.
    Silent(SpanContext),
    /// From the caller, since this process does not; what is behind it may.
    Caller(Vec<(HeaderName, HeaderValue)>),
}

impl RequestContext {
    /// The context of a request with these headers, which is this part of its trace.
    pub(crate) fn of_request(
        case_id: CaseId,
        client: Option<IpAddr>,
        headers: &HeaderMap,
        part: &Part,
    ) -> RequestContext {
        let given = |name: HeaderName| headers.get(&name).map(|value| (name, value.clone()));
        RequestContext { case_id, caller: Caller::Nobody, client, trace: Trace::of(part, given) }
    }

    /// The context of a job that came from a queue with this Case-ID and these headers.
    pub(crate) fn of_message(
        case_id: CaseId,
        headers: &BTreeMap<String, String>,
        part: &Part,
    ) -> RequestContext {
        let given = |name: HeaderName| {
            let value = HeaderValue::from_str(headers.get(name.as_str())?).ok()?;
            Some((name, value))
        };
        RequestContext { case_id, caller: Caller::Nobody, client: None, trace: Trace::of(part, given) }
    }

    /// The id that follows the request.
    pub fn case_id(&self) -> &CaseId {
        &self.case_id
    }

    /// Who asks.
    pub fn caller(&self) -> Caller {
        self.caller
    }

    /// The address that a request came from, as far as trusted proxies tell; none for jobs and for requests from within
    /// this process.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// The headers to send on every onward HTTP call: Case-ID and W3C trace context of the current span.
    pub fn onward(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(3);
        if let Ok(value) = HeaderValue::from_str(self.case_id.as_str()) {
            headers.insert(CASE_ID, value);
        }
        headers.extend(self.trace.headers());
        headers
    }

    /// The trace context of the current span as text, for the headers of a queue message.
    pub fn carrier(&self) -> BTreeMap<String, String> {
        let headers = self.trace.headers().into_iter();
        headers
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
            .collect()
    }
}

impl Trace {
    fn of(part: &Part, given: impl Fn(HeaderName) -> Option<(HeaderName, HeaderValue)>) -> Trace {
        match part {
            Part::Untraced => {
                Trace::Caller([TRACEPARENT, TRACESTATE].into_iter().filter_map(given).collect())
            }
            Part::Recorded(..) => Trace::Span,
            Part::Silent(silent) => Trace::Silent(silent.context.clone()),
        }
    }

    fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        match self {
            Trace::Span => w3c::headers(Span::current().context().span().span_context()),
            Trace::Silent(context) => w3c::headers(context),
            Trace::Caller(given) => given.clone(),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<RequestContext, Infallible> {
        Ok(parts.extensions.get::<RequestContext>().cloned().unwrap_or_else(|| {
            RequestContext::of_request(CaseId::fresh(), None, &parts.headers, &Part::Untraced)
        }))
    }
}
