//! One's own account with its access tokens, sessions and polls: `/account`; those of others: `/accounts`; signing in: `/sign-ins`,
//! `/identity-providers` and `/sessions`.

mod attempt_cookie;
mod back_channel_logout;
mod grant;
mod identity_providers;
mod new_token;
mod polls;
mod provider_callback;
mod read;
mod sessions;
mod sign_in_mails;
mod sign_ins;
mod tokens;

use std::time::Duration;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service_kit::{
    Allowances, ApiError, Callers, ClientQuota, RequestContext, RouteSettings, Routes, ServeArgs,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Account, BaseUrl, Timestamp};

use crate::{
    db::{Accounts, NewAccessToken, PollError, TokenUse},
    identity::Providers,
    polls::Token,
};
use new_token::NewToken;

/// What the operations on accounts need.
#[derive(Clone)]
pub(crate) struct AccountState {
    pub(crate) accounts: Accounts,
    pub(crate) callers: Callers,
    /// Where people reach the page.
    pub(crate) public_url: BaseUrl,
    /// By whom else people sign in.
    pub(crate) providers: Providers,
    /// How often each client may ask for a link to sign in with, or go to a provider.
    pub(crate) sign_ins: ClientQuota,
}

impl AccountState {
    pub(crate) fn new(
        accounts: Accounts,
        callers: Callers,
        allowances: Allowances,
        public_url: BaseUrl,
        providers: Providers,
    ) -> AccountState {
        let sign_ins = ClientQuota::per_hour(allowances, "sign_ins", SIGN_INS_PER_HOUR);
        AccountState { accounts, callers, public_url, providers, sign_ins }
    }
}

/// Links to sign in with that one client may ask for in an hour.
pub(super) const SIGN_INS_PER_HOUR: u32 = 100;

/// Longest time for what a provider of identities is asked for.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(10);

/// All operations on accounts. Each has its rule in the table of access, which asks for a token also where access is open.
pub(crate) fn routes(args: &ServeArgs, state: AccountState) -> Routes {
    let routes = OpenApiRouter::new()
        .routes(routes!(read::read))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::remove))
        .routes(routes!(grant::grant))
        .routes(routes!(sign_ins::order))
        .routes(routes!(sessions::start))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::end))
        .routes(routes!(polls::list, polls::take_over))
        .routes(routes!(polls::remove))
        .routes(routes!(polls::open))
        .with_state(state.clone());
    let with_provider = OpenApiRouter::new()
        .routes(routes!(identity_providers::list))
        .routes(routes!(identity_providers::begin))
        .routes(routes!(provider_callback::come_back))
        .with_state(state.clone());
    // A provider is waited for, and may have a deadline of its own.
    let waiting = RouteSettings {
        timeout: Some(args.request_timeout().max(PROVIDER_TIMEOUT)),
        ..RouteSettings::new(args)
    };
    let logout = OpenApiRouter::new().routes(routes!(back_channel_logout::end)).with_state(state.clone());
    let of_logout = RouteSettings { content_types: &["application/x-www-form-urlencoded"], ..waiting };
    let internal = sign_in_mails::router().with_state(state);
    Routes::from(routes)
        .with(waiting, with_provider)
        .with(of_logout, logout)
        .internal(RouteSettings::new(args), internal)
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
    let token = fresh_token();
    let now = Timestamp::now();
    let new = NewAccessToken {
        hash: Callers::hash(&token),
        used_as: TokenUse::Program,
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

fn fresh_token() -> String {
    format!("{}{}", Callers::PREFIX, Token::fresh().expose())
}

/// The account of the caller, who may be an administrator without one.
pub(super) fn account(context: &RequestContext) -> Result<&Account, ApiError> {
    let account = context.account()?;
    if account.email.is_none() {
        let msg =
            "The installation's administrator has no account; POST /accounts/{email}/tokens makes tokens";
        return Err(ApiError::forbidden(msg));
    }
    Ok(account)
}
