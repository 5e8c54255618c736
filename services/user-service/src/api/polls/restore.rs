use axum::{extract::State, response::Response};
use service_kit::{ApiError, RequestContext};
use wire::{Poll, Timestamp};

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser_or_roll_back},
    reply::commit_and_reply,
    update::send_requests,
};
use crate::{conditions::Conditions, db::PollError, polls::RESTORABLE};

/// Restores a poll that was deleted within the last seven days, with all its answers. Whoever was asked to its
/// meeting is asked again.
#[utoipa::path(post, path = "/polls/{id}/restore", operation_id = "restore_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
), responses(
    (status = 200, description = "The poll", body = Poll, headers(("ETag" = String, description = "The poll's version"))),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll that could be restored"),
    (status = 503, description = "The database is unavailable; the poll may be restored or not"),
))]
pub(super) async fn restore(
    State(stores): State<PollStores>,
    context: RequestContext,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let mut change =
        require_organiser_or_roll_back(stores.polls.change_deleted(&id, bearer.hash(), &conditions).await?)
            .await?;
    let now = Timestamp::now();
    let earliest = now.minus(RESTORABLE).micros();
    if change.poll.deleted_at_us.is_some_and(|deleted| deleted < earliest) {
        return Err(change.refuse(PollError::UnknownPoll).await.into());
    }
    change.restore().await.map_err(PollError::Sql)?;
    if let Some(meeting) = change.poll.meeting {
        send_requests(&mut change, meeting, context.case_id(), now).await.map_err(PollError::Sql)?;
    }
    // Nobody looked while it was deleted, and a meeting makes people busy again.
    change.check_conflicts(context.case_id()).await.map_err(PollError::Sql)?;
    commit_and_reply(&stores, change).await
}
