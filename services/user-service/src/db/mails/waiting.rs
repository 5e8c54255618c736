use sql_store::SqlError;
use sqlx::{Row, query};

use super::Mails;

/// The mails that are still to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct WaitingMails {
    pub(crate) count: f64,
    /// When the oldest of them was written.
    pub(crate) since_us: Option<i64>,
}

impl Mails {
    /// How many mails wait, and since when.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn waiting(&self) -> Result<WaitingMails, SqlError> {
        let select = query(
            "SELECT CAST(COUNT(*) AS DOUBLE PRECISION) AS number, MIN(created_at_us) AS since_us FROM mails \
             WHERE state = 'waiting'",
        );
        let row = self.db.reader().await?.fetch_optional(select).await?.ok_or(sqlx::Error::RowNotFound)?;
        Ok(WaitingMails { count: row.try_get("number")?, since_us: row.try_get("since_us")? })
    }
}
