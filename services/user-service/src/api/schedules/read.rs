use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp as Instant;
use service_kit::ApiError;
use wire::Schedule;

use crate::{
    api::people::{Address, precondition_failed, unknown},
    conditions::{Conditions, Reading},
    db::StoredSchedule,
    directory::{Directory, DirectoryError},
    key::Key,
    schedules::entity_tag,
};

/// When a person is usually free, in their own zone. Whoever has not said is free by their hours of the week, in UTC.
#[utoipa::path(get, path = "/users/{email}/schedule", operation_id = "read_schedule", params(
    ("email" = String, Path, description = "In any case"),
    ("If-None-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "Entity tags of schedules that the client has"),
), responses(
    (status = 200, description = "The schedule", body = Schedule, headers(("ETag" = String, description = "Stands for this content"))),
    (status = 304, description = "The client has this schedule"),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn read(
    State(directory): State<Directory>,
    conditions: Conditions,
    address: Address,
) -> Result<Response, ApiError> {
    let now = Instant::now();
    let person = found(&directory, &address, now, now).await?;
    let tag = entity_tag(&person.schedule);
    match conditions.reading_of(&tag) {
        Reading::Send => Ok(reply(&person.schedule)),
        Reading::NotModified => Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response()),
        Reading::Refuse => Err(precondition_failed()),
    }
}

pub(super) fn reply(schedule: &Schedule) -> Response {
    ([(header::ETAG, entity_tag(schedule))], Json(schedule)).into_response()
}

/// What the person in the path has said of their time, and when they are busy.
pub(super) async fn found(
    directory: &Directory,
    address: &Address,
    from: Instant,
    to: Instant,
) -> Result<StoredSchedule, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let found = directory.people().schedules(std::slice::from_ref(&key), from, to).await;
    found.map_err(DirectoryError::from)?.remove(&key).ok_or_else(unknown)
}
