use std::time::Duration;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue},
};
use wire::{AccessRule, Cost};

use super::{
    Allowances, RateArgs,
    allowances::{Limit, Taken},
    client_quota::{network, refused, seconds_until_next},
};
use crate::{Access, ApiError, RequestContext, access::token};

const MINUTE: Duration = Duration::from_secs(60);
/// What a token that is not good costs: the database is asked for each, and whoever guesses sends many.
const WRONG_TOKEN: u32 = 20;
/// Names of `draft-ietf-httpapi-ratelimit-headers`.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const POLLS: &str = "/users/polls/{id}";
/// Longest id of a poll that is counted by itself, in bytes.
const LONGEST_ID: usize = 64;
/// Under which all are counted that no poll has like this: written in another way, or too long.
const UNUSUAL: &str = "unusual";

/// The limits that hold for all public requests.
#[derive(Clone)]
pub(crate) struct RequestLimits {
    allowances: Allowances,
    client: Limit,
    account: Limit,
    poll: Limit,
}

/// What limits need to know of a request.
pub(crate) struct Asked {
    context: RequestContext,
    cost: u32,
    /// The id of the poll that it changes, if any.
    changed_poll: Option<String>,
    /// Whether it comes with an access token, good or not.
    has_token: bool,
}

/// What the headers of a reply tell about limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct RateHeaders(Vec<(Limit, Taken)>);

impl RequestLimits {
    pub(crate) fn new(args: &RateArgs, access: Access, allowances: Allowances) -> RequestLimits {
        let limit = |name, units| Limit { name, units, window: MINUTE };
        RequestLimits {
            allowances,
            client: limit("client", args.of_client(access)),
            account: limit("account", args.of_account(access)),
            poll: limit("poll", args.of_poll(access)),
        }
    }

    /// Takes what a request costs from what its client may do, and counts a change of a poll.
    ///
    /// # Errors
    /// 429 when no more is left.
    pub(crate) async fn before(&self, asked: &Asked, headers: &mut RateHeaders) -> Result<(), ApiError> {
        if let (1.., Some(client)) = (self.client.units, asked.context.client()) {
            self.take(&asked.context, self.client, &network(client), asked.cost, headers).await?;
        }
        match &asked.changed_poll {
            Some(poll) => self.take(&asked.context, self.poll, poll, 1, headers).await,
            None => Ok(()),
        }
    }

    /// Takes the same from what the account may do by which this is asked, if any.
    ///
    /// # Errors
    /// 429 when no more is left.
    pub(crate) async fn of_account(
        &self,
        context: &RequestContext,
        asked: &Asked,
        headers: &mut RateHeaders,
    ) -> Result<(), ApiError> {
        match context.account_id() {
            Some(account) => self.take(context, self.account, account, asked.cost, headers).await,
            None => Ok(()),
        }
    }

    /// Has the client pay for a token that is not good.
    pub(crate) async fn wrong_token(&self, asked: &Asked) {
        if let (true, Some(client)) = (asked.has_token, asked.context.client()) {
            let unseen = &mut RateHeaders::default();
            // The reply to this request stays as it is; it is the next one that may be refused.
            let _ = self.take(&asked.context, self.client, &network(client), WRONG_TOKEN, unseen).await;
        }
    }

    async fn take(
        &self,
        context: &RequestContext,
        limit: Limit,
        key: &str,
        units: u32,
        headers: &mut RateHeaders,
    ) -> Result<(), ApiError> {
        if limit.units == 0 || units == 0 {
            return Ok(());
        }
        let taken = self.allowances.take(context, limit, key, units).await;
        headers.0.push((limit, taken));
        match taken.is_allowed {
            true => Ok(()),
            false => Err(refused(&taken, &rule_of(limit))),
        }
    }
}

fn rule_of(limit: Limit) -> String {
    match limit.name {
        "poll" => format!("A poll is changed {} times a minute at most", limit.units),
        name => format!("The requests of one {name} may cost {} units a minute", limit.units),
    }
}

impl Asked {
    /// What is known of a request by `rule`.
    pub(crate) fn of(request: &Request, rule: Option<&AccessRule>) -> Asked {
        let changes = rule.is_some_and(|rule| !rule.only_reads());
        Asked {
            context: RequestContext::of_request(request),
            cost: match rule.map(AccessRule::cost) {
                Some(Cost::Free) => 0,
                Some(Cost::Read) | None => 1,
                Some(Cost::Change) => 5,
                Some(Cost::Long) => 10,
            },
            changed_poll: poll_of(request).filter(|_| changes).map(str::to_owned),
            has_token: token(request.headers()).is_some(),
        }
    }
}

/// By what the poll is counted that the request is about.
fn poll_of(request: &Request) -> Option<&str> {
    let matched = request.extensions().get::<MatchedPath>()?;
    let id = request.uri().path().trim_start_matches('/').split('/').nth(2)?;
    matched.as_str().starts_with(POLLS).then(|| counted_by(id))
}

/// An id as polls have it, or one name for all others: as many ways of writing one would be as many allowances.
fn counted_by(id: &str) -> &str {
    let is_usual = id.len() <= LONGEST_ID
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_usual { id } else { UNUSUAL }
}

impl RateHeaders {
    /// Adds what is left, and of how much, to the headers of a reply.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        for (limit, taken) in &self.0 {
            let (name, seconds) = (limit.name, limit.window.as_secs());
            let policy = format!("\"{name}\";q={};w={seconds}", limit.units);
            let left = format!("\"{name}\";r={};t={}", taken.left, seconds_until_next(taken));
            for (header, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
                if let Ok(value) = HeaderValue::from_str(&text) {
                    headers.append(header, value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are_written_in_another_way_are_counted_together() {
        assert_eq!(counted_by("Aa0-_bcdefghijklmnopqr"), "Aa0-_bcdefghijklmnopqr");
        for other in ["%41a0-_bcdefghijklmnopqr", &"a".repeat(LONGEST_ID + 1), "a.b", "ä"] {
            assert_eq!(counted_by(other), UNUSUAL, "{other}");
        }
    }
}
