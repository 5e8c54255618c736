use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::Response,
};
use domain::tzdb_version;
use jiff::Timestamp;
use service_kit::{ApiError, RequestContext};
use wire::{PollView, WindowOptions};

use super::weeks::{AskedWeeks, layout};
use crate::{api::AppState, compute, poll_client::SeenPoll, reply_cache::viewed};

/// Everybody's bitmaps, for suggestion-service: a [`wire::PollLevels`], and in the header [`wire::PollView::HEADER`] what
/// of it whoever asks may see. It is not for the public.
pub(super) async fn levels(
    State(state): State<AppState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let authorization = headers.get(header::AUTHORIZATION);
    let (id, asked) = question(id, query.as_deref())?;
    let seen = state.polls.poll(&context, &id, authorization).await?;
    seen.require_numbers(authorization)?;
    reply(&state, &id, &asked, seen, &headers).await
}

/// The same whatever a caller may see, for what is told to nobody but those whom it is about.
pub(super) async fn unrestricted(
    State(state): State<AppState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (id, asked) = question(id, query.as_deref())?;
    let seen = state.polls.poll(&context, &id, None).await?;
    reply(&state, &id, &asked, SeenPoll { view: PollView::Names, ..seen }, &headers).await
}

fn question(
    id: Result<Path<String>, PathRejection>,
    query: Option<&str>,
) -> Result<(String, AskedWeeks), ApiError> {
    let Path(id) = id.map_err(|_| ApiError::not_found("There is no such poll"))?;
    Ok((id, AskedWeeks::parse(query, WindowOptions::MAX_WEEKS)?))
}

async fn reply(
    state: &AppState,
    id: &str,
    asked: &AskedWeeks,
    seen: SeenPoll,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let weeks = asked.of(&seen.poll, Timestamp::now());
    let which = weeks.map(|weeks| format!("-{}-{}", weeks.first, weeks.count)).unwrap_or_default();
    let tag = format!("\"{}{which}-levels-{}\"", seen.poll.answers.version, tzdb_version());
    let make = async {
        let layout = layout(&seen.poll, weeks)?;
        let poll = seen.poll.clone();
        let make = move || serde_json::to_vec(&compute::poll_levels(&poll.answers, &layout, weeks));
        let made = if seen.poll.is_large() { state.compute.run(make).await? } else { make() };
        made.map_err(ApiError::internal)
    };
    Ok(viewed(seen.view, state.replies.reply(headers, id, tag, make).await?))
}
