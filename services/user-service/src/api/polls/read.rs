use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use service_kit::ApiError;
use wire::Poll;

use super::{
    PollStores,
    access::{Bearer, PollId},
    reply::{at_version, marked, shown, tag},
};
use crate::{
    conditions::{Conditions, Reading},
    db::PollError,
};

/// A poll, with its participants as its visibility allows.
#[utoipa::path(get, path = "/polls/{id}", operation_id = "read_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = Option<String>, Header, description = "Bearer and the organiser's or a participant's token"),
    ("If-None-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "Entity tags of versions that the client has"),
), responses(
    (status = 200, description = "The poll", body = Poll, headers(("ETag" = String, description = "The poll's version"))),
    (status = 304, description = "The client has this version"),
    (status = 401, description = "The token is none of this poll"),
    (status = 404, description = "There is no such poll"),
    (status = 412, description = "The poll has another version"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn read(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let (poll, role) = stores.polls.find(&id, bearer.hash()).await?;
    match conditions.reading_of(&tag(poll.version)) {
        Reading::Send => Ok(at_version(StatusCode::OK, poll.version, shown(&stores, &poll, &role).await?)),
        Reading::NotModified => Ok(marked(poll.version, StatusCode::NOT_MODIFIED.into_response())),
        Reading::Refuse => Err(PollError::PreconditionFailed.into()),
    }
}
