use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;
use service_kit::{ApiError, Body, RequestContext};
use utoipa::ToSchema;
use wire::Timestamp;

use super::{
    AccountState, CreatedToken, account, create_token,
    new_token::{NewToken, NewTokenBody, Scope},
};
use crate::db::{PollError, TokenUse};

/// The access tokens of an account.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenList {
    /// The newest first.
    tokens: Vec<AccessToken>,
}

/// An access token without its secret.
#[derive(Serialize, ToSchema)]
struct AccessToken {
    /// Under which it is revoked.
    id: String,
    /// What its owner calls it.
    name: String,
    /// What it is good for.
    scopes: Vec<Scope>,
    created_at: Timestamp,
    /// When it ends.
    expires_at: Timestamp,
    /// The beginning of the day in UTC on which it was last used.
    #[schema(required = true)]
    last_used: Option<Timestamp>,
}

/// Makes an access token of one's own account.
#[utoipa::path(post, path = "/account/tokens", operation_id = "create_access_token", request_body = NewTokenBody, responses(
    (status = 201, description = "The token, which is shown this once", body = CreatedToken),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The token is for reading alone, or the administrator has no account"),
    (status = 409, description = "The account has as many tokens as it may have"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn create(
    State(state): State<AccountState>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let wanted = NewToken::parse(&body).map_err(ApiError::bad_request)?;
    create_token(&state, &account(&context)?.id, wanted).await
}

/// The access tokens of one's own account.
#[utoipa::path(get, path = "/account/tokens", operation_id = "list_access_tokens", responses(
    (status = 200, description = "The tokens that have not ended", body = TokenList),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The administrator has no account"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn list(
    State(state): State<AccountState>,
    context: RequestContext,
) -> Result<Json<TokenList>, ApiError> {
    let stored = state.accounts.tokens(&account(&context)?.id, TokenUse::Program, Timestamp::now()).await;
    let tokens = stored.map_err(PollError::Sql)?.into_iter().map(|token| AccessToken {
        id: token.id,
        name: token.name,
        scopes: Scope::of(token.may_write),
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used: token.last_used,
    });
    Ok(Json(TokenList { tokens: tokens.collect() }))
}

/// Revokes an access token of one's own account. Other processes may take it for some seconds more.
#[utoipa::path(delete, path = "/account/tokens/{id}", operation_id = "revoke_access_token", params(
    ("id" = String, Path, description = "From the list of tokens"),
), responses(
    (status = 204, description = "The token holds no longer"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The token is for reading alone, or the administrator has no account"),
    (status = 404, description = "The account has no such token"),
    (status = 503, description = "The database is unavailable; the token may hold or not"),
))]
pub(super) async fn remove(
    State(state): State<AccountState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let unknown = || ApiError::not_found("The account has no such token");
    let Path(id) = id.map_err(|_| unknown())?;
    let account = &account(&context)?.id;
    let removed = state.accounts.remove_token(account, TokenUse::Program, &id).await;
    let removed = removed.map_err(PollError::Sql)?;
    state.callers.forget(&removed.ok_or_else(unknown)?);
    Ok(StatusCode::NO_CONTENT)
}
