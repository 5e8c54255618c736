use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::Response,
};
use domain::tzdb_version;
use jiff::Timestamp;
use service_kit::{ApiError, RequestContext};
use wire::WindowOptions;

use super::weeks::{AskedWeeks, layout};
use crate::{api::AppState, compute, reply_cache::viewed};

/// Everybody's bitmaps, for suggestion-service: a [`wire::PollLevels`], and in the header [`wire::PollView::HEADER`] what
/// of it whoever asks may see. It is not for the public.
pub(super) async fn levels(
    State(state): State<AppState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::not_found("There is no such poll"))?;
    let asked = AskedWeeks::parse(query.as_deref(), WindowOptions::MAX_WEEKS)?;
    let authorization = headers.get(header::AUTHORIZATION);
    let seen = state.polls.poll(&context, &id, authorization).await?;
    seen.require_numbers(authorization)?;
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
    Ok(viewed(seen.view, state.replies.reply(&headers, &id, tag, make).await?))
}
