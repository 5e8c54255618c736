//! What is ordered for an instant that a poll's change makes known.

use std::time::Duration;

use jiff::Timestamp as Instant;
use serde_json::json;
use sql_store::{SqlError, Tx};
use wire::{CaseId, Timestamp};

use super::Polls;

use crate::{
    db::JobOrder,
    mails::reminder_time,
    polls::{PublicId, RESTORABLE},
};

/// Closing waits so long after a deadline, that all replicas' clocks have passed it.
const AFTER_DEADLINE: Duration = Duration::from_secs(1);
const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

fn reminder_id(poll: &PublicId, deadline: Instant) -> String {
    format!("remind/{poll}/{}", deadline.as_microsecond())
}

/// Orders that whoever has not answered is reminded of the deadline in time, unless it has passed.
pub(super) async fn order_reminder(
    tx: &mut Tx,
    poll: &PublicId,
    deadline: Option<Instant>,
    case_id: &CaseId,
    now: Timestamp,
) -> Result<(), SqlError> {
    let Some((deadline, due)) = deadline.and_then(|at| Some((at, reminder_time(at, now)?))) else {
        return Ok(());
    };
    let order = JobOrder {
        id: reminder_id(poll, deadline),
        kind: "remind",
        payload: json!({"poll": poll.as_str(), "deadline": deadline.to_string()}),
        case_id: case_id.to_string(),
        due,
    };
    order.insert(tx).await
}

/// Takes that order back.
pub(super) async fn forget_reminder(
    tx: &mut Tx,
    poll: &PublicId,
    deadline: Option<Instant>,
) -> Result<(), SqlError> {
    match deadline {
        Some(deadline) => JobOrder::remove(tx, &reminder_id(poll, deadline)).await,
        None => Ok(()),
    }
}

/// Orders that the poll is closed, unless its deadline has passed. The id has the poll in it: an order of another poll with the
/// same deadline may be done before this one can be seen.
pub(super) async fn order_closing(
    tx: &mut Tx,
    poll: &PublicId,
    deadline: Option<Instant>,
    case_id: &CaseId,
    now: Timestamp,
) -> Result<(), SqlError> {
    let deadline = deadline.and_then(|at| Timestamp::from_micros(at.as_microsecond()));
    let Some(deadline) = deadline.filter(|deadline| *deadline > now) else { return Ok(()) };
    let id = format!("close/{poll}/{}", deadline.micros());
    JobOrder::of_due_polls("close", id, deadline, deadline.plus(AFTER_DEADLINE), case_id).insert(tx).await
}

/// Orders that what is deleted in this hour is purged once it can no longer be restored, by one job.
pub(super) async fn order_purge(tx: &mut Tx, deleted: Timestamp, case_id: &CaseId) -> Result<(), SqlError> {
    let hour_us = (deleted.plus(RESTORABLE).micros() / HOUR_US + 1) * HOUR_US;
    let Some(hour) = Timestamp::from_micros(hour_us) else { return Ok(()) };
    JobOrder::of_due_polls("purge", format!("purge/{hour_us}"), hour, hour, case_id).insert(tx).await
}

impl JobOrder {
    fn of_due_polls(
        kind: &'static str,
        id: String,
        until: Timestamp,
        due: Timestamp,
        case_id: &CaseId,
    ) -> JobOrder {
        JobOrder { id, kind, payload: json!({"until_us": until.micros()}), case_id: case_id.to_string(), due }
    }
}

impl Polls {
    /// Orders for this day that all polls which are due by now are closed or purged, whatever became of their own orders, and that
    /// those are deleted which have been kept for long enough: these have no orders of their own, as a day is exact enough.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn order_overdue(&self, now: Timestamp) -> Result<(), SqlError> {
        let day = now.micros() / DAY_US;
        let case_id = CaseId::fresh();
        let mut tx = self.db.begin().await?;
        for kind in ["close", "expire", "purge"] {
            JobOrder::of_due_polls(kind, format!("{kind}/day/{day}"), now, now, &case_id)
                .insert(&mut tx)
                .await?;
        }
        tx.commit().await
    }
}
