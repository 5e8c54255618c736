//! What callers have been allowed, counted for all replicas.

use std::sync::Arc;

use async_trait::async_trait;
use redis::pipe;
use service_kit::{AllowanceSource, ApiError, RequestContext};
use wire::{AllowanceRequest, Grant};

use super::RedisCache;
use crate::cache::CacheError;

const COUNT: &str = "rate_";

impl RedisCache {
    /// Counts in this Redis.
    pub(crate) fn counts(&self) -> Arc<dyn AllowanceSource> {
        Arc::new(self.clone())
    }

    /// Adds to a count that is forgotten when it has not been added to for so long; what it is then.
    async fn count(&self, key: &str, units: u32, life_seconds: u32) -> Result<u64, CacheError> {
        let (key, mut both) = (format!("{COUNT}{key}"), pipe());
        both.atomic().cmd("INCRBY").arg(&key).arg(units);
        both.cmd("EXPIRE").arg(&key).arg(life_seconds).ignore();
        let connection = self.connection()?;
        let mut line = connection.lines.of(&key);
        let (total,): (u64,) =
            self.answer(connection.number, "count", "EXEC", both.query_async(&mut line)).await?;
        Ok(total)
    }
}

#[async_trait]
impl AllowanceSource for RedisCache {
    async fn take(&self, _: &RequestContext, request: &AllowanceRequest) -> Result<Grant, ApiError> {
        let total = self.count(&request.key, request.units, request.window_seconds).await;
        let total = total.map_err(|error| {
            ApiError::unavailable("Limits are not counted: Redis is unavailable").because(error)
        })?;
        Ok(Grant::of_total(request, total))
    }
}
