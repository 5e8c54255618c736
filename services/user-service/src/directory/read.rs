use std::collections::{BTreeSet, HashMap};

use futures::future::try_join_all;
use tracing::Instrument;

use super::{Directory, DirectoryError, failpoints::Failpoint, singleflight::Query};
use crate::{
    cache::{Cache, Fill, Token},
    key::Key,
    metrics::Outcome,
    record::Record,
};

impl Directory {
    /// The record of one person, as [`Directory::find`] finds it.
    pub(crate) async fn find_one(&self, key: Key) -> Result<Option<Record>, DirectoryError> {
        Ok(self.find(&[key]).await?.pop().flatten())
    }

    /// The records of `keys`, in their order; `None` for somebody unknown. Each is at least as new as the last change
    /// of that person that was answered before this was called, on whichever replica.
    ///
    /// # Errors
    /// When a person is not in the cache and the database does not answer.
    pub(crate) async fn find(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, DirectoryError> {
        let cached = self.cached(keys).await;
        let past_the_cache = cached.is_none();
        let mut found = cached.unwrap_or_else(|| vec![None; keys.len()]);
        let missing = keys.iter().zip(&found).filter(|(_, hit)| hit.is_none()).map(|(key, _)| key);
        let missing: Vec<Key> = missing.collect::<BTreeSet<_>>().into_iter().cloned().collect();
        if missing.is_empty() {
            return Ok(found);
        }
        let tokens = if past_the_cache { None } else { self.shared.cache.note(&missing).await.ok() };
        let loaded = match self.load(missing, tokens).await {
            Ok(loaded) => loaded,
            Err(error) => return self.cached_after_all(keys).await.ok_or(error),
        };
        for (key, slot) in keys.iter().zip(&mut found).filter(|(_, slot)| slot.is_none()) {
            *slot = loaded.get(key).cloned();
        }
        Ok(found)
    }

    /// What the cache holds of `keys`; `None` when it must not be used or does not answer.
    async fn cached(&self, keys: &[Key]) -> Option<Vec<Option<Record>>> {
        if !self.uses_cache() {
            return None;
        }
        let mut found = self.shared.cache.get(keys).await.ok()?;
        if !self.is_on_agreed_servers() {
            return None;
        }
        for (key, hit) in keys.iter().zip(&mut found) {
            hit.take_if(|record| !record.is_of(key));
        }
        self.shared.metrics.count(Outcome::Hit, found.iter().flatten().count());
        Some(found)
    }

    /// The records of `keys`, if the cache holds them all. A connection to it that was just lost is waited for.
    async fn cached_after_all(&self, keys: &[Key]) -> Option<Vec<Option<Record>>> {
        if let Cache::Redis(cache) = &self.shared.cache
            && self.shared.lease.is_held()
        {
            cache.reconnected().await;
        }
        self.cached(keys).await.filter(|hits| hits.iter().all(Option::is_some))
    }

    /// Asks the database for people, in queries that are shared with other readers, and fills the cache with those
    /// for whom there is a token, unless somebody is just writing them.
    async fn load(
        &self,
        missing: Vec<Key>,
        tokens: Option<Vec<Option<Token>>>,
    ) -> Result<HashMap<Key, Record>, DirectoryError> {
        self.shared.failpoints.reached(Failpoint::TokenNoted).await;
        let tokens = tokens.unwrap_or_else(|| vec![None; missing.len()]);
        let mut answers = Vec::new();
        for (key, token) in missing.into_iter().zip(tokens) {
            let token = token.filter(|token| !token.is_fence());
            let may_fill = token.is_some();
            let (answer, shared) = self.shared.singleflight.ask(key.clone(), token);
            self.shared.metrics.count(
                match (may_fill, shared) {
                    (false, _) => Outcome::Bypass,
                    (true, true) => Outcome::Coalesced,
                    (true, false) => Outcome::Miss,
                },
                1,
            );
            answers.push(async {
                Ok::<_, DirectoryError>((key, answer.await.map_err(|_| DirectoryError::BrokenOff)??))
            });
        }
        self.start_queries();
        let found = try_join_all(answers).await?;
        Ok(found.into_iter().filter_map(|(key, record)| Some((key, record?))).collect())
    }

    /// Starts what queries are due, each of which starts the next ones.
    fn start_queries(&self) {
        while let Some(query) = self.shared.singleflight.next_query() {
            let span = query.span.clone();
            let directory = self.clone();
            let run = async move {
                directory.run_query(query).await;
                directory.start_queries();
            };
            self.shared.tasks.spawn(run.instrument(span));
        }
    }

    /// Answers those who asked when what they asked for is in the cache.
    async fn run_query(&self, query: Query) {
        let keys: Vec<Key> = query.people.iter().map(|(key, _)| key.clone()).collect();
        let found = self.shared.people.find(&keys).await;
        self.shared.failpoints.reached(Failpoint::Loaded).await;
        if let Ok(found) = &found {
            let fill = |key: &Key, token: &Token| {
                Some(Fill { key: key.clone(), token: token.clone(), record: found.get(key)?.clone() })
            };
            let fills =
                query.people.iter().flat_map(|(key, tokens)| tokens.iter().filter_map(move |t| fill(key, t)));
            let fills: Vec<Fill> = fills.collect();
            if !fills.is_empty() {
                // A cache that could not be filled has nothing old in it.
                let _ = self.shared.cache.fill(&fills).await;
            }
        }
        query.answer(&found.map_err(DirectoryError::from));
    }
}
