use axum::{
    body::Bytes,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::Response,
};
use service_kit::{ApiError, Body, RequestContext};
use wire::{WindowOptions, Windows};

use super::emails_to_ids;
use crate::{api::AppState, levels_client::Asker, ranking, reply_cache::without_case_id};

/// The best windows of a poll, why they are, and what would give better ones.
///
/// Every field of the body has a default, and the body may be empty. `required` and the members of groups are ids of
/// participants, or addresses that they have given; these only the organiser may name, with their token. For a weekly poll the windows are times of the week, and `holds` says in which real weeks they can be.
#[utoipa::path(post, path = "/polls/{id}/suggestions", request_body = Option<WindowOptions>, params(
    ("id" = String, Path, description = "The poll's id"),
    ("Authorization" = Option<String>, Header, description = "A token of the poll, as Bearer"),
), responses(
    (status = 200, description = "The windows; none, and why, where there is none", body = Windows),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 401, description = "The token is not one of this poll; or none was sent, and not everybody may see the answers"),
    (status = 403, description = "The token is right, but not enough to see the answers"),
    (status = 404, description = "There is no such poll"),
    (status = 413, description = "The body is too large"),
    (status = 502, description = "availability-service failed"),
    (status = 503, description = "availability-service is unavailable, or there is too much to compute"),
))]
pub(super) async fn suggest(
    State(state): State<AppState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::not_found("There is no such poll"))?;
    let options = WindowOptions::parse(&body).map_err(ApiError::bad_request)?;
    let authorization = headers.get(header::AUTHORIZATION);
    let options = emails_to_ids::emails_to_ids(&state.levels, &context, &id, options, authorization).await?;
    let seen = state.levels.poll(&context, &id, &options, Asker::Caller(authorization.cloned())).await?;
    let text = serde_json::to_string(&options).map_err(ApiError::internal)?;
    let question = (format!("{id} {} {}", seen.poll.etag, seen.view), text);
    let make = async {
        let (poll, view, metrics) = (seen.poll.clone(), seen.view, state.metrics.clone());
        let rank = move || -> Result<Bytes, ApiError> {
            let windows = metrics.windows(|| ranking::answer(&poll.content, &options, view, &[]))?;
            without_case_id(&windows)
        };
        state.compute.run(rank).await?
    };
    state.replies.reply(&context, question, make).await
}
