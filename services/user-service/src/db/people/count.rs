use sql_store::{Engine, SqlError};
use sqlx::{Row, query};

use super::People;

/// Up to how many people are counted one by one; that takes PostgreSQL a few milliseconds.
const EXACT: f64 = 10_000.0;

impl People {
    /// How many there are. Beyond ten thousand PostgreSQL's own estimate, since to count a million reads them all;
    /// it is renewed when a tenth of the table has changed.
    pub(crate) async fn count(&self) -> Result<f64, SqlError> {
        if self.db.engine() == Engine::Postgres {
            let estimate = self
                .number("SELECT CAST(reltuples AS DOUBLE PRECISION) AS people FROM pg_class WHERE oid = 'people'::regclass")
                .await?;
            if estimate > EXACT {
                return Ok(estimate);
            }
        }
        self.number("SELECT CAST(COUNT(*) AS DOUBLE PRECISION) AS people FROM people").await
    }

    async fn number(&self, select: &'static str) -> Result<f64, SqlError> {
        let row = self.db.reader().await?.fetch_optional(query(select)).await?;
        Ok(row.ok_or(sqlx::Error::RowNotFound)?.try_get("people")?)
    }
}
