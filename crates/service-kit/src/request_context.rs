use std::{collections::BTreeMap, convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, request::Parts},
};
use opentelemetry::Context;
use wire::CaseId;

use crate::{middleware::CASE_ID, propagation};

/// What goes along with a request or a job through all services: its Case-ID, who asks, and its trace. It is the first
/// parameter of every call that needs it.
#[derive(Clone, Debug)]
pub struct RequestContext {
    case_id: CaseId,
    caller: Caller,
    client: Option<IpAddr>,
    /// The trace as the request or the message named it.
    trace: Context,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// Nobody has said who they are.
    #[default]
    Nobody,
}

impl RequestContext {
    pub(crate) fn new(case_id: CaseId, client: Option<IpAddr>, trace: Context) -> RequestContext {
        RequestContext { case_id, caller: Caller::Nobody, client, trace }
    }

    /// For what the process does of itself, under a Case-ID of its own.
    pub fn of_background(case_id: CaseId) -> RequestContext {
        RequestContext::new(case_id, None, Context::new())
    }

    pub fn case_id(&self) -> &CaseId {
        &self.case_id
    }

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
        propagation::inject(&self.trace, &mut headers);
        headers
    }

    /// The trace context of the current span as text, for the headers of a queue message.
    pub fn carrier(&self) -> BTreeMap<String, String> {
        propagation::message_headers(&self.trace)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<RequestContext, Infallible> {
        Ok(parts.extensions.get::<RequestContext>().cloned().unwrap_or_else(|| {
            RequestContext::new(CaseId::fresh(), None, propagation::of_headers(&parts.headers))
        }))
    }
}
