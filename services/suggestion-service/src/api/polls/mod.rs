//! Windows of a poll.

mod emails_to_ids;
mod outlook;
mod suggest;

use axum::routing::get;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(suggest::suggest))
}

/// What is for other services alone.
pub(super) fn internal_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().route("/polls/{id}/outlook", get(outlook::outlook))
}
