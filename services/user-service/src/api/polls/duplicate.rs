use axum::{extract::State, response::Response};
use service_kit::{ApiError, Body, RequestContext};
use wire::{CreatedPoll, NewPoll, PollChange};

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser},
    create::create_and_reply,
};
use crate::api::bodies::PollChangeBody;

/// Makes another poll like this one, with what is given instead of what it has; without participants and answers, and
/// without a deadline unless one is given.
#[utoipa::path(post, path = "/polls/{id}/duplicate", operation_id = "duplicate_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
), request_body = PollChangeBody, responses(
    (status = 201, description = "The other poll", body = CreatedPoll, headers(("ETag" = String, description = "Its version"))),
    (status = 400, description = "The body is wrong, or does not fit the rest of the poll; every fault is named"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 429, description = "The client has made as many polls as it may in an hour",
        headers(("Retry-After" = u64, description = "Seconds until it may make another one"))),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn duplicate(
    State(stores): State<PollStores>,
    context: RequestContext,
    PollId(id): PollId,
    bearer: Bearer,
    body: Body,
) -> Result<Response, ApiError> {
    let wanted = PollChange::parse(&body.0).map_err(ApiError::bad_request)?;
    let (poll, role) = stores.polls.find(&id, bearer.hash()).await?;
    require_organiser(&role)?;
    let like = NewPoll { deadline: None, remind: false, ..poll.content };
    let content = wanted.applied(like).map_err(ApiError::bad_request)?;
    create_and_reply(&context, &stores, content).await
}
