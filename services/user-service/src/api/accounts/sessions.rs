use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use service_kit::{ApiError, Body, Callers, RequestContext, ended_session_cookie, session_cookie};
use tokio::time::timeout;
use url::Url;
use utoipa::ToSchema;
use wire::{Email, Fault, RequestBody, Timestamp, schema::EmailAddress};

use super::{AccountState, account, fresh_token};
use crate::{
    db::{NewAccessToken, PollError, StoredAccessToken, StoredProviderSession, TokenUse},
    polls::TokenHash,
};

/// For so long a browser stays signed in.
pub(super) const SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// For so long whoever signs out waits for their provider.
const PROVIDER_WAIT: Duration = Duration::from_secs(3);
/// Characters that are kept of what a browser says of itself.
const BROWSER_LENGTH: usize = 200;

/// What a link to sign in with says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSession)]
pub(super) struct NewSessionBody {
    /// The link's token.
    #[schema(min_length = 1, max_length = 100)]
    token: String,
    /// The address that the link was sent to, which whoever follows it has seen.
    #[schema(value_type = EmailAddress)]
    email: String,
}

impl RequestBody for NewSessionBody {
    fn faults(&self) -> Vec<Fault> {
        let fault = |field: &str, msg: String| Fault::new(["body", field], "value_error", msg);
        let is_token = (1..=100).contains(&self.token.chars().count());
        let token = (!is_token).then(|| fault("token", "Give 1 to 100 characters".to_owned()));
        let email = self.email.parse::<Email>().err().map(|error| fault("email", error));
        token.into_iter().chain(email).collect()
    }
}

/// Who is signed in from now on.
#[derive(Serialize, ToSchema)]
struct StartedSession {
    #[schema(value_type = EmailAddress)]
    email: String,
    /// When the session ends.
    expires_at: Timestamp,
}

/// The sessions of an account.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionList {
    /// The newest first.
    sessions: Vec<Session>,
}

/// A browser that is signed in.
#[derive(Serialize, ToSchema)]
struct Session {
    /// Under which it is ended.
    id: String,
    /// What the browser says of itself.
    browser: String,
    created_at: Timestamp,
    /// When it ends by itself.
    expires_at: Timestamp,
    /// The beginning of the day in UTC on which it was last used.
    #[schema(required = true)]
    last_used: Option<Timestamp>,
    /// Whether it is the one that asks.
    current: bool,
}

/// Signs a browser in by a link that came by mail, which is used up by that.
#[utoipa::path(post, path = "/sessions", operation_id = "start_session", request_body = NewSessionBody, responses(
    (status = 201, description = "The browser is signed in by the cookie of this reply", body = StartedSession, headers(
        ("Set-Cookie" = String, description = "The session's token, which scripts do not see"),
    )),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 401, description = "The link is unknown, was used, holds no longer, or was sent to another address"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn start(
    State(state): State<AccountState>,
    context: RequestContext,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let wanted = NewSessionBody::parse(&body).map_err(ApiError::bad_request)?;
    let email: Email = wanted.email.parse().map_err(|error: String| {
        ApiError::bad_request(vec![Fault::new(["body", "email"], "value_error", error)])
    })?;
    let (token, session) = new_session(&headers);
    let started = state.accounts.start_session(&TokenHash::of(&wanted.token), &email, &session).await;
    let account = started.map_err(PollError::Sql)?.ok_or_else(|| {
        ApiError::unauthorized(
            "The link was used, holds no longer, or was sent to another address; ask for another one",
        )
    })?;
    context.note_sign_in(&account);
    let reply = StartedSession { email: email.as_str().to_owned(), expires_at: session.expires_at };
    let headers = [
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::SET_COOKIE, session_cookie(&token, SESSION_LIFE)),
    ];
    Ok((StatusCode::CREATED, headers, Json(reply)).into_response())
}

/// The token of a session of this browser that begins now, and what is kept of it.
pub(super) fn new_session(headers: &HeaderMap) -> (String, NewAccessToken) {
    let (token, now) = (fresh_token(), Timestamp::now());
    let session = NewAccessToken {
        hash: Callers::hash(&token),
        used_as: TokenUse::Session,
        name: browser(headers),
        may_write: true,
        created_at: now,
        expires_at: now.plus(SESSION_LIFE),
    };
    (token, session)
}

/// What a browser says of itself, in visible ASCII.
fn browser(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.chars().filter(|letter| (' '..='~').contains(letter)).take(BROWSER_LENGTH).collect()
}

/// The browsers in which one's own account is signed in.
#[utoipa::path(get, path = "/account/sessions", operation_id = "list_sessions", responses(
    (status = 200, description = "The sessions that have not ended", body = SessionList),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The administrator has no account"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn list(
    State(state): State<AccountState>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let account = account(&context)?;
    let stored = state.accounts.tokens(&account.id, TokenUse::Session, Timestamp::now()).await;
    let session = |stored: StoredAccessToken| Session {
        current: account.token_id.as_ref() == Some(&stored.id),
        id: stored.id,
        browser: stored.name,
        created_at: stored.created_at,
        expires_at: stored.expires_at,
        last_used: stored.last_used,
    };
    let sessions = stored.map_err(PollError::Sql)?.into_iter().map(session).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(SessionList { sessions })).into_response())
}

/// A session that has ended here, and may go on at its provider of identities.
#[derive(Serialize, ToSchema)]
struct EndedSession {
    /// Where the browser ends it there, too.
    provider_sign_out: String,
}

/// Signs a browser out. Other processes may take its session for some seconds more.
#[utoipa::path(delete, path = "/account/sessions/{id}", operation_id = "end_session", params(
    ("id" = String, Path, description = "From the list of sessions"),
), responses(
    (status = 200, description = "The session has ended that asked, and its provider of identities has one of its own", body = EndedSession),
    (status = 204, description = "The session has ended; if it was the one that asked, its cookie is taken away"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The token is for reading alone, the request comes from another site, or the administrator has no account"),
    (status = 404, description = "The account has no such session"),
    (status = 503, description = "The database is unavailable; the session may have ended or not"),
))]
pub(super) async fn end(
    State(state): State<AccountState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found("The account has no such session");
    let Path(id) = id.map_err(|_| unknown())?;
    let account = account(&context)?;
    let is_own = account.token_id.as_ref() == Some(&id);
    // It goes with the session.
    let at_provider =
        if is_own { state.accounts.provider_session(&id).await.map_err(PollError::Sql)? } else { None };
    let removed = state.accounts.remove_token(&account.id, TokenUse::Session, &id).await;
    state.callers.forget(&removed.map_err(PollError::Sql)?.ok_or_else(unknown)?);
    if !is_own {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let without_cookie = [(header::SET_COOKIE, ended_session_cookie())];
    Ok(match provider_sign_out(&state, at_provider).await {
        Some(url) => {
            let reply = EndedSession { provider_sign_out: url.into() };
            (without_cookie, [(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response()
        }
        None => (StatusCode::NO_CONTENT, without_cookie).into_response(),
    })
}

/// Where the provider's own session is ended, if there is one, and the provider says so in time.
async fn provider_sign_out(state: &AccountState, at_provider: Option<StoredProviderSession>) -> Option<Url> {
    let session = at_provider?;
    let provider = state.providers.by_issuer(&session.issuer)?;
    timeout(PROVIDER_WAIT, provider.sign_out_url(&session.id_token)).await.ok()?
}
