//! The polls of one's own account: taken over from a browser, and opened in another one.

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

use super::{AccountState, account};
use crate::{
    db::{AccountPoll, PollError},
    polls::{PublicId, TokenHash},
};

/// Most polls that are taken over at a time.
const MOST_AT_ONCE: usize = 100;

/// Polls of a browser, to be the account's from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PollsToTakeOver)]
pub(super) struct TakeOverBody {
    #[schema(min_items = 1, max_items = 100)]
    polls: Vec<PollToTakeOver>,
}

/// A poll and what shows who one is in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PollToTakeOver {
    /// The poll's.
    #[schema(min_length = 1, max_length = 100)]
    id: String,
    /// The organiser's token, or a participant's.
    #[schema(min_length = 1, max_length = 100)]
    token: String,
}

impl RequestBody for TakeOverBody {
    fn faults(&self) -> Vec<Fault> {
        let is_some = (1..=MOST_AT_ONCE).contains(&self.polls.len());
        let msg = format!("Give 1 to {MOST_AT_ONCE} polls");
        (!is_some).then(|| Fault::new(["body", "polls"], "value_error", msg)).into_iter().collect()
    }
}

/// What became of each poll.
#[derive(Serialize, ToSchema)]
pub(super) struct TakenOver {
    /// The ids of those that are the account's now.
    taken: Vec<String>,
    /// The ids of those of which there is no such poll, or whose token is none of it.
    refused: Vec<String>,
}

/// The polls of an account.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountPolls {
    /// The newest first.
    polls: Vec<PollOfAccount>,
}

/// A poll of an account.
#[derive(Serialize, ToSchema)]
struct PollOfAccount {
    id: String,
    title: String,
    /// Whether one is its organiser.
    organiser: bool,
    /// Whom one has taken part as.
    participants: Vec<OwnParticipant>,
}

/// A participant who is oneself.
#[derive(Serialize, ToSchema)]
struct OwnParticipant {
    id: String,
    name: String,
}

/// Tokens of a poll for one more browser.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenedPoll {
    id: String,
    title: String,
    /// The organiser's token; `null` for who is none.
    #[schema(required = true)]
    admin_token: Option<String>,
    participants: Vec<OpenedParticipant>,
}

/// A participant who is oneself, with their token.
#[derive(Serialize, ToSchema)]
struct OpenedParticipant {
    id: String,
    name: String,
    edit_token: String,
}

/// Takes polls over into one's own account: by the tokens that a browser has of them.
#[utoipa::path(post, path = "/account/polls", operation_id = "take_polls_over", request_body = TakeOverBody, responses(
    (status = 200, description = "What became of each poll", body = TakenOver),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The token is for reading alone, or the administrator has no account"),
    (status = 503, description = "The database is unavailable; some may have been taken over"),
))]
pub(super) async fn take_over(
    State(state): State<AccountState>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let wanted = TakeOverBody::parse(&body).map_err(ApiError::bad_request)?;
    let (account, now) = (account(&context)?, Timestamp::now());
    let mut reply = TakenOver { taken: Vec::new(), refused: Vec::new() };
    for PollToTakeOver { id, token } in wanted.polls {
        let is_theirs = match PublicId::parse(&id) {
            Some(poll) => state.accounts.add_poll(&account.id, &poll, &TokenHash::of(&token), now).await,
            None => Ok(false),
        };
        let list = if is_theirs.map_err(PollError::Sql)? { &mut reply.taken } else { &mut reply.refused };
        if !list.contains(&id) {
            list.push(id);
        }
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}

/// The polls of one's own account that have not been deleted.
#[utoipa::path(get, path = "/account/polls", operation_id = "list_account_polls", responses(
    (status = 200, description = "The polls", body = AccountPolls),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The administrator has no account"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn list(
    State(state): State<AccountState>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let roles = state.accounts.polls(&account(&context)?.id).await.map_err(PollError::Sql)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(AccountPolls { polls: grouped(roles) })).into_response())
}

/// Roles by poll, which come one after the other.
fn grouped(roles: Vec<AccountPoll>) -> Vec<PollOfAccount> {
    let mut polls: Vec<PollOfAccount> = Vec::new();
    for AccountPoll { poll, title, participant } in roles {
        let id = poll.to_string();
        if polls.last().is_none_or(|last| last.id != id) {
            polls.push(PollOfAccount { id, title, organiser: false, participants: Vec::new() });
        }
        let Some(last) = polls.last_mut() else { continue };
        match participant {
            Some((id, name)) => last.participants.push(OwnParticipant { id: id.to_string(), name }),
            None => last.organiser = true,
        }
    }
    polls
}

/// Opens a poll of one's own account in a browser: makes tokens of its own for that, which are shown this once. Those of other browsers
/// hold as before.
#[utoipa::path(post, path = "/account/polls/{id}/tokens", operation_id = "open_account_poll", params(
    ("id" = String, Path, description = "From the list of polls"),
), responses(
    (status = 201, description = "The tokens", body = OpenedPoll),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The token is for reading alone, the request comes from another site, or the administrator has no account"),
    (status = 404, description = "The account has no such poll"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn open(
    State(state): State<AccountState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let poll = poll_id(id)?;
    let made = state.accounts.poll_tokens(&account(&context)?.id, &poll, Timestamp::now()).await;
    let made = made.map_err(PollError::Sql)?;
    let title = made.first().map(|(role, _)| role.title.clone()).ok_or_else(unknown)?;
    let mut reply = OpenedPoll { id: poll.to_string(), title, admin_token: None, participants: Vec::new() };
    for (role, token) in made {
        let edit_token = token.expose().to_owned();
        match role.participant {
            Some((id, name)) => {
                reply.participants.push(OpenedParticipant { id: id.to_string(), name, edit_token })
            }
            None => reply.admin_token = Some(edit_token),
        }
    }
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}

/// Takes a poll out of one's own account. The poll stays, and so do the tokens that browsers had before; those that the account has made
/// hold no longer.
#[utoipa::path(delete, path = "/account/polls/{id}", operation_id = "remove_account_poll", params(
    ("id" = String, Path, description = "From the list of polls"),
), responses(
    (status = 204, description = "It is not in the account any more"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The token is for reading alone, the request comes from another site, or the administrator has no account"),
    (status = 404, description = "The account has no such poll"),
    (status = 503, description = "The database is unavailable; it may be in the account or not"),
))]
pub(super) async fn remove(
    State(state): State<AccountState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let removed = state.accounts.remove_poll(&account(&context)?.id, &poll_id(id)?).await;
    if removed.map_err(PollError::Sql)? { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}

fn poll_id(id: Result<Path<String>, PathRejection>) -> Result<PublicId, ApiError> {
    id.ok().and_then(|Path(id)| PublicId::parse(&id)).ok_or_else(unknown)
}

fn unknown() -> ApiError {
    ApiError::not_found("The account has no such poll")
}
