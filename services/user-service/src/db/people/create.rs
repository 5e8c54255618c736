use sql_store::SqlError;
use sqlx::query;
use uuid::Uuid;

use super::{People, person};
use crate::{key::Key, record::StoredPerson};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Creation {
    New,
    /// Somebody with this key is stored already, and nothing was changed.
    Known(StoredPerson),
}

impl People {
    /// Stores a new person, unless there is one with this key. Of several at once, one is new.
    ///
    /// # Errors
    /// [`SqlError`], by kind; unless it says otherwise, nothing was stored.
    pub(crate) async fn create(&self, key: &Key, new: &StoredPerson) -> Result<Creation, SqlError> {
        let id = Uuid::now_v7().to_string();
        // By which the version before finds people. Where it cannot tell the person from another, it finds only that one.
        let mut email_key = new.content.email.to_uppercase();
        loop {
            self.complete(std::slice::from_ref(key)).await?;
            let statement = query(
                "INSERT INTO people (id, address_key, email_key, email, availabilities, preference, created_at_us) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
            )
            .bind(id.as_str())
            .bind(key.as_str())
            .bind(email_key.as_str())
            .bind(new.content.email.as_str())
            .bind(new.content.availabilities.as_str())
            .bind(new.content.preference.as_str())
            .bind(new.created_at_us);
            if self.db.writer().await?.fetch_optional(statement).await?.is_some() {
                return Ok(Creation::New);
            }
            let select = query(
                "SELECT email, availabilities, preference, created_at_us FROM people WHERE address_key = $1",
            )
            .bind(key.as_str());
            if let Some(row) = self.db.reader().await?.fetch_optional(select).await? {
                return Ok(Creation::Known(person(&row)?));
            }
            // Whoever stood in the way has been deleted since, or has another address with the same email_key.
            email_key.clone_from(&id);
        }
    }
}
