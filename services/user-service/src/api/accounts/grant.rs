use axum::{extract::State, response::Response};
use service_kit::{ApiError, Body};
use wire::{Email, Fault, Timestamp};

use super::{
    AccountState, CreatedToken, create_token,
    new_token::{NewToken, NewTokenBody},
};
use crate::{api::people::Address, db::PollError};

/// Makes an access token for somebody, and their account where there is none. Administrators hand it on.
#[utoipa::path(post, path = "/accounts/{email}/tokens", operation_id = "grant_access_token", params(
    ("email" = String, Path, description = "The address whose owner it is for"),
), request_body = NewTokenBody, responses(
    (status = 201, description = "The token, which is shown this once", body = CreatedToken),
    (status = 400, description = "The address or the body is wrong; every fault is named"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "Who is signed in is no administrator"),
    (status = 409, description = "The account has as many tokens as it may have"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn grant(
    State(state): State<AccountState>,
    Address(address): Address,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let wanted = NewToken::parse(&body).map_err(ApiError::bad_request)?;
    let email: Email = address.parse().map_err(|error: String| {
        ApiError::bad_request(vec![Fault::new(["path", "email"], "value_error", error)])
    })?;
    let account = state.accounts.of(&email, Timestamp::now()).await.map_err(PollError::Sql)?;
    create_token(&state, &account, wanted).await
}
