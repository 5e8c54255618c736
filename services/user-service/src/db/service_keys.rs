use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sql_store::{Db, SqlError};
use sqlx::{Row, query};

use crate::polls::ReplyKey;

/// The name of the key for addresses that calendars answer to.
const MEETING_REPLIES: &str = "meeting_replies";

/// The key for addresses that calendars answer to, which is made when it is first needed: whichever replica is first makes it.
///
/// # Errors
/// [`SqlError`], by kind.
pub(super) async fn reply_key(db: &Db) -> Result<ReplyKey, SqlError> {
    let mut tx = db.begin().await?;
    let insert = query("INSERT INTO service_keys (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING");
    let fresh = URL_SAFE_NO_PAD.encode(ReplyKey::fresh().expose());
    tx.execute(insert.bind(MEETING_REPLIES).bind(fresh)).await?;
    let select = query("SELECT value FROM service_keys WHERE name = $1").bind(MEETING_REPLIES);
    let row = tx.fetch_optional(select).await?.ok_or(sqlx::Error::RowNotFound)?;
    tx.commit().await?;
    let bytes = URL_SAFE_NO_PAD.decode(row.try_get::<String, _>("value")?);
    let bytes = bytes.map_err(|error| sqlx::Error::Decode(error.into()))?;
    ReplyKey::stored(&bytes).ok_or_else(|| sqlx::Error::Decode("the key has another length".into()).into())
}
