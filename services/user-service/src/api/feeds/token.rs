use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use service_kit::ApiError;
use utoipa::ToSchema;

use super::FeedState;
use crate::{
    api::people::{Address, unknown},
    directory::DirectoryError,
    key::Key,
    polls::Token,
};

/// Where calendar programs read a person's meetings and busy times. Whoever knows it reads them.
#[derive(Serialize, ToSchema)]
struct Feed {
    /// 256 random bits in base64url. It is shown this once.
    token: String,
    /// The decided meetings, for a calendar program to subscribe to.
    url: String,
    /// When the person is busy in the next 12 weeks.
    freebusy_url: String,
}

/// Makes the secret addresses of a person's meetings and busy times; those before hold no longer.
#[utoipa::path(post, path = "/users/{email}/feed", operation_id = "create_feed", params(
    ("email" = String, Path, description = "In any case"),
), responses(
    (status = 201, description = "The addresses, which are shown this once", body = Feed),
    (status = 404, description = "There is no such person"),
    (status = 503, description = "The database is unavailable; the addresses before may hold or not"),
))]
pub(super) async fn create(State(state): State<FeedState>, address: Address) -> Result<Response, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let token = Token::fresh();
    let is_known = state.directory.people().put_feed(&key, &token.hash()).await;
    if !is_known.map_err(DirectoryError::from)? {
        return Err(unknown());
    }
    let (base, secret) = (&state.stores.public_url, token.expose());
    let person = utf8_percent_encode(address.0.trim(), NON_ALPHANUMERIC);
    let url = |file| format!("{base}/users/users/{person}/{file}?token={secret}");
    let feed = Feed { url: url("calendar.ics"), freebusy_url: url("freebusy.ics"), token: secret.to_owned() };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(feed)).into_response())
}

/// Takes the secret addresses away: nobody reads anything by them any more.
#[utoipa::path(delete, path = "/users/{email}/feed", operation_id = "remove_feed", params(
    ("email" = String, Path, description = "In any case"),
), responses(
    (status = 204, description = "The addresses hold no longer"),
    (status = 404, description = "There is no such person, or they have no feed"),
    (status = 503, description = "The database is unavailable; the addresses may hold or not"),
))]
pub(super) async fn remove(State(state): State<FeedState>, address: Address) -> Result<StatusCode, ApiError> {
    let key = Key::of(&address.0).ok_or_else(unknown)?;
    let removed = state.directory.people().remove_feed(&key).await;
    if removed.map_err(DirectoryError::from)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found("There is no such person, or they have no feed"))
    }
}
