use std::time::Instant;

use wire::{NewPerson, Timestamp};

use super::{Directory, DirectoryError, steps::Step};
use crate::{
    cache::Token,
    conditions::Conditions,
    db::{Change, Creation},
    key::Key,
    record::{Record, StoredPerson},
};

/// What came of a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Created {
    /// The person is stored now.
    New(Record),
    /// The same person with the same content was stored already.
    Same(Record),
    /// A person with this address and other content is stored already, and was not changed.
    Other,
}

impl Directory {
    /// Stores a new person. The cache need not be told, for it holds nothing of people who are not there.
    ///
    /// # Errors
    /// When the database does not answer; the person may be stored or not.
    pub(crate) async fn create(&self, person: &NewPerson, now: Timestamp) -> Result<Created, DirectoryError> {
        let key = Key::from(&person.email);
        let new = StoredPerson { content: person.into(), created_at_us: now.micros() };
        let people = self.shared.people.clone();
        self.finish(async move {
            Ok(match people.create(&key, &new).await? {
                Creation::New => Created::New(new.record()),
                Creation::Known(known) if known.content.agrees_with(&new.content) => {
                    Created::Same(known.record())
                }
                Creation::Known(_) => Created::Other,
            })
        })
        .await
    }

    /// Replaces a person's content; `None` when there is no such person.
    ///
    /// # Errors
    /// When the conditions do not hold: nothing was changed. When the database does not answer; the content may be
    /// replaced or not.
    pub(crate) async fn replace(
        &self,
        person: &NewPerson,
        conditions: Conditions,
    ) -> Result<Option<Record>, DirectoryError> {
        let (key, content) = (Key::from(&person.email), person.into());
        let directory = self.clone();
        self.finish(async move {
            let Some((change, person)) = directory.shared.people.replace(&key, content, &conditions).await?
            else {
                return Ok(None);
            };
            directory.publish(&key, change).await?;
            Ok(Some(person.record()))
        })
        .await
    }

    /// Deletes a person; whether there was one.
    ///
    /// # Errors
    /// When the conditions do not hold: nothing was changed. When the database does not answer; the person may be
    /// deleted or not.
    pub(crate) async fn remove(&self, key: Key, conditions: Conditions) -> Result<bool, DirectoryError> {
        let directory = self.clone();
        self.finish(async move {
            let Some(change) = directory.shared.people.remove(&key, &conditions).await? else {
                return Ok(false);
            };
            directory.publish(&key, change).await?;
            Ok(true)
        })
        .await
    }

    /// Commits a change such that no replica gives the old record to whoever asks after this has returned.
    async fn publish(&self, key: &Key, mut change: Change) -> Result<(), DirectoryError> {
        let token = Token::writing();
        self.shared.steps.reached(Step::RowLocked).await;
        let fenced = self.raise_fence(key, &token).await;
        if !fenced {
            change.note_stale(token.as_str()).await?;
        }
        self.shared.steps.reached(Step::Fenced).await;
        if let Err(error) = change.commit().await {
            self.unsettled().insert(key.clone(), token);
            return Err(error.into());
        }
        let committed = Instant::now();
        self.shared.steps.reached(Step::Committed).await;
        if fenced && self.lift_fence(key, &token).await {
            return Ok(());
        }
        if fenced && self.shared.people.note_stale(key, token.as_str()).await.is_err() {
            self.unsettled().insert(key.clone(), token);
        }
        self.shared.trust.wait_for_sweep_after(committed, self.shared.timing.lease).await;
        Ok(())
    }

    async fn raise_fence(&self, key: &Key, token: &Token) -> bool {
        if !self.shared.cache.is_connected() {
            return false;
        }
        let raised = self.shared.cache.fence(key, token).await;
        raised.inspect_err(|error| self.distrust(error)).is_ok()
    }

    async fn lift_fence(&self, key: &Key, token: &Token) -> bool {
        let lifted = self.shared.cache.lift([(key, token.as_str())]).await;
        lifted.inspect_err(|error| self.distrust(error)).is_ok()
    }
}
