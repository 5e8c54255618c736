//! Windows of a poll.

mod emails_to_ids;
mod suggest;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(suggest::suggest))
}
