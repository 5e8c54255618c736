use axum::{extract::State, http::StatusCode};
use service_kit::{ApiError, RequestContext};
use wire::Timestamp;

use super::{Address, unknown};
use crate::{conditions::Conditions, directory::Directory, key::Key};

/// Deletes a person with schedule, calendars and feed, and their address in polls; jobs about them are erased within a minute. The next
/// read on every replica sees it. Their account stays, and so does the name that they gave to a poll: `DELETE /account` takes all.
#[utoipa::path(delete, path = "/users/{email}", params(
    ("email" = String, Path, description = "In any case"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the record that is to be deleted"),
), responses(
    (status = 204, description = "The person is deleted"),
    (status = 404, description = "There is no such person"),
    (status = 412, description = "The person has another ETag; nothing was changed"),
    (status = 503, description = "The database is unavailable; the person may be deleted or not"),
))]
pub(super) async fn remove(
    State(directory): State<Directory>,
    context: RequestContext,
    conditions: Conditions,
    address: Address,
) -> Result<StatusCode, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let removed = directory.remove(key, conditions, context.case_id().clone(), Timestamp::now()).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}
