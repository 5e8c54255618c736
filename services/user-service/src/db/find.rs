use std::collections::HashMap;

use sql_store::{Placeholders, SqlError};
use sqlx::{AssertSqlSafe, Row, query};

use super::{People, person};
use crate::{key::Key, record::Record};

impl People {
    /// The records of those of `keys` that are stored, in one query.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn find(&self, keys: &[Key]) -> Result<HashMap<Key, Record>, SqlError> {
        let list = Placeholders::new(1, keys.len());
        // Only numbers of placeholders go into the text.
        let select = AssertSqlSafe(format!(
            "SELECT email_key, email, availabilities, preference, created_at_us FROM people \
             WHERE email_key IN ({list})"
        ));
        let select = list.pad(keys).fold(query(select), |select, key| select.bind(key.as_str()));
        let rows = self.db.reader().await?.fetch_all(select).await?;
        rows.iter().map(|row| Ok((Key::stored(row.try_get("email_key")?), person(row)?.record()))).collect()
    }

    /// How many there are, exact up to 2^53.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    #[expect(clippy::cast_precision_loss, reason = "nobody has as many people")]
    pub(crate) async fn count(&self) -> Result<f64, SqlError> {
        let select = query("SELECT COUNT(*) AS people FROM people");
        let row = self.db.reader().await?.fetch_optional(select).await?;
        let count = row.ok_or(sqlx::Error::RowNotFound)?.try_get::<i64, _>("people")?;
        Ok(count as f64)
    }
}
