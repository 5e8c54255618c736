use std::collections::HashMap;

use sql_store::{Placeholders, SqlError};
use sqlx::{AssertSqlSafe, Row, query};

use super::{People, person};
use crate::{key::Key, record::Record};

impl People {
    /// The records of those of `keys` that are stored, in one query.
    pub(crate) async fn find(&self, keys: &[Key]) -> Result<HashMap<Key, Record>, SqlError> {
        self.complete(keys).await?;
        let list = Placeholders::new(1, keys.len());
        // Only numbers of placeholders go into the text.
        let select = AssertSqlSafe(format!(
            "SELECT address_key, email, availabilities, preference, created_at_us FROM people \
             WHERE address_key IN ({list})"
        ));
        let select = list.pad(keys).fold(query(select), |select, key| select.bind(key.as_str()));
        let rows = self.db.reader().await?.fetch_all(select).await?;
        rows.iter().map(|row| Ok((Key::stored(row.try_get("address_key")?), person(row)?.record()))).collect()
    }
}
