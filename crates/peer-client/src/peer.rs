use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use retry::Backoff;
use service_kit::{RequestContext, ServiceSecret};
use tokio::time::{sleep, timeout};
use tower::retry::budget::{Budget, TpsBudget};
use tracing::{Instrument as _, Span, field::Empty, info_span};

use crate::{
    Answer, PeerError, PeerMetrics, PeerRequest, TransportError,
    answer::{Overloaded, is_overload},
    breaker::{Breaker, breaker},
    metrics::OnePeer,
    transport::{Exchange, Local, SharedTransport},
};

/// How long to wait for a peer, and how often to ask again.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To open a connection.
    pub connect: Duration,
    /// For one attempt, from its start to the whole reply.
    pub attempt: Duration,
    /// Attempts after the first, after a transport error or a 503 that is no refusal for overload.
    pub retries: usize,
}

impl Limits {
    /// The usual ones, with this time for an attempt.
    pub fn within(milliseconds: u64) -> Limits {
        Limits { attempt: Duration::from_millis(milliseconds), ..Limits::default() }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { connect: Duration::from_millis(500), attempt: Duration::from_secs(2), retries: 2 }
    }
}

/// Pauses between the attempts at one request; there are few.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(20), Duration::from_secs(1));
/// The budget: a fifth of all calls may be retries, and ten a second in any case.
const RETRY_SHARE: f32 = 0.2;
const RETRIES_PER_SECOND: u32 = 10;
const BUDGET_WINDOW: Duration = Duration::from_secs(10);

/// Another service. Clones share its connections, budget and breaker.
#[derive(Clone)]
pub struct Peer {
    name: &'static str,
    pub(crate) transport: SharedTransport,
    limits: Limits,
    budget: Arc<TpsBudget>,
    breaker: Breaker,
    metrics: OnePeer,
    secret: Option<ServiceSecret>,
}

impl Peer {
    /// The service `name` at `base`. Where that is an `https` URL its certificate has to be for that host, and from an
    /// authority that the system knows, or from one in the PEM file `ca` if there is one.
    ///
    /// # Errors
    /// When that file cannot be used, or TLS cannot be set up.
    #[cfg(feature = "http")]
    pub fn http(
        name: &'static str,
        base: &wire::BaseUrl,
        ca: Option<&std::path::Path>,
        limits: Limits,
        metrics: PeerMetrics,
    ) -> anyhow::Result<Peer> {
        let transport = crate::http_transport::Http::new(base, ca, limits.connect)?;
        Ok(Peer::new(name, Arc::new(transport), limits, metrics))
    }

    /// The service `name` in this process.
    pub fn local(name: &'static str, router: Router, limits: Limits, metrics: PeerMetrics) -> Peer {
        Peer::new(name, Arc::new(Local(router)), limits, metrics)
    }

    fn new(name: &'static str, transport: SharedTransport, limits: Limits, metrics: PeerMetrics) -> Peer {
        let metrics = metrics.of(name);
        let budget = Arc::new(TpsBudget::new(BUDGET_WINDOW, RETRIES_PER_SECOND, RETRY_SHARE));
        Peer { name, transport, limits, budget, breaker: breaker(metrics.clone()), metrics, secret: None }
    }

