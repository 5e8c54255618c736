//! The cache of records, and the tokens by which a reader that raced with a writer notices it.
//!
//! Each person has a value (the record as JSON text) and a token. A writer puts up a fence before it commits: a new
//! `writing:` token, and no value. When it has committed it lifts the fence: a new `done:` token, and no value. A
//! reader notes the token before it asks the database, and its value is only taken while the token is the same.

mod gather;
mod memory;
mod redis;
mod scripts;
mod times;
mod token;

#[cfg(test)]
mod tests;

pub(crate) use self::{
    memory::MemoryCache,
    redis::{RedisCache, RedisSettings},
    token::Token,
};

use std::time::Duration;

use crate::{key::Key, record::Record};

/// How long a token lives. No reader may take as long between noting it and coming back with a value.
const TOKEN_TTL: Duration = Duration::from_secs(60);

/// Why the cache could not be used.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CacheError {
    /// There is no connection.
    #[error("there is no connection to Redis")]
    Away,
    /// Redis did not answer, or not as expected.
    #[error("Redis failed")]
    Redis(#[from] ::redis::RedisError),
    /// Its metrics cannot be described, which is a fault of this code.
    #[error("the cache cannot be measured")]
    Metrics(#[source] std::sync::Arc<prometheus::Error>),
    /// Redis took too long.
    #[error("Redis took longer than {0:?}")]
    TooSlow(Duration),
}

/// A value for the cache, to be taken only while the person's token is still this one.
#[derive(Clone, Debug)]
pub(crate) struct Fill {
    pub(crate) key: Key,
    pub(crate) token: Token,
    pub(crate) record: Record,
}

/// Where records are cached.
#[derive(Debug)]
pub(crate) enum Cache {
    /// In a Redis that all replicas share.
    Redis(Box<RedisCache>),
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

    /// The tokens of `keys`, in their order.
    pub(crate) async fn tokens(&self, keys: &[Key]) -> Result<Vec<Token>, CacheError> {
        match self {
            Cache::Redis(cache) => cache.tokens(keys).await,
            Cache::Memory(cache) => Ok(cache.tokens(keys)),
            Cache::Off => Ok(vec![Token::none(); keys.len()]),
        }
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

    /// Drops the value and keeps others from being filled in until the fence with this `token` is lifted.
    pub(crate) async fn fence(&self, key: &Key, token: &Token) -> Result<(), CacheError> {
        match self {
            Cache::Redis(cache) => cache.fence(key, token).await?,
            Cache::Memory(cache) => cache.fence(key, token),
            Cache::Off => (),
        }
        Ok(())
    }

    /// Drops the values and lifts the fences with these tokens; somebody else's fence stays up. Readers that are on
    /// their way with a value are turned away in any case.
    pub(crate) async fn lift<'a>(
        &self,
        fences: impl IntoIterator<Item = (&'a Key, &'a str)>,
    ) -> Result<(), CacheError> {
        match self {
            Cache::Redis(cache) => cache.lift(fences).await?,
            Cache::Memory(cache) => fences.into_iter().for_each(|(key, token)| cache.lift(key, token)),
            Cache::Off => (),
        }
        Ok(())
    }

    /// Connects anew, to a cache in which nothing is left from before it was last restarted.
    pub(crate) async fn connect(&self) -> Result<(), CacheError> {
        match self {
            Cache::Redis(cache) => cache.connect().await,
            Cache::Memory(_) | Cache::Off => Ok(()),
        }
    }

    /// Whether there is a connection; it may be broken without anybody having noticed yet.
    pub(crate) fn is_connected(&self) -> bool {
        match self {
            Cache::Redis(cache) => cache.is_connected(),
            Cache::Memory(_) | Cache::Off => true,
        }
    }

    /// Gives the connection up, if there is one; until [`Cache::connect`] everything else fails at once.
    pub(crate) fn disconnect(&self) -> bool {
        match self {
            Cache::Redis(cache) => cache.disconnect(),
            Cache::Memory(_) | Cache::Off => false,
        }
    }

    /// Asks for a sign of life.
    pub(crate) async fn ping(&self) -> Result<Duration, CacheError> {
        match self {
            Cache::Redis(cache) => cache.ping().await,
            Cache::Memory(_) | Cache::Off => Ok(Duration::ZERO),
        }
    }
}
