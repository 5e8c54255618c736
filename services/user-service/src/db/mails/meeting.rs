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

    /// Whom the decision of this sequence was sent to, whoever of them still takes part.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn requested(&mut self, sequence: i64) -> Result<Vec<Addressed>, SqlError> {
        let select = query(
            "SELECT mails.participant_id AS id, mails.address AS email, \
             COALESCE(participants.required, 0) AS required FROM mails \
             LEFT JOIN participants ON participants.poll_id = mails.poll_id \
             AND participants.id = mails.participant_id \
             WHERE mails.poll_id = $1 AND mails.purpose = 'meeting_request' \
             AND mails.mail_key = 'request/' || mails.poll_id || '/' || mails.participant_id || '/' || $2 \
             ORDER BY mails.created_at_us, mails.id",
        );
        let select = select.bind(self.poll.id.as_str()).bind(sequence.to_string());
        let rows = self.tx.fetch_all(select).await?;
        rows.iter().map(addressed).collect()
    }

    /// How many participants there are, if people were invited by mail and all have answered.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn everybody_answered(&mut self) -> Result<Option<u64>, SqlError> {
        let select = query(
            "SELECT COUNT(*) AS total, COUNT(answers.number) AS answered, \
             (SELECT COUNT(*) FROM mails WHERE mails.poll_id = $1 AND mails.purpose = 'invitation') AS invited \
             FROM participants \
             LEFT JOIN answers ON answers.poll_id = participants.poll_id AND answers.number = participants.number \
             WHERE participants.poll_id = $1",
        );
        let row = self.tx.fetch_optional(select.bind(self.poll.id.as_str())).await?;
        let row = row.ok_or(sqlx::Error::RowNotFound)?;
        let number = |name| Ok::<_, SqlError>(row.try_get::<i64, _>(name)?);
        let (total, answered, invited) = (number("total")?, number("answered")?, number("invited")?);
        let everybody = invited > 0 && total > 0 && answered == total;
        Ok(everybody.then(|| u64::try_from(total).unwrap_or_default()))
    }
}

fn addressed(row: &sqlx::any::AnyRow) -> Result<Addressed, SqlError> {
    Ok(Addressed {
        id: PublicId::stored(row.try_get("id")?),
        email: text(&row.try_get::<String, _>("email")?)?,
        required: row.try_get::<i64, _>("required")? != 0,
    })
}
