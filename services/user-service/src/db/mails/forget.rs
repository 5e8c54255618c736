use sql_store::{SqlError, Tx};
use sqlx::{Row, query};

use super::addresses::address_hash;
use crate::key::Key;

/// Removes mails to an address, and those that tell organisers what its owner's calendar has answered; their ids. That nobody may
/// write to the address is kept, as a hash: it was said so that it holds.
pub(in crate::db) async fn forget_address(tx: &mut Tx, key: &Key) -> Result<Vec<String>, SqlError> {
    let mut ids = Vec::new();
    let deletes = [
        "DELETE FROM mails WHERE address_key = $1 RETURNING id",
        "DELETE FROM mails WHERE purpose = 'meeting_reply' \
         AND poll_id IN (SELECT poll_id FROM participants WHERE address_key = $1) \
         AND EXISTS (SELECT 1 FROM participants WHERE participants.address_key = $1 \
            AND participants.poll_id = mails.poll_id \
            AND mails.mail_key LIKE 'reply/' || participants.poll_id || '/' || participants.id || '/%') RETURNING id",
    ];
    for delete in deletes {
        for row in tx.fetch_all(query(delete).bind(key.as_str())).await? {
            ids.push(row.try_get("id")?);
        }
    }
    let delete = query("DELETE FROM mail_addresses WHERE address_hash = $1 AND blocked IS NULL");
    tx.execute(delete.bind(address_hash(key.as_str()))).await?;
    Ok(ids)
}
