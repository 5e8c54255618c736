//! The secrets by which calendar programs read a person's meetings.

use sql_store::SqlError;
use sqlx::{Row, query};

use super::People;
use crate::{key::Key, polls::TokenHash};

impl People {
    /// Keeps the hash of a person's only token; `false` when there is no such person.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nobody can say which token holds.
    pub(crate) async fn put_feed(&self, key: &Key, token: &TokenHash) -> Result<bool, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let insert = query(
            "INSERT INTO feeds (person_id, token_hash) SELECT id, $2 FROM people WHERE address_key = $1 \
             ON CONFLICT (person_id) DO UPDATE SET token_hash = excluded.token_hash",
        );
        let insert = insert.bind(key.as_str()).bind(token.as_str());
        Ok(self.db().writer().await?.execute(insert).await? > 0)
    }

    /// Takes a person's token away; whether there was one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn remove_feed(&self, key: &Key) -> Result<bool, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let delete =
            query("DELETE FROM feeds WHERE person_id IN (SELECT id FROM people WHERE address_key = $1)");
        Ok(self.db().writer().await?.execute(delete.bind(key.as_str())).await? > 0)
    }

    /// The hash of a person's token, if they have one.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn feed(&self, key: &Key) -> Result<Option<TokenHash>, SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let select = query(
            "SELECT feeds.token_hash FROM feeds JOIN people ON people.id = feeds.person_id \
             WHERE people.address_key = $1",
        );
        let row = self.db().reader().await?.fetch_optional(select.bind(key.as_str())).await?;
        Ok(row.map(|row| row.try_get("token_hash").map(TokenHash::stored)).transpose()?)
    }
}
