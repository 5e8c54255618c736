use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use service_kit::{ApiError, Body};
use tracing::{info, warn};
use url::form_urlencoded;
use utoipa::ToSchema;
use wire::Fault;

use super::{AccountState, identity_providers};
use crate::{db::PollError, identity::ProviderError};

/// What a provider sends when a session there has ended.
#[derive(Deserialize, ToSchema)]
#[schema(as = BackChannelLogout)]
#[expect(dead_code, reason = "it describes a form, which is read field by field")]
pub(super) struct LogoutForm {
    /// Whose session it was, signed by the provider.
    logout_token: String,
}

/// Ends the sessions here that belong to one that has ended at a provider, which tells so itself (OpenID Connect Back-Channel
/// Logout). Other processes may take them for some seconds more.
#[utoipa::path(post, path = "/identity-providers/{name}/back-channel-logout", operation_id = "end_provider_sessions", params(
    ("name" = String, Path, description = "From the list of providers"),
), request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 204, description = "They have ended"),
    (status = 400, description = "The token is not of this provider, is too old, or ends no session"),
    (status = 404, description = "There is no such provider"),
    (status = 503, description = "The database, or the provider whose keys are needed, is unavailable"),
))]
pub(super) async fn end(
    State(state): State<AccountState>,
    name: Result<Path<String>, PathRejection>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let provider = identity_providers::provider(&state, name)?;
    let token =
        form_urlencoded::parse(&body).find(|(name, _)| name == "logout_token").map(|(_, value)| value);
    let fault =
        |msg: &str| ApiError::bad_request(vec![Fault::new(["body", "logout_token"], "value_error", msg)]);
    let token = token.ok_or_else(|| fault("Give the token"))?;
    let ended = provider.ended_sessions(&token).await.map_err(|error| {
        warn!(provider = provider.settings().name, %error, "a provider's word that a session has ended is not taken");
        match error {
            ProviderError::Away(_) => {
                ApiError::unavailable("The provider's keys cannot be read; try again in a moment")
            }
            ProviderError::Untrue(_) => fault("It is not of this provider, is too old, or ends no session"),
        }
    })?;
    let hashes = state.accounts.end_provider_sessions(&ended).await.map_err(PollError::Sql)?;
    hashes.iter().for_each(|hash| state.callers.forget(hash));
    info!(provider = provider.settings().name, sessions = hashes.len(), "a provider has ended sessions");
    Ok((StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response())
}
