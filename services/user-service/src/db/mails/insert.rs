use std::collections::{HashMap, HashSet};

use serde_json::json;
use sql_store::{Placeholders, SqlError, Tx};
use sqlx::{AssertSqlSafe, Row, query};
use uuid::Uuid;
use wire::{CaseId, Email, MailContent, MailState, Timestamp};

use super::addresses::{Recipient, note_addresses, recipients};
use crate::{
    db::{JobOrder, PollChange, columns::to_json},
    key::Key,
    polls::PublicId,
};

/// Mails that one statement writes.
const BATCH: usize = 128;

/// A mail that is to be written to somebody.
#[derive(Clone, Debug)]
pub(crate) struct NewMail {
    /// What it is about; of two with the same key only the first is sent.
    pub(crate) key: String,
    /// To whom; none for the organiser.
    pub(crate) participant: Option<PublicId>,
    pub(crate) address: Email,
    pub(crate) content: MailContent,
}

impl PollChange {
    /// Has these mails sent once the change is durable, except to those who may not be written to, or have got enough today.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn send(
        &mut self,
        mails: Vec<NewMail>,
        case_id: &CaseId,
        now: Timestamp,
    ) -> Result<(), SqlError> {
        write(&mut self.tx, &self.poll.id, mails, case_id, now).await
    }
}

/// Writes mails of a poll, and an order to send each.
pub(super) async fn write(
    tx: &mut Tx,
    poll: &PublicId,
    mails: Vec<NewMail>,
    case_id: &CaseId,
    now: Timestamp,
) -> Result<(), SqlError> {
    if mails.is_empty() {
        return Ok(());
    }
    let keys: Vec<Key> = mails.iter().map(|mail| Key::from(&mail.address)).collect();
    let known = recipients(tx, &keys, now).await?;
    let mails: Vec<(NewMail, Key)> =
        mails.into_iter().zip(keys).filter(|(mail, key)| may_be_sent(mail, key, &known)).collect();
    let keys: HashSet<&str> = mails.iter().map(|(_, key)| key.as_str()).collect();
    note_addresses(tx, &keys.into_iter().collect::<Vec<_>>()).await?;
    for batch in mails.chunks(BATCH) {
        let ids = insert(tx, poll, batch, now).await?;
        let order = |id: String| JobOrder {
            payload: json!({"mail": id}),
            id: format!("mail/{id}"),
            kind: "mail",
            case_id: case_id.to_string(),
            due: now,
        };
        JobOrder::insert_all(&ids.into_iter().map(order).collect::<Vec<_>>(), tx).await?;
    }
    Ok(())
}

/// What takes a meeting back is sent however many mails there were: who was asked to come has to know.
fn may_be_sent(mail: &NewMail, key: &Key, known: &HashMap<Key, Recipient>) -> bool {
    let Some(recipient) = known.get(key) else { return true };
    let is_needed = matches!(mail.content, MailContent::MeetingCancel { .. });
    recipient.block.is_none() && (is_needed || !recipient.has_enough())
}

/// Inserts mails; the ids of those that were not there by their key.
async fn insert(
    tx: &mut Tx,
    poll: &PublicId,
    batch: &[(NewMail, Key)],
    now: Timestamp,
) -> Result<Vec<String>, SqlError> {
    let list = Placeholders::new(1, batch.len());
    let insert = query(AssertSqlSafe(format!(
        "INSERT INTO mails (id, mail_key, poll_id, participant_id, address, address_key, purpose, content, link, \
         state, created_at_us) VALUES {} ON CONFLICT DO NOTHING RETURNING id",
        list.rows(11)
    )));
    let mut rows = Vec::with_capacity(batch.len());
    for (mail, key) in batch {
        let mut content = mail.content.clone();
        let link = content.link_mut().map(std::mem::take);
        rows.push((Uuid::now_v7().to_string(), mail, key, content.purpose(), to_json(&content)?, link));
    }
    let insert = list.pad(&rows).fold(insert, |insert, (id, mail, key, purpose, content, link)| {
        insert
            .bind(id)
            .bind(&mail.key)
            .bind(poll.as_str())
            .bind(mail.participant.as_ref().map(|id| id.as_str().to_owned()))
            .bind(mail.address.as_str())
            .bind(key.as_str())
            .bind(*purpose)
            .bind(content)
            .bind(link.clone())
            .bind(MailState::Waiting.name())
            .bind(now.micros())
    });
    let rows = tx.fetch_all(insert).await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}
