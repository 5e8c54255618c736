use sql_store::SqlError;
use sqlx::query;

use super::{People, person};
use crate::{key::Key, record::StoredPerson};

/// What came of a creation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Creation {
    /// The person is stored now.
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
        loop {
            let statement = query(
                "INSERT INTO people (email_key, email, availabilities, preference, created_at_us) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (email_key) DO NOTHING RETURNING email",
            )
            .bind(key.as_str())
            .bind(new.content.email.as_str())
            .bind(new.content.availabilities.as_str())
            .bind(new.content.preference.as_str())
            .bind(new.created_at_us);
            if self.db.writer().await?.fetch_optional(statement).await?.is_some() {
                return Ok(Creation::New);
            }
            let select = query(
                "SELECT email, availabilities, preference, created_at_us FROM people WHERE email_key = $1",
            )
            .bind(key.as_str());
            // Whoever stood in the way may have been deleted since; then there is room for the new one.
            if let Some(row) = self.db.reader().await?.fetch_optional(select).await? {
                return Ok(Creation::Known(person(&row)?));
            }
        }
    }
}
