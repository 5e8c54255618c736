use std::time::Duration;

use async_trait::async_trait;
use moka::sync::Cache;
use wire::{AllowanceRequest, Grant};

use crate::{ApiError, RequestContext};

/// Most allowances that one process counts; those not asked for longest go first.
const MOST_COUNTED: u64 = 100_000;
/// For so long a count is kept: as long as the longest window.
const KEPT: Duration = Duration::from_secs(3_600);

/// Where the units are counted that all have handed out: user-service's Redis, which the other services have user-service ask.
#[async_trait]
pub trait AllowanceSource: Send + Sync {
    /// Takes units of an allowance, as many of those that are asked for as are left.
    ///
    /// # Errors
    /// 503 when it cannot be counted for now.
    async fn take(&self, context: &RequestContext, request: &AllowanceRequest) -> Result<Grant, ApiError>;
}

/// Counts in this process alone. Clones are the same counts.
#[derive(Clone, Debug)]
pub struct LocalCounts(Cache<String, u64>);

impl Default for LocalCounts {
    fn default() -> LocalCounts {
        LocalCounts(Cache::builder().max_capacity(MOST_COUNTED).time_to_live(KEPT).build())
    }
}

impl LocalCounts {
    pub(super) fn count(&self, request: &AllowanceRequest) -> Grant {
        let counted = self.0.entry_by_ref(&request.key).and_upsert_with(|before| {
            before.map_or(0, moka::Entry::into_value).saturating_add(request.units.into())
        });
        Grant::of_total(request, counted.into_value())
    }
}

#[async_trait]
impl AllowanceSource for LocalCounts {
    async fn take(&self, _: &RequestContext, request: &AllowanceRequest) -> Result<Grant, ApiError> {
        Ok(self.count(request))
    }
}
