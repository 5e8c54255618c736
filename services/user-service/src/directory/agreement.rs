//! On which servers of the shared cache the replicas are, where one server may take over from another.
//!
//! One that takes over may lack the last changes of the one before, and that one may still answer those who have not
//! heard of it: it was only slow, or only some are cut off from it. Redis promises nothing there. So the database says
//! which servers are used, in one row: by the ids of their processes, and an agreement's number.
//!
//! Whoever finds other servers than the row says changes the row, waits until the leases of all who are on the servers
//! before have run out, drops all tokens and values, and only then says that the servers may be used. A sweep renews a
//! lease only while the row is the one by which this replica uses its connection. What comes from the cache, and what a
//! writer tells it, counts only while the lease is held.

use tokio::time::sleep;

use super::{Directory, sweeper::SweepError};
use crate::cache::{Cache, RedisCache};

impl Directory {
    /// Connects to the cache, on the servers on which all replicas are.
    #[cfg_attr(not(feature = "distributed"), expect(unused_variables, reason = "there is no such cache"))]
    pub(super) async fn connect(&self, cache: &RedisCache) -> Result<(), SweepError> {
        let new = cache.open().await?;
        let people = &self.shared.people;
        let Some(servers) = new.servers() else {
            return Ok(cache.admit(new, None).await?);
        };
        let mut agreed = people.cache_servers().await?;
        if agreed.as_ref().is_none_or(|agreed| agreed.servers != servers) {
            people.agree_on_cache_servers(servers).await?;
            agreed = people.cache_servers().await?;
        }
        // Otherwise somebody else finds other servers just now.
        let agreed = agreed.filter(|agreed| agreed.servers == servers).ok_or(SweepError::Cache)?;
        if !agreed.is_clean {
            sleep(self.shared.tuning.lease).await;
            cache.clean(&new).await?;
            people.cache_servers_are_clean(agreed.agreement).await?;
        }
        Ok(cache.admit(new, Some(agreed.agreement)).await?)
    }

    /// Fails when other servers are used by now than those of this replica.
    pub(super) async fn check_agreement(&self) -> Result<(), SweepError> {
        let Cache::Redis(cache) = &self.shared.cache else { return Ok(()) };
        if !cache.may_fail_over() {
            return Ok(());
        }
        let agreed = self.shared.people.cache_servers().await?;
        let agreed = agreed.filter(|agreed| agreed.is_clean).map(|agreed| agreed.agreement);
        if agreed.is_some() && agreed == cache.agreement() {
            return Ok(());
        }
        cache.leave();
        Err(SweepError::Cache)
    }

    /// Whether what the cache has just done was done by the servers on which all replicas are.
    pub(super) fn is_on_agreed_servers(&self) -> bool {
        match &self.shared.cache {
            Cache::Redis(cache) if cache.may_fail_over() => self.shared.lease.is_held(),
            _ => true,
        }
    }
}
