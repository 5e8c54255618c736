use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use service_kit::{ApiError, Body, RequestContext};
use utoipa::ToSchema;
use wire::{Fault, RequestBody, Timestamp};

use super::{AccountState, attempt_cookie};
use crate::{
    db::{PollError, StoredAttempt},
    identity::{AttemptSecret, Provider, ReturnPath},
};

/// For so long somebody may take at their provider.
const ATTEMPT_LIFE: Duration = Duration::from_secs(10 * 60);

/// By whom people can sign in, besides by mail.
#[derive(Serialize, ToSchema)]
struct ProviderList {
    /// In the order of the settings.
    providers: Vec<IdentityProvider>,
}

/// A provider of identities.
#[derive(Serialize, ToSchema)]
struct IdentityProvider {
    /// By which it is known in paths.
    name: String,
    /// What people call it.
    label: String,
}

/// Where somebody wants to be once they are signed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProviderSignIn)]
pub(super) struct ProviderSignInBody {
    /// A path of the page; without it that of the account.
    #[schema(max_length = 300, pattern = "^/([^/\\\\].*)?$")]
    return_path: Option<String>,
}

impl RequestBody for ProviderSignInBody {
    fn faults(&self) -> Vec<Fault> {
        let is_own = self.return_path.as_deref().is_none_or(|path| ReturnPath::parse(path).is_some());
        let msg = format!("Give a path of the page, of up to {} characters", ReturnPath::LONGEST);
        (!is_own).then(|| Fault::new(["body", "return_path"], "value_error", msg)).into_iter().collect()
    }
}

/// An attempt to sign in that has begun.
#[derive(Serialize, ToSchema)]
struct BegunSignIn {
    /// Where the browser goes to.
    location: String,
}

/// The providers of identities by which people can sign in.
#[utoipa::path(get, path = "/identity-providers", operation_id = "list_identity_providers", responses(
    (status = 200, description = "The providers; there may be none", body = ProviderList),
))]
pub(super) async fn list(State(state): State<AccountState>) -> Response {
    let providers = state.providers.iter().map(|provider| {
        let settings = provider.settings();
        IdentityProvider { name: settings.name.clone(), label: settings.label.clone() }
    });
    ([(header::CACHE_CONTROL, "no-cache")], Json(ProviderList { providers: providers.collect() }))
        .into_response()
}

/// Begins to sign somebody in by a provider. The browser that asks goes there next, and alone can come back.
#[utoipa::path(post, path = "/identity-providers/{name}/sign-ins", operation_id = "begin_provider_sign_in", params(
    ("name" = String, Path, description = "From the list of providers"),
), request_body = ProviderSignInBody, responses(
    (status = 201, description = "Where to go; what is secret of it is in the cookie of this reply", body = BegunSignIn, headers(
        ("Set-Cookie" = String, description = "The attempt's secret, which scripts do not see"),
    )),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 404, description = "There is no such provider"),
    (status = 429, description = "The client has begun many of these lately"),
    (status = 503, description = "The provider or the database is unavailable"),
))]
pub(super) async fn begin(
    State(state): State<AccountState>,
    context: RequestContext,
    name: Result<Path<String>, PathRejection>,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let provider = provider(&state, name)?;
    let wanted = ProviderSignInBody::parse(&body).map_err(ApiError::bad_request)?;
    state.sign_ins.take(&context).await?;
    let secret = AttemptSecret::fresh();
    let location = provider.sign_in_url(&secret).await.map_err(|error| {
        ApiError::unavailable("The provider of identities cannot be asked; try again in a moment")
            .because(error)
    })?;
    let return_path = wanted.return_path.as_deref().and_then(ReturnPath::parse);
    let attempt = StoredAttempt {
        provider: provider.settings().name.clone(),
        return_path: return_path.unwrap_or_else(ReturnPath::account),
    };
    let end = Timestamp::now().plus(ATTEMPT_LIFE);
    state.accounts.add_attempt(&secret.hash(), &attempt, end).await.map_err(PollError::Sql)?;
    let headers = [
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::SET_COOKIE, attempt_cookie::begun(&secret, ATTEMPT_LIFE)),
    ];
    Ok((StatusCode::CREATED, headers, Json(BegunSignIn { location: location.into() })).into_response())
}

/// The provider in the path.
///
/// # Errors
/// There is none of this name.
pub(super) fn provider(
    state: &AccountState,
    name: Result<Path<String>, PathRejection>,
) -> Result<&Provider, ApiError> {
    let found = name.ok().and_then(|Path(name)| state.providers.by_name(&name));
    found.ok_or_else(|| ApiError::not_found("There is no such provider of identities"))
}
