use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use opentelemetry::Context;
use prometheus::Registry;
use wire::{AllowanceRequest, CaseId, Grant};

use super::{
    AllowanceSource, Allowances, ClientQuota, LocalCounts,
    allowances::{Limit, Taken},
};
use crate::{ApiError, RequestContext};

/// As long a window as there is, which hardly ends during a test.
const DAY: Duration = Duration::from_secs(86_400);

/// Counts that several processes share, and that may be away.
#[derive(Clone, Default)]
struct Shared {
    counts: LocalCounts,
    asked: Arc<AtomicUsize>,
    is_away: Arc<AtomicBool>,
}

#[async_trait]
impl AllowanceSource for Shared {
    async fn take(&self, context: &RequestContext, request: &AllowanceRequest) -> Result<Grant, ApiError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_away.load(Ordering::Relaxed) {
            return Err(ApiError::unavailable("away"));
        }
        self.counts.take(context, request).await
    }
}

fn process(shared: &Shared) -> Allowances {
    Allowances::new(Arc::new(shared.clone()), &Registry::new()).unwrap()
}

fn asks(client: Option<&str>) -> RequestContext {
    RequestContext::new(CaseId::fresh(), client.map(|client| client.parse().unwrap()), Context::new())
}

async fn take(allowances: &Allowances, limit: u32, units: u32) -> Taken {
    let limit = Limit { name: "thing", units: limit, window: DAY };
    allowances.take(&asks(None), limit, "somebody", units).await
}

#[tokio::test]
async fn all_processes_together_hand_out_no_more_than_the_limit() {
    for (limit, cost) in [(1, 1), (7, 1), (100, 1), (100, 10), (1_000, 3)] {
        let shared = Shared::default();
        let processes = [(); 3].map(|()| process(&shared));
        let mut used = 0;
        for turn in 0..3 * limit {
            let process = &processes[usize::try_from(turn).unwrap() % 3];
            used += if take(process, limit, cost).await.is_allowed { cost } else { 0 };
        }
        let unused = 3 * (limit / 20).max(cost);
        assert!(used <= limit && used + unused >= limit, "{used} of {limit} by {cost}");
    }
}

#[tokio::test]
async fn one_request_in_many_asks_for_the_counts_and_none_that_is_refused() {
    let shared = Shared::default();
    let process = process(&shared);
    for left in (0..1_000).rev() {
        let taken = take(&process, 1_000, 1).await;
        assert!(taken.is_allowed && taken.left == left, "{left}: {taken:?}");
        assert!(taken.until_next <= DAY && !taken.until_next.is_zero());
    }
    for _ in 0..100 {
        assert!(!take(&process, 1_000, 1).await.is_allowed);
    }
    assert_eq!(shared.asked.load(Ordering::Relaxed), 20);
}

#[tokio::test]
async fn a_process_that_cannot_ask_counts_by_itself() {
    let shared = Shared::default();
    shared.is_away.store(true, Ordering::Relaxed);
    let process = process(&shared);
    let mut allowed = 0;
    for _ in 0..100 {
        allowed += u32::from(take(&process, 40, 1).await.is_allowed);
    }
    assert_eq!(allowed, 40);
    assert_eq!(shared.asked.load(Ordering::Relaxed), 1, "it leaves the counts alone for a while");
}

#[tokio::test]
async fn each_client_has_a_quota_of_its_own() {
    let quota = ClientQuota::per_hour(process(&Shared::default()), "things", 2);
    for _ in 0..2 {
        quota.take(&asks(Some("2001:db8::1"))).await.unwrap();
    }
    let refused = quota.take(&asks(Some("2001:db8::2"))).await.unwrap_err();
    assert_eq!(refused.status().as_u16(), 429, "it is in the same network");
    assert!(refused.detail()[0].msg.contains("2 times an hour"), "{refused}");
    for other in [Some("2001:db8:0:1::1"), Some("192.0.2.7"), None, None, None] {
        quota.take(&asks(other)).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_limit_nobody_is_refused() {
    let shared = Shared::default();
    let quota = ClientQuota::per_hour(process(&shared), "things", 0);
    for _ in 0..100 {
        quota.take(&asks(Some("192.0.2.7"))).await.unwrap();
    }
    assert_eq!((quota.limit(), shared.asked.load(Ordering::Relaxed)), (None, 0));
}
