use std::collections::HashMap;

use sql_store::SqlError;
use sqlx::{Row, query};

use super::Polls;
use crate::polls::PublicId;

impl Polls {
    /// The participants of a poll who have given an address, by its key; of one address in the order in which they came.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn participants_by_email(
        &self,
        id: &PublicId,
    ) -> Result<HashMap<String, Vec<PublicId>>, SqlError> {
        let select = query(
            "SELECT id, address_key FROM participants \
             WHERE poll_id = $1 AND address_key IS NOT NULL ORDER BY number",
        );
        let mut found: HashMap<String, Vec<PublicId>> = HashMap::new();
        for row in self.db.reader().await?.fetch_all(select.bind(id.as_str())).await? {
            let participants = found.entry(row.try_get("address_key")?).or_default();
            participants.push(PublicId::stored(row.try_get("id")?));
        }
        Ok(found)
    }
}
