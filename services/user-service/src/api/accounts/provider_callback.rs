use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use service_kit::{ApiError, RequestContext, session_cookie};
use tracing::{info, warn};
use url::{Url, form_urlencoded};
use wire::{BaseUrl, Timestamp};

use super::{
    AccountState, attempt_cookie, identity_providers,
    sessions::{SESSION_LIFE, new_session},
};
use crate::{
    db::PollError,
    identity::{ProvenEmail, Provider, ProviderError, ReturnPath},
};

/// Why nobody is signed in, as the page is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// The attempt is another browser's, was used, or took too long.
    Expired,
    /// Whoever was asked there has refused.
    Refused,
    /// The provider cannot be asked, or says that it cannot answer for now.
    Unavailable,
    /// What the provider says does not hold.
    Failed,
    /// The provider says no address.
    NoEmail,
    /// The provider does not say that the address is theirs.
    UnverifiedEmail,
}

impl Failure {
    fn code(self) -> &'static str {
        match self {
            Failure::Expired => "expired",
            Failure::Refused => "refused",
            Failure::Unavailable => "unavailable",
            Failure::Failed => "failed",
            Failure::NoEmail => "no-email",
            Failure::UnverifiedEmail => "unverified-email",
        }
    }
}

/// What a provider has a browser bring along.
#[derive(Debug, Default)]
struct Brought {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

impl Brought {
    /// Reads the query; of what comes twice nothing is taken.
    fn parse(query: Option<&str>) -> Brought {
        let pairs: Vec<_> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
        let only = |name: &str| {
            let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.to_string());
            values.next().filter(|_| values.next().is_none())
        };
        Brought { code: only("code"), state: only("state"), error: only("error"), issuer: only("iss") }
    }
}

/// Signs in the browser that comes back from a provider, and leads it to the page: to where it wanted, or to where that says
/// what went wrong.
#[utoipa::path(get, path = "/identity-providers/{name}/callback", operation_id = "come_back_from_provider", params(
    ("name" = String, Path, description = "From the list of providers"),
    ("state" = Option<String>, Query, description = "By which the browser is known again"),
    ("code" = Option<String>, Query, description = "By which the provider says who it is"),
    ("error" = Option<String>, Query, description = "Why it does not"),
    ("iss" = Option<String>, Query, description = "Which provider it is"),
), responses(
    (status = 303, description = "The page. On success the cookie of this reply signs the browser in"),
    (status = 404, description = "There is no such provider"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn come_back(
    State(state): State<AccountState>,
    context: RequestContext,
    headers: HeaderMap,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let provider = identity_providers::provider(&state, name)?;
    let brought = Brought::parse(query.as_deref());
    Ok(match sign_in(&state, &context, provider, &headers, brought).await? {
        Ok((path, session)) => {
            info!(provider = provider.settings().name, "somebody has signed in");
            let cookies = vec![session_cookie(&session, SESSION_LIFE), attempt_cookie::ended()];
            to_page(&within(&state.public_url, &path), cookies)
        }
        Err(failure) => {
            let place = format!("{}/account#sign-in-failed={}", state.public_url, failure.code());
            // What another browser has begun, or another tab, goes on.
            let is_over = failure != Failure::Expired;
            to_page(&place, is_over.then(attempt_cookie::ended).into_iter().collect())
        }
    })
}

/// Where the browser goes to, and the token of its session.
///
/// # Errors
/// That of the database. What is wrong with the attempt is a result.
async fn sign_in(
    state: &AccountState,
    context: &RequestContext,
    provider: &Provider,
    headers: &HeaderMap,
    brought: Brought,
) -> Result<Result<(ReturnPath, String), Failure>, ApiError> {
    let settings = provider.settings();
    // The state is of this browser before anything is used up.
    let is_state = |secret: &crate::identity::AttemptSecret| {
        brought.state.as_deref().is_some_and(|state| secret.is_state(state))
    };
    let Some(secret) = attempt_cookie::secret(headers).filter(is_state) else {
        return Ok(Err(Failure::Expired));
    };
    let attempt =
        state.accounts.take_attempt(&secret.hash(), Timestamp::now()).await.map_err(PollError::Sql)?;
    let Some(attempt) = attempt.filter(|attempt| attempt.provider == settings.name) else {
        return Ok(Err(Failure::Expired));
    };
    let proven = match brought.code {
        _ if brought.issuer.is_some_and(|issuer| !provider.is_issuer(&issuer)) => {
            Err(ProviderError::Untrue("another provider has answered (iss)".to_owned()))
        }
        Some(code) if brought.error.is_none() => provider.identity(&secret, code).await,
        _ => return Ok(Err(failure_of(brought.error.as_deref()))),
    };
    let identity = match proven {
        Ok(identity) => identity,
        Err(error) => {
            warn!(provider = settings.name, %error, "nobody was signed in by a provider of identities");
            return Ok(Err(match error {
                ProviderError::Away(_) => Failure::Unavailable,
                ProviderError::Untrue(_) => Failure::Failed,
            }));
        }
    };
    let (token, session) = new_session(headers);
    let started = state.accounts.start_provider_session(&identity, &session).await.map_err(PollError::Sql)?;
    Ok(match (started, identity.email) {
        (Some(account), _) => {
            context.note_sign_in(&account);
            Ok((attempt.return_path, token))
        }
        (None, ProvenEmail::Unverified) => Err(Failure::UnverifiedEmail),
        (None, _) => Err(Failure::NoEmail),
    })
}

/// What the errors of OAuth 2.0 and OpenID Connect say to people.
fn failure_of(error: Option<&str>) -> Failure {
    match error {
        Some("access_denied" | "consent_required" | "interaction_required" | "login_required") => {
            Failure::Refused
        }
        Some("server_error" | "temporarily_unavailable") => Failure::Unavailable,
        _ => Failure::Failed,
    }
}

/// The path at the host of the page.
fn within(public_url: &BaseUrl, path: &ReturnPath) -> String {
    let page = Url::parse(public_url.as_str()).ok();
    let place = page.as_ref().and_then(|page| page.join(path.as_str()).ok());
    let own = place.filter(|place| page.as_ref().is_some_and(|page| page.origin() == place.origin()));
    own.map_or_else(|| format!("{public_url}/account"), String::from)
}

fn to_page(place: &str, cookies: Vec<String>) -> Response {
    let cookies = AppendHeaders(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
    // The address has a code in it, which goes nowhere else.
    let headers = [
        (header::LOCATION, place),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (StatusCode::SEE_OTHER, headers, cookies).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_comes_twice_nothing_is_taken() {
        let brought = Brought::parse(Some("code=a%20b&state=s&state=t&iss=https%3A%2F%2Fid.example.com"));
        assert_eq!((brought.code.as_deref(), brought.state), (Some("a b"), None));
        assert_eq!(brought.issuer.as_deref(), Some("https://id.example.com"));
        assert!(Brought::parse(None).error.is_none());
    }

    #[test]
    fn everybody_lands_on_the_page() {
        let url: BaseUrl = "https://meet.example.com".parse().unwrap();
        let within = |path: &str| within(&url, &ReturnPath::parse(path).unwrap());
        assert_eq!(within("/p/x?a=b"), "https://meet.example.com/p/x?a=b");
        assert_eq!(within("/"), "https://meet.example.com/");
    }
}
