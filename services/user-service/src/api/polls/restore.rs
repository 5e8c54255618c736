use axum::{extract::State, http::StatusCode, response::Response};
use service_kit::ApiError;
use wire::{Poll, Timestamp};

use super::{
    PollStores,
    access::{Bearer, PollId},
    reply::{at_version, shown},
    update::administrative,
};
use crate::{
    conditions::Conditions,
    db::PollError,
    polls::{RESTORABLE, Role},
};

/// Restores a poll that was deleted within the last seven days, with all its answers.
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
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let mut change = stores.polls.change_deleted(&id, bearer.hash(), &conditions).await?;
    if let Err(refusal) = administrative(&change.role) {
        return Err(change.refuse(refusal).await.into());
    }
    let earliest = Timestamp::now().minus(RESTORABLE).micros();
    if change.poll.deleted_at_us.is_some_and(|deleted| deleted < earliest) {
        return Err(change.refuse(PollError::UnknownPoll).await.into());
    }
    change.restore().await.map_err(PollError::Sql)?;
    let poll = stores.commit(change).await?;
    Ok(at_version(StatusCode::OK, poll.version, shown(&stores, &poll, &Role::Admin).await?))
}
