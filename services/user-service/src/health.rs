use std::time::Duration;

use async_trait::async_trait;
use futures::{FutureExt, future::select_ok};
use service_kit::{Dependency, Probe, RequestContext};

use crate::{cache::Cache, directory::Directory};

pub(crate) struct Health {
    pub(crate) directory: Directory,
}

impl Health {
    async fn redis(&self) -> Dependency {
        Dependency { name: "redis", essential: false, answer: self.ping_cache().await }
    }

    async fn ping_cache(&self) -> Result<Duration, String> {
        let cache = self.directory.cache();
        cache.ping().await.map_err(|error| cache.failure(&error).to_owned())
    }

    async fn postgresql(&self) -> Dependency {
        let health = self.directory.people().db().health().await;
        Dependency { name: "postgresql", essential: !health.readable, answer: health.answer }
    }
}

#[async_trait]
impl Probe for Health {
    /// The names are those of the real stores for embedded ones too; without a cache there is no `redis`.
    async fn dependencies(&self, _: &RequestContext) -> Vec<Dependency> {
        if matches!(self.directory.cache(), Cache::Off) {
            return vec![self.postgresql().await];
        }
        let (redis, postgresql) = tokio::join!(self.redis(), self.postgresql());
        vec![redis, postgresql]
    }

    /// Once the tables are there and the cache has been looked for: while the database answers, or at least a shared
    /// cache that can stand in for reads.
    async fn ready(&self) -> Result<(), String> {
        let db = self.directory.people().db();
        if !db.is_migrated() {
            return Err("the tables are not there yet".to_owned());
        }
        if !self.directory.is_prepared() {
            return Err("the cache has not been looked for yet".to_owned());
        }
        let database = db.ping().map(|answer| answer.map(drop).map_err(|error| error.summary())).boxed();
        let cached_reads = matches!(self.directory.cache(), Cache::Redis(_)) && self.directory.uses_cache();
        if !cached_reads {
            return database.await;
        }
        let cache = self.ping_cache().map(|answer| answer.map(drop));
        select_ok([database, cache.boxed()]).await.map(drop)
    }
}
