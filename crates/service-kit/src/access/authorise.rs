use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams, Request},
    http::{HeaderMap, HeaderName, StatusCode, header},
};
use wire::{ACCESS_RULES, AccessRule, Account, Email, Permission};

use super::{Access, Callers, session_cookie};
use crate::{ApiError, Caller, RequestContext};

/// Where an access token goes when `Authorization` has the token of a poll.
const ACCOUNT_TOKEN: HeaderName = HeaderName::from_static("w2meet-token");

/// The rules of each path.
static RULES: LazyLock<HashMap<&str, Vec<&AccessRule>>> = LazyLock::new(|| {
    let mut rules: HashMap<&str, Vec<&AccessRule>> = HashMap::new();
    ACCESS_RULES.iter().for_each(|rule| rules.entry(rule.path).or_default().push(rule));
    rules
});

/// The rule of what a request asks for; none for what is no operation.
pub(crate) fn rule_of(request: &Request) -> Option<&'static AccessRule> {
    let path = request.extensions().get::<MatchedPath>()?;
    let method = request.method().as_str();
    let wanted = if method == "HEAD" { "GET" } else { method };
    RULES.get(path.as_str())?.iter().find(|rule| rule.method == wanted).copied()
}

/// Lets a public request through if its caller may do what it asks for.
#[derive(Clone)]
pub(crate) struct Authorisation {
    access: Access,
    callers: Callers,
}

impl Authorisation {
    pub(crate) fn new(access: Access, callers: Callers) -> Authorisation {
        Authorisation { access, callers }
    }

    /// Finds out who asks, which the request's context says from now on, and whether they may.
    ///
    /// # Errors
    /// 401 when they have to be signed in or their token is not good, 403 when they may not, 503 when nobody can say.
    pub(crate) async fn check(&self, request: Request) -> Result<Request, ApiError> {
        let Some(path) = request.extensions().get::<MatchedPath>() else { return Ok(request) };
        let Some(rule) = rule_of(&request) else {
            // Another method of a path is answered by the router.
            return match self.access == Access::Open || RULES.contains_key(path.as_str()) {
                true => Ok(request),
                false => Err(ApiError::forbidden("Nothing says who may do this, so nobody may")),
            };
        };
        if !self.asks_who(rule) {
            return Ok(request);
        }
        self.check_rule(request, rule).await
    }

    /// Whether it matters who does this.
    pub(crate) fn asks_who(&self, rule: &AccessRule) -> bool {
        self.access != Access::Open || rule.concerns_accounts()
    }

    async fn check_rule(&self, request: Request, rule: &AccessRule) -> Result<Request, ApiError> {
        let (mut parts, body) = request.into_parts();
        let context = RequestContext::of_parts(&parts);
        let is_for_anybody = self.is_for_anybody(rule.permission);
        let account = match (token(&parts.headers), session_cookie::token(&parts.headers)) {
            (Some(token), _) => Some(self.callers.of(&context, token).await?),
            (None, Some(session)) => {
                let is_own = rule.method == "GET" || session_cookie::is_of_own_page(&parts);
                match self.of_session(&context, session, is_own).await {
                    Ok(account) => account,
                    // A browser sends the cookie along whatever it asks for.
                    Err(_) if is_for_anybody => None,
                    Err(error) => return Err(error),
                }
            }
            (None, None) => None,
        };
        if let (Some(account), Some(notes)) = (&account, context.notes()) {
            notes.set_account(account);
        }
        if is_for_anybody {
            let caller = account.map_or(Caller::Nobody, Caller::Account);
            parts.extensions.insert(context.by(caller));
            return Ok(Request::from_parts(parts, body));
        }
        let account = account.ok_or_else(signed_out)?;
        if !account.may_write && !rule.only_reads() {
            return Err(ApiError::forbidden(
                "This access token is for reading alone; make one with \"write\"",
            ));
        }
        let is_allowed = account.is_administrator
            || match rule.permission {
                Permission::Administrator | Permission::AccountAdministrator => false,
                Permission::Oneself => {
                    let path = RawPathParams::from_request_parts(&mut parts, &()).await;
                    path.is_ok_and(|path| {
                        path.iter().any(|(name, value)| name == "email" && is_of(&account, value))
                    })
                }
                _ => true,
            };
        if !is_allowed {
            return Err(not_theirs());
        }
        parts.extensions.insert(context.by(Caller::Account(account)));
        Ok(Request::from_parts(parts, body))
    }

    /// Whose session it is; nobody's when it has ended.
    async fn of_session(
        &self,
        context: &RequestContext,
        session: &str,
        is_own: bool,
    ) -> Result<Option<Arc<Account>>, ApiError> {
        if !is_own {
            return Err(ApiError::forbidden(
                "What changes something by a session has to come from a page of this platform: Origin says that it does not",
            ));
        }
        match self.callers.of(context, session).await {
            Ok(account) => Ok(Some(account)),
            Err(error) if error.status() == StatusCode::UNAUTHORIZED => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn is_for_anybody(&self, permission: Permission) -> bool {
        permission == Permission::Anybody
            || (permission == Permission::AnybodyUnlessClosed && self.access != Access::Closed)
    }
}

/// The access token that came along, if any; the token of a poll is none.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = authorization.and_then(|value| {
        let (scheme, token) = value.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
    });
    let own = || headers.get(ACCOUNT_TOKEN).and_then(|value| value.to_str().ok()).map(str::trim);
    bearer.filter(|token| token.starts_with(Callers::PREFIX)).or_else(own)
}

/// Whether the account is that of whoever has this address.
pub(crate) fn is_of(account: &Account, address: &str) -> bool {
    account.email.as_deref().is_some_and(|email| Email::key(email) == Email::key(address))
}

pub(crate) fn signed_out() -> ApiError {
    let msg =
        "Only who is signed in may do this: sign in, or send an access token as Authorization: Bearer w2m_…";
    ApiError::unauthorized(msg)
}

pub(crate) fn not_theirs() -> ApiError {
    ApiError::forbidden("Only those whom it is about, or an administrator, may do this")
}
