use axum::Json;
use serde::Serialize;
use service_kit::{BODY_LIMIT, IDEMPOTENCY_KEY_LENGTH};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Query, WindowOptions};

use super::tasks::LARGEST_PAGE;

/// The limits of the service. What is beyond one is refused with its name and value, and never cut.
#[derive(Serialize, ToSchema)]
struct Limits {
    /// Characters of an `Idempotency-Key`.
    idempotency_key_characters: usize,
    /// Characters of an address, or of a poll's id.
    name_characters: usize,
    /// Jobs on a page.
    page_jobs: u32,
    /// Windows of an answer about a poll.
    windows: u32,
    /// Bytes of a body.
    body_bytes: usize,
}

/// Every limit of the service.
#[utoipa::path(get, path = "/limits", responses((status = 200, description = "The limits", body = Limits)))]
async fn limits() -> Json<Limits> {
    Json(Limits {
        idempotency_key_characters: IDEMPOTENCY_KEY_LENGTH,
        name_characters: Query::MAX_LENGTH,
        page_jobs: LARGEST_PAGE,
        windows: WindowOptions::MAX_WINDOWS,
        body_bytes: BODY_LIMIT,
    })
}

pub(super) fn routes() -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(limits))
}
