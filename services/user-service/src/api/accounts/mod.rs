//! One's own account and its access tokens: `/account`; those of others: `/accounts`.

mod grant;
mod new_token;
mod read;
mod tokens;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service_kit::{ApiError, Callers, Routes};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::Timestamp;

use crate::{
    db::{Accounts, NewAccessToken, PollError},
    polls::Token,
};
use new_token::NewToken;

/// What the operations on accounts need.
#[derive(Clone)]
pub(crate) struct AccountState {
    pub(crate) accounts: Accounts,
    pub(crate) callers: Callers,
}

/// All operations on accounts. Each has its rule in the table of access, which asks for a token also where access is open.
pub(crate) fn routes(state: AccountState) -> Routes {
    let routes = OpenApiRouter::new()
        .routes(routes!(read::read))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::remove))
        .routes(routes!(grant::grant))
        .with_state(state);
    Routes::from(routes)
}

/// An access token that was made just now.
#[derive(Serialize, ToSchema)]
struct CreatedToken {
    /// Under which it is revoked.
    id: String,
    /// Goes into `Authorization: Bearer`, or into `W2Meet-Token` beside the token of a poll. It is shown this once.
    #[schema(pattern = "^w2m_[A-Za-z0-9_-]{43}$")]
    token: String,
    /// When it ends.
    expires_at: Timestamp,
}

/// Makes a token of an account and shows it.
async fn create_token(state: &AccountState, account: &str, wanted: NewToken) -> Result<Response, ApiError> {
    let token = format!("{}{}", Callers::PREFIX, Token::fresh().expose());
    let now = Timestamp::now();
    let new = NewAccessToken {
        hash: Callers::hash(&token),
        name: wanted.name,
        may_write: wanted.may_write,
        created_at: now,
        expires_at: now.plus(wanted.life),
    };
    let id = state.accounts.add_token(account, &new).await.map_err(PollError::Sql)?;
    let id = id.ok_or_else(|| {
        let msg = format!("An account has at most {} access tokens; revoke one", Accounts::MOST_TOKENS);
        ApiError::http(StatusCode::CONFLICT, msg)
    })?;
    let created = CreatedToken { id, token, expires_at: new.expires_at };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(created)).into_response())
}
