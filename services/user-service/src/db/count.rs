use sql_store::{Db, Engine, SqlError};
use sqlx::{Row, query};

/// Up to how many rows are counted one by one; that takes PostgreSQL a few milliseconds.
const EXACT: f64 = 10_000.0;

/// How to count a table.
pub(super) struct CountedTable {
    /// PostgreSQL's own estimate, as `number`.
    pub(super) estimate: &'static str,
    /// All rows, as `number`.
    pub(super) exact: &'static str,
}

impl CountedTable {
    /// How many rows there are. Beyond ten thousand PostgreSQL's own estimate, since to count a million reads them all;
    /// it is renewed when a tenth of the table has changed.
    pub(super) async fn count(&self, db: &Db) -> Result<f64, SqlError> {
        if db.engine() == Engine::Postgres {
            let estimate = number(db, self.estimate).await?;
            if estimate > EXACT {
                return Ok(estimate);
            }
        }
        number(db, self.exact).await
    }
}

async fn number(db: &Db, select: &'static str) -> Result<f64, SqlError> {
    let row = db.reader().await?.fetch_optional(query(select)).await?;
    Ok(row.ok_or(sqlx::Error::RowNotFound)?.try_get("number")?)
}
