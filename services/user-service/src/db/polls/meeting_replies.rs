use sql_store::SqlError;
use sqlx::{Row, any::AnyRow, query};
use wire::{MeetingReply, ReplyStatus, Timestamp};

use super::Change;
use crate::{
    db::columns::range,
    polls::{StoredParticipant, StoredReply},
};

/// The columns of a participant's answer to the meeting, from a join of that name.
macro_rules! reply_columns {
    () => {
        "meeting_replies.status AS reply_status, meeting_replies.sequence AS reply_sequence, \
         meeting_replies.stamp_us AS reply_stamp_us, meeting_replies.replied_at_us, \
         meeting_replies.proposal_starts_at_us, meeting_replies.proposal_ends_at_us, meeting_replies.comment"
    };
}
/// The join for [`reply_columns`].
macro_rules! join_replies {
    () => {
        "LEFT JOIN meeting_replies ON meeting_replies.poll_id = participants.poll_id \
         AND meeting_replies.number = participants.number"
    };
}
pub(super) use {join_replies, reply_columns};

/// The answer in these columns, if there is one.
pub(super) fn reply(row: &AnyRow) -> Result<Option<StoredReply>, SqlError> {
    let Some(status) = row.try_get::<Option<String>, _>("reply_status")? else { return Ok(None) };
    let unknown = || sqlx::Error::Decode(format!("there is no status {status:?}").into());
    let proposal = row.try_get::<Option<i64>, _>("proposal_starts_at_us")?;
    let proposal = proposal.zip(row.try_get::<Option<i64>, _>("proposal_ends_at_us")?);
    Ok(Some(StoredReply {
        sequence: row.try_get("reply_sequence")?,
        stamp_us: row.try_get("reply_stamp_us")?,
        shown: MeetingReply {
            status: ReplyStatus::from_name(&status).ok_or_else(unknown)?,
            replied_at: Timestamp::from_micros(row.try_get("replied_at_us")?).unwrap_or_else(Timestamp::now),
            proposal: proposal.map(|(start, end)| range(start, end)).transpose()?,
            comment: row.try_get("comment")?,
        },
    }))
}

impl Change {
    /// Keeps what a participant's calendar has answered, instead of what it had before.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn keep_reply(
        &mut self,
        participant: &StoredParticipant,
        reply: &StoredReply,
    ) -> Result<(), SqlError> {
        let upsert = query(
            "INSERT INTO meeting_replies (poll_id, number, status, sequence, stamp_us, replied_at_us, \
             proposal_starts_at_us, proposal_ends_at_us, comment) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (poll_id, number) DO UPDATE SET status = excluded.status, \
             sequence = excluded.sequence, stamp_us = excluded.stamp_us, \
             replied_at_us = excluded.replied_at_us, proposal_starts_at_us = excluded.proposal_starts_at_us, \
             proposal_ends_at_us = excluded.proposal_ends_at_us, comment = excluded.comment",
        )
        .bind(self.poll.id.as_str())
        .bind(participant.number)
        .bind(reply.shown.status.name())
        .bind(reply.sequence)
        .bind(reply.stamp_us)
        .bind(reply.shown.replied_at.micros())
        .bind(reply.shown.proposal.map(|proposal| proposal.start.as_microsecond()))
        .bind(reply.shown.proposal.map(|proposal| proposal.end.as_microsecond()))
        .bind(reply.shown.comment.clone());
        self.tx.execute(upsert).await?;
        let update = query("UPDATE participants SET version = $3 WHERE poll_id = $1 AND number = $2");
        let update = update.bind(self.poll.id.as_str()).bind(participant.number).bind(self.poll.version);
        self.tx.execute(update).await.map(drop)
    }

    /// Removes all answers to the meeting, since another one is decided on, or none.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(super) async fn remove_replies(&mut self) -> Result<(), SqlError> {
        let update = query(
            "UPDATE participants SET version = $2 WHERE poll_id = $1 \
             AND number IN (SELECT number FROM meeting_replies WHERE poll_id = $1)",
        );
        self.tx.execute(update.bind(self.poll.id.as_str()).bind(self.poll.version)).await?;
        let delete = query("DELETE FROM meeting_replies WHERE poll_id = $1");
        self.tx.execute(delete.bind(self.poll.id.as_str())).await.map(drop)
    }
}
