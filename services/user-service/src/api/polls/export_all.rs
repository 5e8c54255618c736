use axum::{extract::State, response::Response};
use service_kit::ApiError;

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser},
};
use crate::{
    api::exports::{self, Export},
    db::PollError,
};

/// All that is stored of a poll: itself, who takes part with their addresses and answers, what calendars have answered, mails, and
/// orders of jobs. Answers as a table are in `export.json` and `export.csv`.
#[utoipa::path(get, path = "/polls/{id}/export", operation_id = "export_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
), responses(
    (status = 200, description = "All that is stored", body = Export),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn export_all(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
) -> Result<Response, ApiError> {
    let (poll, role) = stores.polls.find(&id, bearer.hash()).await?;
    require_organiser(&role)?;
    let tables = stores.polls.export(&poll.id).await.map_err(PollError::Sql)?;
    Ok(exports::reply(tables, "poll"))
}
