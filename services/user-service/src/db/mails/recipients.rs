use sql_store::SqlError;
use sqlx::{Row, query};
use wire::Email;

use crate::{
    db::{PollChange, columns::text},
    polls::PublicId,
};

/// A participant who can be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addressed {
    pub(crate) id: PublicId,
    pub(crate) email: Email,
    pub(crate) required: bool,
}

/// How far a poll is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) participants: u64,
    pub(crate) answered: u64,
    /// Whether people were invited by mail.
    pub(crate) has_invited: bool,
    /// Whether the organiser was told that the best time is settled.
    pub(crate) has_told_settled: bool,
}

impl PollChange {
    /// The participants who have given an address, in the order in which they came.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn addressed(&mut self) -> Result<Vec<Addressed>, SqlError> {
        let select = query(
            "SELECT id, email, required FROM participants WHERE poll_id = $1 AND email IS NOT NULL ORDER BY number",
        );
        let rows = self.tx.fetch_all(select.bind(self.poll.id.as_str())).await?;
        rows.iter().map(addressed).collect()
    }

    /// Whoever was asked to the meeting and was not told since that it is cancelled, also if they take part no more.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn requested(&mut self) -> Result<Vec<Addressed>, SqlError> {
        let select = query(
            "SELECT mails.participant_id AS id, mails.address AS email, \
             COALESCE(participants.required, 0) AS required FROM mails \
             LEFT JOIN participants ON participants.poll_id = mails.poll_id \
             AND participants.id = mails.participant_id \
             WHERE mails.poll_id = $1 AND mails.purpose = 'meeting_request' \
             AND NOT EXISTS (SELECT 1 FROM mails AS later WHERE later.poll_id = $1 \
                AND later.purpose IN ('meeting_request', 'meeting_cancel') \
                AND later.participant_id = mails.participant_id AND later.created_at_us > mails.created_at_us) \
             ORDER BY mails.created_at_us, mails.id",
        );
        let rows = self.tx.fetch_all(select.bind(self.poll.id.as_str())).await?;
        rows.iter().map(addressed).collect()
    }

    /// How many have answered, and what the organiser was told of that.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn progress(&mut self) -> Result<Progress, SqlError> {
        let select = query(
            "SELECT COUNT(*) AS participants, COUNT(answers.number) AS answered, \
             (SELECT COUNT(*) FROM mails WHERE mails.poll_id = $1 AND mails.purpose = 'invitation') AS invited, \
             (SELECT COUNT(*) FROM mails WHERE mails.poll_id = $1 AND mails.purpose = 'settled') AS settled \
             FROM participants \
             LEFT JOIN answers ON answers.poll_id = participants.poll_id AND answers.number = participants.number \
             WHERE participants.poll_id = $1",
        );
        let row = self.tx.fetch_optional(select.bind(self.poll.id.as_str())).await?;
        let row = row.ok_or(sqlx::Error::RowNotFound)?;
        let number = |name| Ok::<_, SqlError>(row.try_get::<i64, _>(name)?.unsigned_abs());
        Ok(Progress {
            participants: number("participants")?,
            answered: number("answered")?,
            has_invited: number("invited")? > 0,
            has_told_settled: number("settled")? > 0,
        })
    }
}

fn addressed(row: &sqlx::any::AnyRow) -> Result<Addressed, SqlError> {
    Ok(Addressed {
        id: PublicId::stored(row.try_get("id")?),
        email: text(&row.try_get::<String, _>("email")?)?,
        required: row.try_get::<i64, _>("required")? != 0,
    })
}
