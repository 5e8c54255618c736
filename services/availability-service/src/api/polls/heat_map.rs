use axum::{
    extract::{Path, RawQuery, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::Response,
};
use jiff::Timestamp;
use service_kit::{ApiError, RequestContext};
use wire::{HeatMap, schema::DateText};

use super::weeks::{AskedWeeks, layout};
use crate::{api::AppState, compute};

/// How many can come at each cell of a poll, and who, as far as whoever asks may see it.
///
/// A weekly poll is shown as a real week. With `If-None-Match` the reply is a 304 as long as nothing has changed.
#[utoipa::path(get, path = "/polls/{id}/heatmap", params(
    ("id" = String, Path, description = "The poll's id"),
    ("first_week" = inline(Option<DateText>), Query, description = "For a weekly poll: a date of the week to show; the next week by default"),
    ("Authorization" = Option<String>, Header, description = "A token of the poll, as Bearer"),
    ("If-None-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the reply before"),
), responses(
    (status = 200, description = "The heat map", body = HeatMap),
    (status = 304, description = "It is still what the client has"),
    (status = 400, description = "A parameter or a header is wrong"),
    (status = 401, description = "The token is not one of this poll; or none was sent, and not everybody may see the answers"),
    (status = 403, description = "The token is right, but not enough to see the answers"),
    (status = 404, description = "There is no such poll"),
    (status = 502, description = "user-service failed"),
    (status = 503, description = "user-service is unavailable, or there is too much to compute"),
))]
pub(super) async fn heat_map(
    State(state): State<AppState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::not_found("There is no such poll"))?;
    let asked = AskedWeeks::parse(query.as_deref(), 1)?;
    let authorization = headers.get(header::AUTHORIZATION);
    let seen = state.polls.poll(&context, &id, authorization).await?;
    seen.require_numbers(authorization)?;
    let weeks = asked.of(&seen.poll, Timestamp::now());
    let week = weeks.map(|weeks| format!("-{}", weeks.first)).unwrap_or_default();
    let tag = format!("\"{}{week}-{}\"", seen.poll.answers.version, seen.view);
    let make = async {
        let layout = layout(&seen.poll, weeks)?;
        let (poll, view, metrics) = (seen.poll.clone(), seen.view, state.metrics.clone());
        let make = move || {
            let people = poll.answers.participants.len();
            metrics.observe(people, || serde_json::to_vec(&compute::heat_map(&poll.answers, &layout, view)))
        };
        let made = if seen.poll.is_large() { state.compute.run(make).await? } else { make() };
        made.map_err(ApiError::internal)
    };
    state.replies.reply(&headers, &id, tag, make).await
}
