use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp as Instant;
use serde::Serialize;
use service_kit::ApiError;
use wire::Poll;

use super::PollStores;
use crate::{
    db::{PollChange, PollError},
    polls::{Role, StoredPoll, view},
};

/// The entity tag of a poll's version.
pub(super) fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// A reply about a poll at this version. What it says depends on who asks, so nothing but their own cache may keep it.
pub(super) fn at_version(status: StatusCode, version: i64, body: impl Serialize) -> Response {
    marked(version, (status, Json(body)).into_response())
}

/// The reply with the headers of every reply about a poll.
pub(super) fn marked(version: i64, mut response: Response) -> Response {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag(version)) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization"));
    response
}

/// Commits the organiser's change, and replies with the poll as it is now.
pub(super) async fn commit_and_reply(stores: &PollStores, change: PollChange) -> Result<Response, ApiError> {
    let poll = stores.commit(change).await?;
    Ok(at_version(StatusCode::OK, poll.version, shown(stores, &poll, &Role::Admin).await?))
}

/// Replies to the organiser with the poll as it was, since there is nothing to change.
pub(super) async fn give_up_and_reply(
    stores: &PollStores,
    mut change: PollChange,
) -> Result<Response, ApiError> {
    change.poll.version -= 1;
    let unchanged = change.poll.clone();
    change.give_up().await.map_err(PollError::Sql)?;
    let poll = shown(stores, &unchanged, &Role::Admin).await?;
    Ok(at_version(StatusCode::OK, unchanged.version, poll))
}

/// The poll as whoever has this role sees it.
pub(super) async fn shown(stores: &PollStores, poll: &StoredPoll, role: &Role) -> Result<Poll, ApiError> {
    let view = view(poll.content.visibility, role);
    let turnout = stores.polls.turnout(&poll.id, view).await.map_err(PollError::Sql)?;
    let shown = poll.shown(Instant::now(), view, turnout.as_ref());
    Ok(if role.is_admin() { poll.with_organiser(shown) } else { shown })
}
