use std::time::Instant;

use wire::{CaseId, NewPerson, Timestamp};

use super::{Directory, DirectoryError, failpoints::Failpoint};
use crate::{
    cache::Fence,
    conditions::Conditions,
    db::{Change, Creation, Erased},
    key::Key,
    record::{Record, StoredPerson},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Created {
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
        case_id: CaseId,
    ) -> Result<Option<Record>, DirectoryError> {
        let (key, content) = (Key::from(&person.email), person.into());
        let directory = self.clone();
        self.finish(async move {
            let replaced = directory.shared.people.replace(&key, content, &conditions, &case_id).await?;
            let Some((change, person)) = replaced else {
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
    pub(crate) async fn remove(
        &self,
        key: Key,
        conditions: Conditions,
        case_id: CaseId,
        now: Timestamp,
    ) -> Result<bool, DirectoryError> {
        let directory = self.clone();
        self.finish(async move {
            let removed = directory.shared.people.remove(&key, &conditions, &case_id, now).await?;
            let Some(change) = removed else {
                return Ok(false);
            };
            directory.publish(&key, change).await?;
            Ok(true)
        })
        .await
    }

    /// Erases whoever has this address, see [`People::erase`](crate::db::People::erase).
    ///
    /// # Errors
    /// When the database does not answer; they may be erased or not.
    pub(crate) async fn erase(
        &self,
        key: Key,
        case_id: CaseId,
        now: Timestamp,
    ) -> Result<Erased, DirectoryError> {
        let directory = self.clone();
        self.finish(async move {
            let (change, erased) = directory.shared.people.erase(&key, &case_id, now).await?;
            directory.publish(&key, change).await?;
            Ok(erased)
        })
        .await
    }

    /// Commits a change such that no replica gives the old record to whoever asks after this has returned.
    pub(super) async fn publish(&self, key: &Key, mut change: Change) -> Result<(), DirectoryError> {
        let (cache, failpoints, fence) = (&self.shared.cache, &self.shared.failpoints, Fence::new());
        failpoints.reached(Failpoint::RowLocked).await;
        let fenced = cache.is_connected() && cache.raise(key, &fence).await.is_ok();
        if !fenced {
            change.note_stale(fence.as_str()).await?;
        }
        failpoints.reached(Failpoint::Fenced).await;
        if let Err(error) = change.commit().await {
            self.shared.unsettled.lock().insert(key.clone(), fence);
            return Err(error.into());
        }
        let committed = Instant::now();
        failpoints.reached(Failpoint::Committed).await;
        if fenced {
            if cache.lift([(key, fence.as_str())]).await.is_ok() && self.is_on_agreed_servers() {
                return Ok(());
            }
            if let Err(error) = self.shared.people.note_stale(key, fence.as_str()).await {
                // Nobody can be told of the change, so nobody is told that it was made.
                self.shared.unsettled.lock().insert(key.clone(), fence);
                return Err(error.into());
            }
        }
        self.shared.sweep_wanted.notify_one();
        self.shared.lease.wait_for_sweep_after(committed).await;
        Ok(())
    }
}
