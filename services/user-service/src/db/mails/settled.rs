use jiff::Timestamp as Instant;
use serde_json::json;
use sql_store::SqlError;
use sqlx::query;
use wire::{CaseId, PollState, SettledRequest, Timestamp};

use super::{Mails, insert::write};
use crate::{
    db::{
        JobOrder, PollChange,
        polls::row::{poll, poll_columns},
    },
    mails::settled,
    polls::PublicId,
};

/// Answers within so many microseconds are looked at together.
const TOGETHER_US: i64 = 10_000_000;
/// When they are looked at, after the end of that time: transactions that were begun in it have ended by then.
const AFTERWARDS_US: i64 = 30_000_000;

/// What came of telling that a poll is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The organiser is told, was told, or need not know any more.
    Done,
    /// The poll has changed: it has to be looked at again.
    Outdated,
}

impl PollChange {
    /// Has it looked, in less than a minute, whether answers that are missing can still change the poll's best time.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn check_settled(&mut self, case_id: &CaseId, now: Timestamp) -> Result<(), SqlError> {
        let (id, end_us) = (&self.poll.id, (now.micros() / TOGETHER_US + 1) * TOGETHER_US);
        let order = JobOrder {
            id: format!("check-settled/{id}/{end_us}"),
            kind: "check-settled",
            payload: json!({"poll": id.as_str()}),
            case_id: case_id.to_string(),
            due: Timestamp::from_micros(end_us + AFTERWARDS_US).unwrap_or(now),
        };
        order.insert(&mut self.tx).await
    }
}

impl Mails {
    /// Tells the organiser, once, that the best time of a poll is settled, if the poll is as it was when that was found.
    ///
    /// # Errors
    /// [`SqlError`], by kind; nobody was told.
    pub(crate) async fn tell_settled(
        &self,
        id: &PublicId,
        found: SettledRequest,
        case_id: &CaseId,
        now: Timestamp,
    ) -> Result<Told, SqlError> {
        let mut tx = self.db.begin().await?;
        // It locks the poll: nobody answers meanwhile.
        let lock = query(concat!(
            "UPDATE polls SET version = version WHERE id = $1 AND deleted_at_us IS NULL RETURNING ",
            poll_columns!()
        ));
        let row = tx.fetch_optional(lock.bind(id.as_str())).await?;
        let poll = row.map(|row| poll(&row)).transpose()?;
        let now_there = Instant::from_microsecond(now.micros()).unwrap_or_default();
        let Some(poll) = poll.filter(|poll| poll.state(now_there) == PollState::Open) else {
            tx.rollback().await?;
            return Ok(Told::Done);
        };
        if poll.version != found.version {
            tx.rollback().await?;
            return Ok(Told::Outdated);
        }
        let mails = settled(&poll, found.first).into_iter().collect();
        write(&mut tx, id, mails, case_id, now).await?;
        tx.commit().await?;
        Ok(Told::Done)
    }
}
