//! The cache of records, and how a reader who was overtaken by a writer is kept from storing what is old by then.
//!
//! Each person has a value, the record as JSON text, and a token. A reader who misses the value notes the token, or
//! makes one if there is none, asks the database, and fills in the value only if the token is still the same.
//! A writer replaces the token by a fence and drops the value before it commits, and drops both when it has committed.
//! While a fence stands nobody fills. No token comes twice, so however long a reader pauses, and whether its token was
//! dropped, evicted or has come to the end of its life meanwhile, it is not taken for the one that is there now.

#[cfg(feature = "distributed")]
mod failure;
mod memory;
#[cfg(feature = "distributed")]
mod metrics;
#[cfg(feature = "distributed")]
mod redis;
#[cfg(feature = "distributed")]
mod scripts;
#[cfg(feature = "distributed")]
mod server_check;
mod token;
#[cfg(not(feature = "distributed"))]
mod without_redis;

#[cfg(test)]
mod tests;

#[cfg(not(feature = "distributed"))]
pub(crate) use self::without_redis::{CacheError, RedisCache};
#[cfg(feature = "distributed")]
pub(crate) use self::{
    failure::{CacheError, FailureCause},
    metrics::RedisMetrics,
    redis::RedisCache,
};
pub(crate) use self::{
    memory::MemoryCache,
    token::{Fence, Token},
};

use std::{sync::Arc, time::Duration};

use service_kit::{AllowanceSource, LocalCounts};

use crate::{key::Key, record::Record};

/// How long a fence stands whose writer does not lift it. Longer by far than any request.
const FENCE_LIFE: Duration = Duration::from_secs(60);

/// A value for the cache, to be taken only while the person's token is still this one.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(crate) key: Key,
    pub(crate) token: Token,
    pub(crate) record: Record,
}

/// Where records are cached.
#[cfg_attr(not(feature = "distributed"), expect(dead_code, reason = "one process has its cache within it"))]
pub(crate) enum Cache {
    /// In a Redis that all replicas share.
    Redis(RedisCache),
    /// In this process, which has to be the only one.
    Memory(MemoryCache),
    /// Nowhere: several replicas without a Redis would not notice each other's changes.
    Off,
}

impl Cache {
    /// The cached records of `keys`, in their order.
    pub(crate) async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, CacheError> {
        match self {
            Cache::Redis(cache) => cache.get(keys).await,
            Cache::Memory(cache) => Ok(cache.get(keys)),
            Cache::Off => Ok(vec![None; keys.len()]),
        }
    }

    /// The tokens of `keys`, in their order; nobody's value is to be filled in where there is none.
    pub(crate) async fn note(&self, keys: &[Key]) -> Result<Vec<Option<Token>>, CacheError> {
        Ok(match self {
            Cache::Redis(cache) => cache.note(keys).await?.into_iter().map(Some).collect(),
            Cache::Memory(cache) => cache.note(keys).into_iter().map(Some).collect(),
            Cache::Off => vec![None; keys.len()],
        })
    }

    /// Takes those values whose token is still the same.
    pub(crate) async fn fill(&self, fills: &[Fill]) -> Result<(), CacheError> {
        match self {
            Cache::Redis(cache) => cache.fill(fills).await?,
            Cache::Memory(cache) => cache.fill(fills),
            Cache::Off => (),
        }
        Ok(())
    }

    /// Drops the value and keeps others from being filled in until the fence is lifted.
    pub(crate) async fn raise(&self, key: &Key, fence: &Fence) -> Result<(), CacheError> {
        match self {
            Cache::Redis(cache) => cache.raise(key, fence).await?,
            Cache::Memory(cache) => cache.raise(key, fence),
            Cache::Off => (),
        }
        Ok(())
    }

    /// Drops the values and lifts these fences; another writer's fence stays up. Readers who are on their way with a
    /// value find their token gone in any case.
    pub(crate) async fn lift<'a>(
        &self,
        fences: impl IntoIterator<Item = (&'a Key, &'a str)>,
    ) -> Result<(), CacheError> {
        match self {
            Cache::Redis(cache) => cache.lift(fences).await?,
            Cache::Memory(cache) => fences.into_iter().for_each(|(key, fence)| cache.lift(key, fence)),
            Cache::Off => (),
        }
        Ok(())
    }

    /// Where it is counted what callers have been allowed: beside the records, or in this process.
    pub(crate) fn counts(&self) -> Arc<dyn AllowanceSource> {
        match self {
            Cache::Redis(cache) => cache.counts(),
            Cache::Memory(_) | Cache::Off => Arc::new(LocalCounts::default()),
        }
    }

    /// Whether there is a connection; it may be broken without anybody having noticed yet. Without one everything else
    /// fails at once.
    pub(crate) fn is_connected(&self) -> bool {
        match self {
            Cache::Redis(cache) => cache.is_connected(),
            Cache::Memory(_) | Cache::Off => true,
        }
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> Result<Duration, CacheError> {
        match self {
            Cache::Redis(cache) => cache.ping().await,
            Cache::Memory(_) | Cache::Off => Ok(Duration::ZERO),
        }
    }

    /// Why it does not answer, in words that anybody may read: this error, or what it follows from.
    pub(crate) fn failure(&self, error: &CacheError) -> &'static str {
        let known = match self {
            Cache::Redis(cache) => cache.failure(),
            Cache::Memory(_) | Cache::Off => None,
        };
        error.cause().or(known).map_or("not connected yet", |cause| cause.0)
    }
}
