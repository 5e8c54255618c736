use sql_store::{SqlError, Tx};
use sqlx::{Row, query};

use super::People;
use crate::{
    key::Key,
    record::{Content, StoredPerson},
};

/// A change of one person that is not committed yet. Its row is locked: other changes of that person wait.
#[derive(Debug)]
pub(crate) struct Change {
    tx: Tx,
    key: Key,
}

impl People {
    /// Replaces a person's content, and gives the person as they are then; `None` when there is no such person.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nothing was changed.
    pub(crate) async fn replace(
        &self,
        key: &Key,
        content: Content,
    ) -> Result<Option<(Change, StoredPerson)>, SqlError> {
        let mut tx = self.db.begin().await?;
        let update = query(
            "UPDATE people SET email = $2, availabilities = $3, preference = $4 WHERE address_key = $1 \
             RETURNING created_at_us",
        )
        .bind(key.as_str())
        .bind(content.email.as_str())
        .bind(content.availabilities.as_str())
        .bind(content.preference.as_str());
        let Some(row) = tx.fetch_optional(update).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        let person = StoredPerson { created_at_us: row.try_get("created_at_us")?, content };
        Ok(Some((Change { tx, key: key.clone() }, person)))
    }

    /// Deletes a person; `None` when there is no such person.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nothing was changed.
    pub(crate) async fn remove(&self, key: &Key) -> Result<Option<Change>, SqlError> {
        let mut tx = self.db.begin().await?;
        let delete = query("DELETE FROM people WHERE address_key = $1").bind(key.as_str());
        if tx.execute(delete).await? == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
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

impl Change {
    /// Notes, as part of the change, that the cache could not be told of it.
    ///
    /// # Errors
    /// [`SqlError`], by kind; the change cannot be committed any more.
    pub(crate) async fn note_stale(&mut self, mark: &str) -> Result<(), SqlError> {
        self.tx.execute(super::stale::note(&self.key, mark)).await.map(|_| ())
    }

    /// Makes the change durable and visible.
    ///
    /// # Errors
    /// Nobody can say whether it was committed, or still will be; [`People::settle`] waits for that.
    pub(crate) async fn commit(self) -> Result<(), SqlError> {
        self.tx.commit().await
    }
}
