use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use metrics::metrics;
use prometheus::{IntGauge, Registry};

use crate::ApiError;

/// Between two lines of the log about refusals.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(60);

/// What there is too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    Connections,
    Requests,
    Bodies,
    Computations,
}

impl Excess {
    const ALL: [Excess; 4] = [Excess::Connections, Excess::Requests, Excess::Bodies, Excess::Computations];

    fn name(self) -> &'static str {
        match self {
            Excess::Connections => "connections",
            Excess::Requests => "requests",
            Excess::Bodies => "bodies",
            Excess::Computations => "computations",
        }
    }
}

metrics! {
    /// Requests that were refused, and those that wait for their turn.
    struct OverloadMetrics {
        /// Requests that were refused with 503 because there was too much to do
        refused: IntCounterVec = "http_server_requests_refused_total" ["reason"],
            at 0 for Excess::ALL.map(|excess| [excess.name()]);
        /// Requests that wait for their turn
        waiting: IntGauge = "http_server_waiting_requests";
    }
}

/// Counts what is refused because there is too much of it. The log tells of it now and then: a line for each would be
/// more work than the request.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    metrics: OverloadMetrics,
    may_warn: Arc<DefaultDirectRateLimiter>,
}

impl Refusals {
    pub(crate) fn register(registry: &Registry) -> Result<Refusals, prometheus::Error> {
        let metrics = OverloadMetrics::register(registry)?;
        let quota = Quota::with_period(BETWEEN_WARNINGS).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        Ok(Refusals { metrics, may_warn: Arc::new(RateLimiter::direct(quota)) })
    }

    pub(crate) fn waiting(&self) -> IntGauge {
        self.metrics.waiting.clone()
    }

    /// Counts one, and says what to answer.
    pub(crate) fn refuse(&self, excess: Excess) -> ApiError {
        let counter = self.metrics.refused.with_label_values(&[excess.name()]);
        counter.inc();
        if self.may_warn.check().is_ok() {
            let (reason, refused) = (excess.name(), counter.get());
            tracing::warn!(reason, refused, "requests are refused: there is too much to do");
        }
        ApiError::overloaded()
    }
}
