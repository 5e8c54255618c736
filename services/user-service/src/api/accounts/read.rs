use axum::{
    Json,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service_kit::{ApiError, RequestContext};
use utoipa::ToSchema;
use wire::{Timestamp, schema::EmailAddress};

use super::new_token::Scope;

/// Who is signed in.
#[derive(Serialize, ToSchema)]
struct AccountReply {
    /// The address of the account; `null` for the administrator who has none.
    #[schema(value_type = Option<EmailAddress>, required = true)]
    email: Option<String>,
    /// Whether they may do everything for everybody.
    administrator: bool,
    /// What the token is good for.
    scopes: Vec<Scope>,
    /// When the token ends; `null` when it does not.
    #[schema(required = true)]
    expires_at: Option<Timestamp>,
}

/// One's own account.
#[utoipa::path(get, path = "/account", operation_id = "read_account", responses(
    (status = 200, description = "The account", body = AccountReply),
    (status = 401, description = "Nobody is signed in"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn read(context: RequestContext) -> Result<Response, ApiError> {
    let account = context.account()?;
    let reply = AccountReply {
        email: account.email.clone(),
        administrator: account.is_administrator,
        scopes: Scope::of(account.may_write),
        expires_at: account.expires_at,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
