use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use futures::future::try_join_all;
use tracing::Instrument;

use super::{Directory, DirectoryError, flights::Departure, steps::Step};
use crate::{
    cache::{Fill, Token},
    key::Key,
    metrics::Outcome,
    record::Record,
};

type People = Arc<HashMap<Key, Record>>;

impl Directory {
    /// The record of one person, as [`Directory::find`] finds it.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn find_one(&self, key: Key) -> Result<Option<Record>, DirectoryError> {
        Ok(self.find(&[key]).await?.pop().flatten())
    }

    /// The records of `keys`, in their order; `None` for somebody unknown. Each is at least as new as the last change
    /// of that person that was answered before this was called, on whichever replica.
    ///
    /// # Errors
    /// When a person is not in the cache and the database does not answer.
    pub(crate) async fn find(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, DirectoryError> {
        let mut found = self.cached(keys).await;
        let missing: BTreeSet<&Key> = match &found {
            None => keys.iter().collect(),
            Some(hits) => {
                keys.iter().zip(hits).filter(|(_, hit)| hit.is_none()).map(|(key, _)| key).collect()
            }
        };
        if missing.is_empty() {
            return Ok(found.unwrap_or_default());
        }
        let missing = missing.into_iter().cloned().collect();
        let loaded = match found {
            Some(_) => self.load(missing).await?,
            None => match self.look_up(missing).await {
                Ok(people) => vec![people],
                Err(error) => return self.all_cached(keys).await.ok_or(error),
            },
        };
        let slots = found.get_or_insert_with(|| vec![None; keys.len()]);
        for (key, slot) in keys.iter().zip(slots).filter(|(_, slot)| slot.is_none()) {
            *slot = loaded.iter().find_map(|people| people.get(key)).cloned();
        }
        Ok(found.unwrap_or_default())
    }

    /// What the cache holds of `keys`; `None` when it must not be believed or cannot be asked.
    async fn cached(&self, keys: &[Key]) -> Option<Vec<Option<Record>>> {
        if !self.uses_cache() {
            return None;
        }
        let mut found = self.shared.cache.get(keys).await.inspect_err(|error| self.distrust(error)).ok()?;
        for (key, hit) in keys.iter().zip(&mut found) {
            hit.take_if(|record| !record.is_of(key));
        }
        self.shared.metrics.count(Outcome::Hit, found.iter().flatten().count());
        Some(found)
    }

    /// The records of `keys`, if the cache has become usable meanwhile and holds them all.
    async fn all_cached(&self, keys: &[Key]) -> Option<Vec<Option<Record>>> {
        self.cached(keys).await.filter(|hits| hits.iter().all(Option::is_some))
    }

    /// Asks the database for people whom the cache does not have, each once for all who miss them at the same time,
    /// and fills the cache. A person who is just being written is asked for without either.
    async fn load(&self, missing: Vec<Key>) -> Result<Vec<People>, DirectoryError> {
        let tokens = self.shared.cache.tokens(&missing).await;
        let Ok(tokens) = tokens.inspect_err(|error| self.distrust(error)) else {
            return Ok(vec![self.look_up(missing).await?]);
        };
        self.shared.steps.reached(Step::TokenNoted).await;
        let (in_writing, settled): (Vec<_>, Vec<_>) =
            missing.into_iter().zip(tokens).partition(|(_, token)| token.is_writing());
        let (mut flights, own) = self.shared.flights.board(settled);
        self.shared.metrics.count(Outcome::Coalesced, flights.len());
        if let Some((flight, departure)) = own {
            flights.push(flight);
            let fly = self.clone().fly(departure);
            self.shared.tasks.spawn(fly.in_current_span());
        }
        let landed = try_join_all(flights);
        let in_writing: Vec<Key> = in_writing.into_iter().map(|(key, _)| key).collect();
        let (landed, past) = tokio::join!(landed, self.look_up(in_writing));
        let landed = landed.map_err(|_| DirectoryError::BrokenOff)?;
        landed.into_iter().chain([past]).collect()
    }

    /// Makes one query for all on board, and lands when what it found is in the cache.
    async fn fly(self, departure: Departure) {
        self.shared.metrics.count(Outcome::Miss, departure.seats.len());
        let (keys, tokens): (Vec<Key>, Vec<Token>) = departure.seats.iter().cloned().unzip();
        let found = self.shared.people.find(&keys).await;
        self.shared.steps.reached(Step::Loaded).await;
        if let Ok(found) = &found {
            let fill = |(key, token): (Key, Token)| {
                let record = found.get(&key)?.clone();
                Some(Fill { key, token, record })
            };
            let fills: Vec<Fill> = keys.into_iter().zip(tokens).filter_map(fill).collect();
            if !fills.is_empty()
                && let Err(error) = self.shared.cache.fill(&fills).await
            {
                self.distrust(&error);
            }
        }
        departure.land(found.map(Arc::new).map_err(DirectoryError::from));
    }

    /// Asks the database past the cache.
    async fn look_up(&self, keys: Vec<Key>) -> Result<People, DirectoryError> {
        if keys.is_empty() {
            return Ok(Arc::default());
        }
        self.shared.metrics.count(Outcome::Bypass, keys.len());
        let people = self.shared.people.clone();
        self.finish(async move { Ok(Arc::new(people.find(&keys).await?)) }).await
    }
}
