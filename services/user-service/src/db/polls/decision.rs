use sql_store::SqlError;
use sqlx::{Row, query};
use wire::Range;

use super::Change;
use crate::db::columns::range;

/// A required participant who is at another meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BusyParticipant {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) meeting: Range,
}

impl Change {
    /// The required participants who are stored people and at a meeting that another poll has decided on, by number.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn busy(&mut self, meeting: Range) -> Result<Vec<BusyParticipant>, SqlError> {
        let select = query(
            "SELECT participants.number, participants.id, participants.name, \
             MIN(polls.meeting_starts_at_us) AS starts_at_us, MIN(polls.meeting_ends_at_us) AS ends_at_us \
             FROM participants \
             JOIN people ON people.address_key = participants.address_key \
             JOIN participants AS same ON same.address_key = participants.address_key \
             AND same.poll_id <> participants.poll_id \
             JOIN polls ON polls.id = same.poll_id \
             WHERE participants.poll_id = $1 AND participants.required = 1 AND polls.deleted_at_us IS NULL \
             AND polls.meeting_starts_at_us < $3 AND polls.meeting_ends_at_us > $2 \
             GROUP BY participants.number, participants.id, participants.name ORDER BY participants.number",
        )
        .bind(self.poll.id.as_str())
        .bind(meeting.start.as_microsecond())
        .bind(meeting.end.as_microsecond());
        let rows = self.tx.fetch_all(select).await?;
        let busy = rows.iter().map(|row| {
            Ok(BusyParticipant {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                meeting: range(row.try_get("starts_at_us")?, row.try_get("ends_at_us")?)?,
            })
        });
        busy.collect()
    }

    /// Stores what was decided, or that nothing is. What calendars have answered to the meeting before goes.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn decide(&mut self, meeting: Option<Range>) -> Result<(), SqlError> {
        let update = query(
            "UPDATE polls SET meeting_starts_at_us = $2, meeting_ends_at_us = $3, meeting_sequence = meeting_sequence + 1, \
             described_version = version WHERE id = $1",
        )
        .bind(self.poll.id.as_str())
        .bind(meeting.map(|meeting| meeting.start.as_microsecond()))
        .bind(meeting.map(|meeting| meeting.end.as_microsecond()));
        self.tx.execute(update).await?;
        self.remove_replies().await?;
        self.poll.meeting = meeting;
        self.poll.meeting_sequence += 1;
        self.moves_last_instant = true;
        Ok(())
    }

    /// Counts that something else is said of the meeting that is decided.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn count_meeting(&mut self) -> Result<(), SqlError> {
        let update = query("UPDATE polls SET meeting_sequence = meeting_sequence + 1 WHERE id = $1");
        self.tx.execute(update.bind(self.poll.id.as_str())).await?;
        self.poll.meeting_sequence += 1;
        Ok(())
    }
}
