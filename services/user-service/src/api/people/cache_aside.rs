use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use service_kit::{ApiError, RequestContext};
use wire::{Person, Query, schema::UserId};

use super::conditions;
use crate::{conditions::Conditions, directory::Directory, key::Key};

/// One person, by a parameter.
#[utoipa::path(get, path = "/user-avail/cache-aside",
    params(
    ("user1email" = inline(UserId), Query, description = "The person's address"),
    ("If-None-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "Entity tags of records that the client has"),
), responses(
    (status = 200, description = "The person", body = Person, headers(("ETag" = String, description = "Stands for this content"))),
    (status = 304, description = "The client has this record"),
    (status = 400, description = "The parameter is missing or wrong"),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn cache_aside(
    State(directory): State<Directory>,
    context: RequestContext,
    conditions: Conditions,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let mut query = Query::parse(query.as_deref());
    let address = query.required("user1email");
    let address = query.finish(address).map_err(ApiError::bad_request)?;
    context.require_among([address.as_str()])?;
    let record = match Key::of(&address) {
        Some(key) => directory.find_one(key).await?,
        None => None,
    };
    let record =
        record.ok_or_else(|| ApiError::not_found(format!("User {address} not found in database")))?;
    conditions::read(&conditions, record)
}
