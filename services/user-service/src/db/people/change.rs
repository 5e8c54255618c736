use sql_store::{SqlError, Tx};
use sqlx::{Row, query};
use wire::{CaseId, Timestamp};

use super::{People, person};
use crate::{
    conditions::Conditions,
    db::{
        conflicts::{Whose, order_check},
        erasures::{Traces, order_erasure},
    },
    key::Key,
    record::{Content, StoredPerson},
};

/// A change of one person that is not committed yet. Its row is locked: other changes of that person wait.
#[derive(Debug)]
pub(crate) struct Change {
    tx: Tx,
    key: Key,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error("the person is another than the client has seen")]
    PreconditionFailed,
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl People {
    /// Replaces a person's content, and gives the person as they are then; `None` when there is no such person.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing was changed.
    pub(crate) async fn replace(
        &self,
        key: &Key,
        content: Content,
        conditions: &Conditions,
        case_id: &CaseId,
    ) -> Result<Option<(Change, StoredPerson)>, ChangeError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db.begin().await?;
        if !conditions.is_empty() {
            let lock = query(
                "UPDATE people SET id = id WHERE address_key = $1 \
                 RETURNING email, availabilities, preference, created_at_us",
            )
            .bind(key.as_str());
            let Some(row) = tx.fetch_optional(lock).await? else {
                tx.rollback().await?;
                return Ok(None);
            };
            tx = allowed(tx, &person(&row)?, conditions).await?;
        }
        let update = query(
            "UPDATE people SET email = $2, availabilities = $3, preference = $4 WHERE address_key = $1 \
             RETURNING id, created_at_us",
        )
        .bind(key.as_str())
        .bind(content.email.as_str())
        .bind(content.availabilities.as_str())
        .bind(content.preference.as_str());
        let Some(row) = tx.fetch_optional(update).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        let created_at_us = row.try_get("created_at_us").map_err(SqlError::from)?;
        let id: String = row.try_get("id").map_err(SqlError::from)?;
        order_check(&mut tx, Whose::Person(&id), case_id).await?;
        Ok(Some((Change { tx, key: key.clone() }, StoredPerson { created_at_us, content })))
    }

    /// Deletes a person, and orders that other services erase what they have of them; `None` when there is no such person.
    ///
    /// # Errors
    /// [`ChangeError`]; nothing was changed.
    pub(crate) async fn remove(
        &self,
        key: &Key,
        conditions: &Conditions,
        case_id: &CaseId,
        now: Timestamp,
    ) -> Result<Option<Change>, ChangeError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db.begin().await?;
        let delete = query(
            "DELETE FROM people WHERE address_key = $1 \
             RETURNING email, availabilities, preference, created_at_us",
        )
        .bind(key.as_str());
        let Some(row) = tx.fetch_optional(delete).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        let mut tx = allowed(tx, &person(&row)?, conditions).await?;
        order_erasure(&mut tx, key, &Traces::default(), case_id, now).await?;
        Ok(Some(Change { tx, key: key.clone() }))
    }

    /// Waits until no change of this person is under way: one whose commit got no answer has been decided then.
    ///
    /// # Errors
    /// [`SqlError`], by kind; a change may still be under way.
    pub(crate) async fn settle(&self, key: &Key) -> Result<(), SqlError> {
        let mut tx = self.db.begin().await?;
        let lock = query("UPDATE people SET id = id WHERE address_key = $1").bind(key.as_str());
        tx.execute(lock).await?;
        tx.rollback().await
    }
}

/// Goes on if the person as they are stored, and locked now, may be changed.
async fn allowed(tx: Tx, stored: &StoredPerson, conditions: &Conditions) -> Result<Tx, ChangeError> {
    if conditions.is_empty() || conditions.allow_change(&stored.record()) {
        return Ok(tx);
    }
    tx.rollback().await?;
    Err(ChangeError::PreconditionFailed)
}

impl Change {
    /// A change of the person with this key, whose row is locked.
    pub(in crate::db) fn new(tx: Tx, key: Key) -> Change {
        Change { tx, key }
    }

    /// Notes, as part of the change, that the cache could not be told of it.
    ///
    /// # Errors
    /// [`SqlError`], by kind; the change cannot be committed any more.
    pub(crate) async fn note_stale(&mut self, mark: &str) -> Result<(), SqlError> {
        self.tx.execute(crate::db::stale_keys::note(&self.key, mark)).await.map(|_| ())
    }

    /// Makes the change durable and visible.
    ///
    /// # Errors
    /// Nobody can say whether it was committed, or still will be; [`People::settle`] waits for that.
    pub(crate) async fn commit(self) -> Result<(), SqlError> {
        self.tx.commit().await
    }
}
