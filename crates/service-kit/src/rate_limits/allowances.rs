use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, extract::State, routing::post};
use metrics::metrics;
use moka::sync::Cache;
use parking_lot::Mutex;
use prometheus::Registry;
use tokio::time::timeout;
use tracing::warn;
use wire::{AllowanceRequest, Grant, RequestBody, Timestamp};

use super::{AllowanceSource, LocalCounts};
use crate::{ApiError, Body, RequestContext, chain};

/// Of an allowance one part in so many is taken at a time: a replica that takes a part and is not asked again leaves no more than
/// that unused, and only one request in so many has to wait for the counts.
const PARTS: u32 = 20;
/// Longest wait for the counts; after that, and for a while, this process counts by itself.
const WAIT: Duration = Duration::from_millis(300);
const BY_ITSELF: Duration = Duration::from_secs(5);
/// Most allowances of which parts are held; those not used for longest go first.
const MOST_HELD: u64 = 100_000;

/// So many units in each window of time. Windows follow each other without a gap, and begin for all at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// What it is about, as a label and in replies.
    pub(crate) name: &'static str,
    pub(crate) units: u32,
    pub(crate) window: Duration,
}

/// How an allowance stands after units were taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) is_allowed: bool,
    /// Units that are left in this window, as far as this process knows.
    pub(crate) left: u32,
    /// Until the next window begins.
    pub(crate) until_next: Duration,
}

metrics! {
    /// What was refused because somebody asks too often.
    struct RateLimitMetrics {
        /// Requests that were refused with 429, by what they have used up
        refused: IntCounterVec = "http_server_requests_limited_total" ["limit"],
            at 0 for [["client"], ["account"], ["poll"]];
        /// Times that a process could not have limits counted for all replicas, and counted by itself
        alone: IntCounter = "rate_limit_counts_unavailable_total";
    }
}

/// What callers may still do in this window, of which this process holds a part. Clones hold the same.
#[derive(Clone)]
pub struct Allowances {
    source: Arc<dyn AllowanceSource>,
    own: LocalCounts,
    /// Until then this process counts by itself, in microseconds.
    alone_until: Arc<AtomicI64>,
    held: Cache<String, Arc<Mutex<Part>>>,
    metrics: RateLimitMetrics,
}

/// What this process holds of an allowance.
#[derive(Debug, Default)]
struct Part {
    /// The number of the window since 1970.
    window: i64,
    units: u32,
    left_for_others: u32,
    is_used_up: bool,
}

impl Allowances {
    /// Allowances that `source` counts.
    ///
    /// # Errors
    /// When the registry has such metrics already.
    pub fn new(
        source: Arc<dyn AllowanceSource>,
        registry: &Registry,
    ) -> Result<Allowances, prometheus::Error> {
        Ok(Allowances {
            source,
            own: LocalCounts::default(),
            alone_until: Arc::default(),
            held: Cache::builder().max_capacity(MOST_HELD).build(),
            metrics: RateLimitMetrics::register(registry)?,
        })
    }

    /// Counts refusals by this limit from 0 on.
    pub(super) fn count_refusals(&self, limit: &'static str) {
        drop(self.metrics.refused.with_label_values(&[limit]));
    }

    /// Takes units from what `key` may have by `limit`, or none where fewer are left.
    pub(crate) async fn take(&self, context: &RequestContext, limit: Limit, key: &str, units: u32) -> Taken {
        let now = Timestamp::now();
        let length = i64::try_from(limit.window.as_micros()).unwrap_or(i64::MAX).max(1);
        let window = now.micros().div_euclid(length);
        let until_next = length - now.micros().rem_euclid(length);
        let until_next = Duration::from_micros(until_next.unsigned_abs());
        let name = format!("{}_{key}", limit.name);
        let part = self.held.get_with_by_ref(&name, Arc::default);
        let taken = |left| Taken { is_allowed: true, left, until_next };

        if let Some(decided) = part.lock().take(window, units) {
            return self.decided(decided.map(taken), limit, until_next);
        }
        let request = AllowanceRequest {
            key: format!("{name}_{window}"),
            units: units.max(limit.units / PARTS),
            limit: limit.units,
            window_seconds: u32::try_from(limit.window.as_secs()).unwrap_or(u32::MAX),
        };
        let grant = self.ask(context, now, &request).await;
        let decided = part.lock().add(window, grant, units);
        self.decided(decided.map(taken), limit, until_next)
    }

    fn decided(&self, taken: Option<Taken>, limit: Limit, until_next: Duration) -> Taken {
        taken.unwrap_or_else(|| {
            self.metrics.refused.with_label_values(&[limit.name]).inc();
            Taken { is_allowed: false, left: 0, until_next }
        })
    }

    async fn ask(&self, context: &RequestContext, now: Timestamp, request: &AllowanceRequest) -> Grant {
        if now.micros() < self.alone_until.load(Ordering::Relaxed) {
            return self.own.count(request);
        }
        let answer = timeout(WAIT, self.source.take(context, request)).await;
        let error = match answer {
            Ok(Ok(grant)) => return grant,
            Ok(Err(error)) => chain(&error).to_string(),
            Err(_) => format!("no answer within {WAIT:?}"),
        };
        warn!(error, "limits are counted by this process alone for {BY_ITSELF:?}");
        self.metrics.alone.inc();
        self.alone_until.store(now.plus(BY_ITSELF).micros(), Ordering::Relaxed);
        self.own.count(request)
    }
}

impl Part {
    /// What is left after these units were taken from what is held, or `Some(None)` where there are no more; `None` when
    /// the counts have to be asked.
    fn take(&mut self, window: i64, units: u32) -> Option<Option<u32>> {
        if self.window != window {
            *self = Part { window, ..Part::default() };
        }
        match self.units.checked_sub(units) {
            Some(rest) => {
                self.units = rest;
                Some(Some(rest.saturating_add(self.left_for_others)))
            }
            None => self.is_used_up.then_some(None),
        }
    }

    /// Adds what was granted, and takes these units from it.
    fn add(&mut self, window: i64, grant: Grant, units: u32) -> Option<u32> {
        if self.window == window {
            self.units = self.units.saturating_add(grant.units);
            self.left_for_others = grant.left;
            self.is_used_up = grant.left == 0;
        }
        self.take(window, units).flatten()
    }
}

/// Where other services have allowances counted. They hold their parts themselves, so that here nothing is held for them.
pub(crate) fn allowances_route(allowances: Allowances) -> Router {
    Router::new().route("/allowances", post(grant)).with_state(allowances)
}

async fn grant(
    State(allowances): State<Allowances>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Json<Grant>, ApiError> {
    let request = AllowanceRequest::parse(&body).map_err(ApiError::bad_request)?;
    Ok(Json(allowances.source.take(&context, &request).await?))
}
