use std::time::Duration;

use axum::{Json, extract::State};
use service_kit::{ApiError, Body, RequestContext};
use wire::{DuePollsReply, DuePollsRequest, Fault, Timestamp};

use super::PollStores;
use crate::{db::PollError, polls::RESTORABLE};

/// Polls that one request closes.
const CLOSED_AT_ONCE: u32 = 100;

/// Polls that one request deletes because they have ended.
const EXPIRED_AT_ONCE: u32 = 100;

/// Polls that one request purges, with all their answers.
const PURGED_AT_ONCE: u32 = 20;

/// Nothing later is taken to be due: by so much the clocks of two machines may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

/// Tells of polls whose deadline has come: a [`DuePollsRequest`] is answered by a [`DuePollsReply`]. It may be repeated. It is
/// not for the public.
pub(super) async fn close(
    State(stores): State<PollStores>,
    Body(body): Body,
) -> Result<Json<DuePollsReply>, ApiError> {
    let until_us = until(&body)?.micros();
    let closed = stores.polls.close_due(until_us, CLOSED_AT_ONCE).await.map_err(PollError::Sql)?;
    closed.iter().for_each(|poll| stores.live.changed(poll));
    let more = stores.polls.has_due(until_us).await.map_err(PollError::Sql)?;
    Ok(Json(DuePollsReply { polls: closed.len() as u64, more }))
}

/// Deletes polls that have been kept for long enough, as [`close`] closes them.
pub(super) async fn expire(
    State(stores): State<PollStores>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Json<DuePollsReply>, ApiError> {
    let (until, now) = (until(&body)?, Timestamp::now());
    let expired = stores.polls.delete_ended(stores.retention, until, now, context.case_id(), EXPIRED_AT_ONCE);
    let (expired, more) = expired.await.map_err(PollError::Sql)?;
    expired.iter().for_each(|poll| stores.live.changed(poll));
    Ok(Json(DuePollsReply { polls: expired.len() as u64, more }))
}

/// Takes away for good what can no longer be restored, as [`close`] does with what is closed.
pub(super) async fn purge(
    State(stores): State<PollStores>,
    Body(body): Body,
) -> Result<Json<DuePollsReply>, ApiError> {
    let until_us = until(&body)?.minus(RESTORABLE).micros();
    let polls = stores.polls.purge(until_us, PURGED_AT_ONCE).await.map_err(PollError::Sql)?;
    let more = stores.polls.has_deleted(until_us).await.map_err(PollError::Sql)?;
    Ok(Json(DuePollsReply { polls, more }))
}

fn until(body: &[u8]) -> Result<Timestamp, ApiError> {
    let fault = |member: &[&'static str], msg: String| {
        ApiError::bad_request(vec![Fault::new(member.iter().copied(), "value_error", msg)])
    };
    let asked: DuePollsRequest =
        serde_json::from_slice(body).map_err(|error| fault(&["body"], error.to_string()))?;
    Timestamp::from_micros(asked.until_us)
        .filter(|until| *until <= Timestamp::now().plus(CLOCKS_DIFFER))
        .ok_or_else(|| fault(&["body", "until_us"], "Not an instant that has come".to_owned()))
}
