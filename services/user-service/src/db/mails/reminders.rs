use std::collections::HashSet;

use jiff::Timestamp as Instant;
use sql_store::{Placeholders, SqlError, Tx};
use sqlx::{AssertSqlSafe, Row, query};
use wire::{BaseUrl, CaseId, MailContent, PollState, RemindersRequest, Timestamp};

use super::{Mails, NewMail, insert::write};
use crate::{
    db::{
        columns::text,
        polls::row::{poll, poll_columns},
    },
    mails::{edit_link, reminder_key},
    polls::{PublicId, Token},
};

/// Participants who get a token by one statement.
const BATCH: usize = 256;

/// Somebody who has not answered.
struct Unanswered {
    number: i64,
    token: Token,
    mail: NewMail,
}

impl Mails {
    /// Reminds whoever has an address and has not answered, if the poll still wants that and has this deadline; how many
    /// they are. Who was reminded of this deadline before is not reminded again, nor are those who are not awaited.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nobody was reminded.
    pub(crate) async fn remind(
        &self,
        id: &PublicId,
        RemindersRequest { deadline, awaited }: RemindersRequest,
        public_url: &BaseUrl,
        case_id: &CaseId,
        now: Timestamp,
    ) -> Result<usize, SqlError> {
        let mut tx = self.db.begin().await?;
        // It locks the poll: nobody answers meanwhile.
        let lock = query(concat!(
            "UPDATE polls SET version = version WHERE id = $1 AND deleted_at_us IS NULL RETURNING ",
            poll_columns!()
        ));
        let found = tx.fetch_optional(lock.bind(id.as_str())).await?;
        let Some(poll) = found.map(|row| poll(&row)).transpose()? else {
            tx.rollback().await?;
            return Ok(0);
        };
        let now_there = Instant::from_microsecond(now.micros()).unwrap_or_default();
        let is_due = poll.content.remind
            && poll.content.deadline == Some(deadline)
            && poll.state(now_there) == PollState::Open;
        if !is_due {
            tx.rollback().await?;
            return Ok(0);
        }
        let mut unanswered = unanswered(&mut tx, id, deadline, public_url).await?;
        if let Some(awaited) = awaited {
            let awaited: HashSet<String> = awaited.into_iter().collect();
            let is_awaited = |id: &PublicId| awaited.contains(id.as_str());
            unanswered.retain(|one| one.mail.participant.as_ref().is_some_and(is_awaited));
        }
        for batch in unanswered.chunks(BATCH) {
            give_tokens(&mut tx, id, batch).await?;
        }
        let count = unanswered.len();
        let mails = unanswered.into_iter().map(|one| one.mail).collect();
        write(&mut tx, id, mails, case_id, now).await?;
        tx.commit().await?;
        Ok(count)
    }
}

async fn unanswered(
    tx: &mut Tx,
    id: &PublicId,
    deadline: Instant,
    public_url: &BaseUrl,
) -> Result<Vec<Unanswered>, SqlError> {
    let select = query(
        "SELECT participants.number, participants.id, participants.email FROM participants \
         LEFT JOIN answers ON answers.poll_id = participants.poll_id AND answers.number = participants.number \
         WHERE participants.poll_id = $1 AND participants.email IS NOT NULL AND answers.number IS NULL \
         AND NOT EXISTS (SELECT 1 FROM mails WHERE mails.poll_id = participants.poll_id \
            AND mails.mail_key = 'reminder/' || participants.poll_id || '/' || participants.id || '/' || $2) \
         ORDER BY participants.number",
    );
    let select = select.bind(id.as_str()).bind(deadline.as_microsecond().to_string());
    let rows = tx.fetch_all(select).await?;
    let people = rows.iter().map(|row| {
        let participant = PublicId::stored(row.try_get("id")?);
        let token = Token::fresh();
        let content =
            MailContent::Reminder { link: edit_link(public_url, id, &participant, &token), deadline };
        let mail = NewMail {
            key: reminder_key(id, &participant, deadline),
            address: text(&row.try_get::<String, _>("email")?)?,
            participant: Some(participant),
            content,
        };
        Ok(Unanswered { number: row.try_get("number")?, token, mail })
    });
    people.collect()
}

async fn give_tokens(tx: &mut Tx, id: &PublicId, people: &[Unanswered]) -> Result<(), SqlError> {
    let list = Placeholders::new(2, people.len());
    let update = query(AssertSqlSafe(format!(
        "WITH given (place, hash) AS (VALUES {}) \
         UPDATE participants SET reminder_token_hash = hash FROM given \
         WHERE poll_id = $1 AND participants.number = CAST(place AS BIGINT)",
        list.rows(2)
    )));
    let update = list.pad(people).fold(update.bind(id.as_str()), |update, one| {
        update.bind(one.number.to_string()).bind(one.token.hash().as_str().to_owned())
    });
    tx.execute(update).await.map(drop)
}
