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

/// The poll as whoever has this role sees it.
pub(super) async fn shown(stores: &PollStores, poll: &StoredPoll, role: &Role) -> Result<Poll, ApiError> {
    let view = view(poll.content.visibility, role);
    let turnout = stores.polls.turnout(&poll.id, view).await.map_err(PollError::Sql)?;
    Ok(poll.shown(Instant::now(), view, turnout.as_ref()))
}
