use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, header},
};
use service_kit::{ApiError, Body, RequestContext};
use wire::{ParticipantsByEmailReply, ParticipantsByEmailRequest};

use crate::api::AppState;

/// Which participants of a poll have given these addresses, for suggestion-service: an [`ParticipantsByEmailRequest`] is answered by
/// an [`ParticipantsByEmailReply`]. user-service says whether whoever asks may know. It is not for the public.
pub(super) async fn participants_by_email(
    State(state): State<AppState>,
    context: RequestContext,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<ParticipantsByEmailReply>, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::not_found("There is no such poll"))?;
    let asked = ParticipantsByEmailRequest::parse(&body).map_err(ApiError::bad_request)?;
    let authorization = headers.get(header::AUTHORIZATION);
    Ok(Json(state.polls.participants_by_email(&context, &id, &asked, authorization).await?))
}
