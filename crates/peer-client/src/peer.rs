use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::Router;
use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use failsafe::{Config, Instrument, StateMachine, backoff, failure_policy};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};
use tower::retry::budget::{Budget, TpsBudget};
use tracing::{Instrument as _, Span, field::Empty, info_span};
use url::Url;

use crate::{PeerMetrics, TransportError, metrics::OnePeer, transport::Transport};

/// How long to wait for a peer, and how often to ask again.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To open a connection.
    pub connect: Duration,
    /// For one attempt, from its start to the whole reply.
    pub attempt: Duration,
    /// Attempts after the first, after a transport error or a 503.
    pub retries: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { connect: Duration::from_millis(500), attempt: Duration::from_secs(2), retries: 2 }
    }
}

/// Failures in a row after which the peer is left alone.
const BREAKER_FAILURES: u32 = 5;
/// For how long it is left alone, at first and at most, in whole seconds.
const BREAKER_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));
/// The budget: a fifth of all calls may be retries, and ten a second in any case.
const RETRY_SHARE: f32 = 0.2;
const RETRIES_PER_SECOND: u32 = 10;
const BUDGET_WINDOW: Duration = Duration::from_secs(10);

/// What a peer said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status; never 503, which is [`PeerError::Unavailable`].
    pub status: StatusCode,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, PeerError> {
        serde_json::from_slice(&self.body).map_err(PeerError::Unreadable)
    }
}

/// Why there is no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The connection failed or broke, at every attempt.
    #[error("{0} cannot be reached")]
    Unreachable(&'static str, #[source] TransportError),
    /// No whole reply within the deadline.
    #[error("{0} did not answer within {1:?}")]
    Deadline(&'static str, Duration),
    /// It failed repeatedly and is left alone for now.
    #[error("{0} failed repeatedly and is left alone for a moment")]
    BreakerOpen(&'static str),
    /// It said 503, at every attempt.
    #[error("{0} says that it is unavailable")]
    Unavailable(&'static str),
    /// Its reply is not what was agreed.
    #[error("the reply cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

type Breaker = StateMachine<failure_policy::ConsecutiveFailures<backoff::Exponential>, BreakerGauge>;

/// Another service. Clones share its connections, budget and breaker.
#[derive(Clone)]
pub struct Peer {
    name: &'static str,
    transport: Transport,
    limits: Limits,
    budget: Arc<TpsBudget>,
    breaker: Breaker,
    metrics: OnePeer,
}

impl Peer {
    /// The service `name` behind the URL `base`, such as `http://user-service:8000`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn http(
        name: &'static str,
        base: &Url,
        limits: Limits,
        metrics: PeerMetrics,
    ) -> Result<Peer, TransportError> {
        let transport = Transport::http(base, limits.connect)?;
        Ok(Peer::new(name, transport, limits, metrics))
    }

    /// The service `name` in this process.
    pub fn local(name: &'static str, router: Router, limits: Limits, metrics: PeerMetrics) -> Peer {
        Peer::new(name, Transport::Local(router), limits, metrics)
    }

    fn new(name: &'static str, transport: Transport, limits: Limits, metrics: PeerMetrics) -> Peer {
        let metrics = metrics.of(name);
        let pause = backoff::exponential(BREAKER_PAUSE.0, BREAKER_PAUSE.1);
        let breaker = Config::new()
            .failure_policy(failure_policy::consecutive_failures(BREAKER_FAILURES, pause))
            .instrument(BreakerGauge(metrics.clone()))
            .build();
        let budget = Arc::new(TpsBudget::new(BUDGET_WINDOW, RETRIES_PER_SECOND, RETRY_SHARE));
        Peer { name, transport, limits, budget, breaker, metrics }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Asks `GET path?query`. The headers of each attempt are asked for within its span, so that they can name it as the
    /// parent of what the peer does. A hang is not retried: it would only triple the wait.
    ///
    /// # Errors
    /// When there is no answer, or it is 503: the peer is unavailable for now. Every other status is an answer.
    pub async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: impl Fn() -> HeaderMap,
    ) -> Result<Answer, PeerError> {
        let target = target(path, query);
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(20))
            .with_jitter()
            .with_max_times(self.limits.retries)
            .build();
        self.budget.deposit();
        loop {
            let span = info_span!(
                target: "otel",
                "attempt",
                otel.name = format!("GET {path}"),
                otel.kind = "client",
                otel.status_code = Empty,
                http.request.method = "GET",
                http.response.status_code = Empty,
                server.address = self.name,
            );
            let attempt = self.attempt(&target, span.in_scope(&headers)).instrument(span.clone());
            let failure = match attempt.await {
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

    /// Whether the peer says `200` to `GET /health`, and how long it took: one attempt, past the breaker.
    ///
    /// # Errors
    /// When there is no answer within a second, or its status is another.
    pub async fn check_health(&self, headers: HeaderMap) -> Result<Duration, String> {
        let started = Instant::now();
        match timeout(Duration::from_secs(1), self.transport.get("/health", headers)).await {
            Ok(Ok(answer)) if answer.status == StatusCode::OK => Ok(started.elapsed()),
            Ok(Ok(answer)) => Err(format!("{} answers {}", self.name, answer.status.as_u16())),
            Ok(Err(_)) => Err(format!("{} cannot be reached", self.name)),
            Err(_elapsed) => Err(format!("{} did not answer within a second", self.name)),
        }
    }

    async fn attempt(&self, target: &str, headers: HeaderMap) -> Result<Answer, PeerError> {
        if !self.breaker.is_call_permitted() {
            return Err(PeerError::BreakerOpen(self.name));
        }
        let started = Instant::now();
        let outcome = timeout(self.limits.attempt, self.transport.get(target, headers)).await;
        let status = outcome.as_ref().ok().and_then(|answer| Some(answer.as_ref().ok()?.status));
        let status = status.map(|status| status.as_u16());
        self.metrics.observe(status, started.elapsed());
        note(status);
        match outcome {
            Ok(Ok(answer)) => {
                // A 503 comes from a peer that is there: others of its answers may well be good.
                self.breaker.on_success();
                if answer.status == StatusCode::SERVICE_UNAVAILABLE {
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

/// Writes the outcome into the span of the attempt.
fn note(status: Option<u16>) {
    let span = Span::current();
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if status.is_none_or(|status| status >= 500) {
        span.record("otel.status_code", "ERROR");
    }
}

fn target(path: &str, query: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Shows the breaker's state.
struct BreakerGauge(OnePeer);

impl Instrument for BreakerGauge {
    fn on_call_rejected(&self) {}

    fn on_open(&self) {
        self.0.breaker_open.set(1);
    }

    fn on_half_open(&self) {}

    fn on_closed(&self) {
        self.0.breaker_open.set(0);
    }
}
