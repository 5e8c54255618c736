use jiff::Timestamp as Instant;
use serde_json::json;
use sql_store::{SqlError, Tx};
use wire::{CaseId, Timestamp};

use crate::{db::JobOrder, mails::reminder_time, polls::PublicId};

fn order_id(poll: &PublicId, deadline: Instant) -> String {
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
        id: order_id(poll, deadline),
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
        Some(deadline) => JobOrder::remove(tx, &order_id(poll, deadline)).await,
        None => Ok(()),
    }
}
