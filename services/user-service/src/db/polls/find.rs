use sql_store::{Session, SqlError};
use sqlx::{Row, any::AnyRow, query};
use wire::{Participant, PollView, Visibility};

use super::{
    PollError, Polls,
    meeting_replies::{join_replies, reply, reply_columns},
    row::{conflicts, poll, poll_columns},
};
use crate::{
    db::columns::text,
    polls::{PublicId, Role, StoredPoll, TokenHash, Turnout},
};

/// Of the token $2: whom it is of in the poll, if an account has had it made. It is empty for the organiser.
macro_rules! account_role {
    () => {
        "SELECT poll_tokens.participant_id FROM poll_tokens WHERE poll_tokens.token_hash = $2 AND poll_tokens.poll_id = polls.id"
    };
}
pub(super) use account_role;

/// A poll's version, and who asks for it.
#[derive(Clone, Debug)]
pub(crate) struct PollVersion {
    pub(crate) version: i64,
    pub(crate) visibility: Visibility,
    pub(crate) role: Role,
}

impl Polls {
    /// A poll that is not deleted, and who asks.
    ///
    /// # Errors
    /// [`PollError::UnknownPoll`]; [`PollError::Unauthorized`] for a token that is none of this poll.
    pub(crate) async fn find(
        &self,
        id: &PublicId,
        token: Option<&TokenHash>,
    ) -> Result<(StoredPoll, Role), PollError> {
        let select = query(concat!(
            "SELECT ",
            poll_columns!(),
            ", holders.id AS holder_id, answers.number AS holder_answer, (",
            account_role!(),
            ") AS account_role FROM polls \
             LEFT JOIN participants AS holders ON holders.poll_id = polls.id \
             AND (holders.edit_token_hash = $2 OR holders.reminder_token_hash = $2 OR holders.id = (",
            account_role!(),
            ")) \
             LEFT JOIN answers ON answers.poll_id = polls.id AND answers.number = holders.number \
             WHERE polls.id = $1 AND polls.deleted_at_us IS NULL"
        ))
        .bind(id.as_str())
        .bind(token.map_or("", TokenHash::as_str));
        let row = self.db.reader().await?.fetch_optional(select).await?.ok_or(PollError::UnknownPoll)?;
        let poll = poll(&row)?;
        let role = role(&poll.admin, token, &row)?;
        Ok((poll, role))
    }

    /// Which version a poll has that is not deleted, for somebody who may know all the rest already. It is as
    /// [`Polls::find`], for less.
    ///
    /// # Errors
    /// As [`Polls::find`].
    pub(crate) async fn version(
        &self,
        id: &PublicId,
        token: Option<&TokenHash>,
    ) -> Result<PollVersion, PollError> {
        let select = query(concat!(
            "SELECT polls.version, polls.visibility, polls.admin_token_hash, holders.id AS holder_id, \
             answers.number AS holder_answer, (",
            account_role!(),
            ") AS account_role FROM polls \
             LEFT JOIN participants AS holders ON holders.poll_id = polls.id \
             AND (holders.edit_token_hash = $2 OR holders.reminder_token_hash = $2 OR holders.id = (",
            account_role!(),
            ")) \
             LEFT JOIN answers ON answers.poll_id = polls.id AND answers.number = holders.number \
             WHERE polls.id = $1 AND polls.deleted_at_us IS NULL"
        ))
        .bind(id.as_str())
        .bind(token.map_or("", TokenHash::as_str));
        let row = self.db.reader().await?.fetch_optional(select).await?.ok_or(PollError::UnknownPoll)?;
        let admin = TokenHash::stored(row.try_get("admin_token_hash").map_err(SqlError::from)?);
        Ok(PollVersion {
            version: row.try_get("version").map_err(SqlError::from)?,
            visibility: text(&row.try_get::<String, _>("visibility").map_err(SqlError::from)?)?,
            role: role(&admin, token, &row)?,
        })
    }

    /// Who takes part, as far as a view asks for it.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn turnout(&self, id: &PublicId, view: PollView) -> Result<Option<Turnout>, SqlError> {
        let mut session = self.db.reader().await?;
        Ok(match view {
            PollView::Nothing => None,
            PollView::Counts => Some(counted(&mut session, id).await?),
            PollView::Names => Some(named(&mut session, id).await?),
        })
    }
}

async fn counted(session: &mut Session, id: &PublicId) -> Result<Turnout, SqlError> {
    let select = query(
        "SELECT COUNT(*) AS total, COUNT(answers.number) AS answered FROM participants \
         LEFT JOIN answers ON answers.poll_id = participants.poll_id AND answers.number = participants.number \
         WHERE participants.poll_id = $1",
    );
    let row = session.fetch_optional(select.bind(id.as_str())).await?.ok_or(sqlx::Error::RowNotFound)?;
    let number = |name| Ok::<_, SqlError>(u64::try_from(row.try_get::<i64, _>(name)?).unwrap_or_default());
    Ok(Turnout { participants: Vec::new(), total: number("total")?, answered: number("answered")? })
}

async fn named(session: &mut Session, id: &PublicId) -> Result<Turnout, SqlError> {
    let select = query(concat!(
        "SELECT participants.id, participants.name, participants.time_zone, participants.required, \
         answers.number AS answer, answers.conflicts, ",
        reply_columns!(),
        " FROM participants \
         LEFT JOIN answers ON answers.poll_id = participants.poll_id AND answers.number = participants.number ",
        join_replies!(),
        " WHERE participants.poll_id = $1 ORDER BY participants.number",
    ));
    let rows = session.fetch_all(select.bind(id.as_str())).await?;
    let participants = rows.iter().map(|row| {
        Ok(Participant {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            time_zone: text(&row.try_get::<String, _>("time_zone")?)?,
            required: row.try_get::<i64, _>("required")? != 0,
            answered: row.try_get::<Option<i64>, _>("answer")?.is_some(),
            meeting_reply: reply(row)?.map(|reply| reply.shown),
            conflicts: conflicts(row)?,
        })
    });
    let participants = participants.collect::<Result<Vec<_>, SqlError>>()?;
    let answered = participants.iter().filter(|participant| participant.answered).count();
    Ok(Turnout { total: participants.len() as u64, answered: answered as u64, participants })
}

/// Who somebody with this token is, by the columns `holder_id` and `holder_answer` of the participant who has it, and
/// `account_role`.
///
/// # Errors
/// [`PollError::Unauthorized`] when the token is none of this poll.
pub(super) fn role(admin: &TokenHash, token: Option<&TokenHash>, row: &AnyRow) -> Result<Role, PollError> {
    match token {
        None => Ok(Role::Anyone),
        Some(token) if token.is(admin) || is_organisers(row)? => Ok(Role::Admin),
        Some(_) => holder(row)?.ok_or(PollError::Unauthorized),
    }
}

fn is_organisers(row: &AnyRow) -> Result<bool, SqlError> {
    Ok(row.try_get::<Option<String>, _>("account_role")?.is_some_and(|participant| participant.is_empty()))
}

fn holder(row: &AnyRow) -> Result<Option<Role>, SqlError> {
    let answered = row.try_get::<Option<i64>, _>("holder_answer")?.is_some();
    let id = row.try_get::<Option<String>, _>("holder_id")?;
    Ok(id.map(|id| Role::Participant { id: PublicId::stored(id), answered }))
}