    /// The same, which knows this process by a secret.
    #[must_use]
    pub fn with_secret(self, secret: Option<&ServiceSecret>) -> Peer {
        Peer { secret: secret.cloned(), ..self }
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Sends a request and reads the whole reply. A hang is not retried: it would only triple the wait.
    ///
    /// # Errors
    /// When the request cannot be sent, when there is no answer, or when it is 503: the peer is unavailable for now, or
    /// has too much to do, and then it is not asked again. Every other status is an answer.
    pub async fn send(&self, context: &RequestContext, request: PeerRequest) -> Result<Answer, PeerError> {
        self.retried(context, request, async |exchange: Exchange| {
            let (head, body) = exchange.run().await?.into_parts();
            let body = body.collect().await.map_err(TransportError::Body)?.to_bytes();
            let mut answer = Response::from_parts(head, body);
            if answer.status() == StatusCode::SERVICE_UNAVAILABLE && is_overload(answer.body()) {
                answer.extensions_mut().insert(Overloaded);
            }
            Ok(answer)
        })
        .await
        .map(Answer::from)
    }

    /// The same with a body that the caller reads while it comes: the deadline is for the reply's head alone, and what
    /// breaks off later is an error of the body.
    pub async fn stream(
        &self,
        context: &RequestContext,
        request: PeerRequest,
    ) -> Result<Response<Body>, PeerError> {
        self.retried(context, request, Exchange::run).await
    }

    /// Attempts the request until there is an answer or no further attempt is allowed. The headers of each attempt are
    /// made within its span, so that they can name it as the parent of what the peer does.
    async fn retried<B>(
        &self,
        context: &RequestContext,
        request: PeerRequest,
        reply: impl AsyncFn(Exchange) -> Result<Response<B>, TransportError>,
    ) -> Result<Response<B>, PeerError> {
        let (method, route) = (request.method.clone(), request.route);
        let retries = if request.repeatable { self.limits.retries } else { 0 };
        let mut pauses = BACKOFF.pauses().take(retries);
        let mut request = request.build(self.transport.base())?;
        self.secret.iter().for_each(|secret| secret.put_into(&mut request));
        self.budget.deposit();
        loop {
            let span = info_span!(
                target: "otel",
                "attempt",
                otel.name = format!("{method} {route}"),
                otel.kind = "client",
                otel.status_code = Empty,
                http.request.method = method.as_str(),
                http.response.status_code = Empty,
                server.address = self.name,
            );
            let exchange =
                self.transport.prepare(with_context(&request, span.in_scope(|| context.onward())))?;
            let failure = match self.attempt(reply(exchange)).instrument(span).await {
                Err(failure @ (PeerError::Unreachable(..) | PeerError::Unavailable(_))) => failure,
                other => return other,
            };
            match pauses.next() {
                Some(pause) if self.budget.withdraw() => sleep(pause).await,
                _ => return Err(failure),
            }
            self.metrics.retries.inc();
        }
    }

    async fn attempt<B>(
        &self,
        exchange: impl Future<Output = Result<Response<B>, TransportError>>,
    ) -> Result<Response<B>, PeerError> {
        if !self.breaker.is_call_permitted() {
            return Err(PeerError::BreakerOpen(self.name));
        }
        let started = Instant::now();
        let outcome = timeout(self.limits.attempt, exchange).await;
        let status = match &outcome {
            Ok(Ok(answer)) => Some(answer.status()),
            _ => None,
        };
        self.metrics.observe(status.map(|status| status.as_u16()), started.elapsed());
        record_outcome(status);
        match outcome {
            Ok(Ok(answer)) => {
                // A 503 comes from a peer that is there: others of its answers may well be good.
                self.breaker.on_success();
                if answer.extensions().get::<Overloaded>().is_some() {
                    return Err(PeerError::Overloaded(self.name));
                }
                if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                    return Err(PeerError::Unavailable(self.name));
                }
                Ok(answer)
            }
            Ok(Err(error)) => {
                self.breaker.on_error();
                Err(PeerError::Unreachable(self.name, error))
            }
            Err(_elapsed) => {
                self.breaker.on_error();
                Err(PeerError::Deadline(self.name, self.limits.attempt))
            }
        }
    }
}

pub(crate) fn with_context(request: &Request<Bytes>, headers: http::HeaderMap) -> Request<Bytes> {
    let mut request = request.clone();
    request.headers_mut().extend(headers);
    request
}

/// Writes the outcome into the span of the attempt.
fn record_outcome(status: Option<StatusCode>) {
    let span = Span::current();
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if status.is_none_or(|status| status.is_server_error()) {
        span.record("otel.status_code", "ERROR");
    }
}
