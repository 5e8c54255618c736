use sql_store::{Placeholders, SqlError, Statement};
use sqlx::{AssertSqlSafe, Row, query};

use super::People;
use crate::key::Key;

/// A person who was changed while the cache could not be told so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StaleKey {
    pub(crate) key: Key,
    pub(crate) mark: String,
}

/// The later mark wins, and waits for the row of an earlier one that is just being deleted.
pub(super) fn note<'q>(key: &Key, mark: &'q str) -> Statement<'q> {
    query(
        "INSERT INTO stale_keys (email_key, mark) VALUES ($1, $2) \
         ON CONFLICT (email_key) DO UPDATE SET mark = excluded.mark",
    )
    .bind(key.to_string())
    .bind(mark)
}

impl People {
    /// Most keys that [`People::stale_keys`] gives at once.
    pub(crate) const STALE_KEYS: usize = 256;

    /// Notes that the cache could not be told of a change that is committed already.
    pub(crate) async fn note_stale(&self, key: &Key, mark: &str) -> Result<(), SqlError> {
        self.db.writer().await?.execute(note(key, mark)).await.map(|_| ())
    }

    /// Some of the keys that are noted as stale, up to [`People::STALE_KEYS`].
    pub(crate) async fn stale_keys(&self) -> Result<Vec<StaleKey>, SqlError> {
        let limit = i64::try_from(Self::STALE_KEYS).unwrap_or(i64::MAX);
        let select = query("SELECT email_key, mark FROM stale_keys LIMIT $1").bind(limit);
        let rows = self.db.reader().await?.fetch_all(select).await?;
        rows.iter()
            .map(|row| {
                Ok(StaleKey { key: Key::cached(row.try_get("email_key")?), mark: row.try_get("mark")? })
            })
            .collect()
    }

    /// Deletes notes of which the cache has been told, but not those that were renewed meanwhile.
    pub(crate) async fn forget_stale(&self, told: &[StaleKey]) -> Result<(), SqlError> {
        let list = Placeholders::new(1, told.len());
        // Only numbers of placeholders go into the text.
        let delete = AssertSqlSafe(format!("DELETE FROM stale_keys WHERE mark IN ({list})"));
        let delete = list.pad(told).fold(query(delete), |delete, stale| delete.bind(stale.mark.as_str()));
        self.db.writer().await?.execute(delete).await.map(|_| ())
    }
}
