//! Erasing a person from all tables at once.

use std::collections::BTreeSet;

use sql_store::{Placeholders, SqlError, Tx};
use sqlx::{AssertSqlSafe, Row, any::AnyRow, query};
use wire::{CaseId, Email, Timestamp};

use super::{Change, People};
use crate::{
    db::{
        erasures::{Traces, order_erasure},
        mails::forget_address,
    },
    key::Key,
    polls::PublicId,
};

/// Polls that one statement changes.
const BATCH: usize = 256;

/// Whom it concerns that somebody was erased.
#[derive(Clone, Debug, Default)]
pub(crate) struct Erased {
    /// Polls that they took part in or organised.
    pub(crate) polls: Vec<PublicId>,
    /// Hashes of the tokens by which they were signed in.
    pub(crate) tokens: Vec<String>,
}

impl People {
    /// Erases whoever has this address, whether or not they are a stored person: their account, their part in polls, their address
    /// in polls that they organise, mails to them and about them, and themselves with all that is theirs. What other services have
    /// is ordered to be erased.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nothing was erased.
    pub(crate) async fn erase(
        &self,
        key: &Key,
        case_id: &CaseId,
        now: Timestamp,
    ) -> Result<(Change, Erased), SqlError> {
        self.complete(std::slice::from_ref(key)).await?;
        let mut tx = self.db.begin().await?;
        // Polls before the person, and these in an order: as everybody locks them.
        let organised = organised(&mut tx, key).await?;
        let polls: BTreeSet<String> =
            taken_part(&mut tx, key).await?.into_iter().chain(organised.clone()).collect();
        let polls: Vec<String> = polls.into_iter().collect();
        for batch in polls.chunks(BATCH) {
            leave(&mut tx, key, batch).await?;
        }
        for batch in organised.chunks(BATCH) {
            let forget = "UPDATE polls SET organiser_email = NULL, organiser_key = NULL WHERE id IN";
            tx.execute(about(forget, batch)).await?;
        }
        let mails = forget_address(&mut tx, key).await?;
        for batch in polls.chunks(BATCH) {
            let list = Placeholders::new(2, batch.len());
            let delete = query(AssertSqlSafe(format!(
                "DELETE FROM participants WHERE address_key = $1 AND poll_id IN ({list})"
            )));
            let delete = delete.bind(key.as_str());
            tx.execute(list.pad(batch).fold(delete, |delete, id| delete.bind(id))).await?;
        }
        let (account, tokens) = remove_account(&mut tx, key).await?;
        tx.execute(query("DELETE FROM people WHERE address_key = $1").bind(key.as_str())).await?;
        let traces = Traces { account, polls: polls.clone(), mails };
        order_erasure(&mut tx, key, &traces, case_id, now).await?;
        let polls = polls.into_iter().map(PublicId::stored).collect();
        Ok((Change::new(tx, key.clone()), Erased { polls, tokens }))
    }
}

/// Ids of polls that they take part in.
async fn taken_part(tx: &mut Tx, key: &Key) -> Result<Vec<String>, SqlError> {
    let select = query("SELECT DISTINCT poll_id AS id FROM participants WHERE address_key = $1");
    ids(&tx.fetch_all(select.bind(key.as_str())).await?)
}

/// Ids of polls whose organiser has this address. A release before wrote no keys, so these addresses are looked at.
async fn organised(tx: &mut Tx, key: &Key) -> Result<Vec<String>, SqlError> {
    let select = query(
        "SELECT id, organiser_email FROM polls WHERE organiser_email IS NOT NULL \
         AND (organiser_key = $1 OR organiser_key IS NULL)",
    );
    let rows = tx.fetch_all(select.bind(key.as_str())).await?;
    let mut found = Vec::new();
    for row in &rows {
        if Email::key(row.try_get("organiser_email")?) == key.as_str() {
            found.push(row.try_get("id")?);
        }
    }
    Ok(found)
}

/// Counts them out of these polls, which whoever listens has to read anew.
async fn leave(tx: &mut Tx, key: &Key, polls: &[String]) -> Result<(), SqlError> {
    // Nobody joins meanwhile, and the next statement sees whoever has joined until now.
    tx.execute(about("UPDATE polls SET version = version WHERE id IN", polls)).await?;
    let list = Placeholders::new(2, polls.len());
    let update = query(AssertSqlSafe(format!(
        "UPDATE polls SET version = version + 1, described_version = version + 1, reset_version = version + 1, \
         participants = participants - (SELECT COUNT(*) FROM participants \
            WHERE participants.poll_id = polls.id AND participants.address_key = $1) WHERE id IN ({list})"
    )));
    let update = update.bind(key.as_str());
    tx.execute(list.pad(polls).fold(update, |update, id| update.bind(id))).await.map(drop)
}

/// A statement with the ids of these polls at its end.
fn about<'q>(statement: &str, polls: &'q [String]) -> sql_store::Statement<'q> {
    let list = Placeholders::new(1, polls.len());
    let statement = query(AssertSqlSafe(format!("{statement} ({list})")));
    list.pad(polls).fold(statement, |statement, id| statement.bind(id))
}

/// Removes their account with its tokens, and links to sign in with; the account's id and the hashes of the tokens.
async fn remove_account(tx: &mut Tx, key: &Key) -> Result<(Option<String>, Vec<String>), SqlError> {
    tx.execute(query("DELETE FROM sign_ins WHERE email_key = $1").bind(key.as_str())).await?;
    let select = query(
        "SELECT token_hash AS id FROM access_tokens JOIN accounts ON accounts.id = access_tokens.account_id \
         WHERE accounts.email_key = $1",
    );
    let tokens = ids(&tx.fetch_all(select.bind(key.as_str())).await?)?;
    let delete = query("DELETE FROM accounts WHERE email_key = $1 RETURNING id").bind(key.as_str());
    let account = tx.fetch_optional(delete).await?;
    Ok((account.map(|row| row.try_get("id")).transpose()?, tokens))
}

fn ids(rows: &[AnyRow]) -> Result<Vec<String>, SqlError> {
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}
