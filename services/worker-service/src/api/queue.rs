use axum::{Json, extract::State};
use serde::Serialize;
use service_kit::ApiError;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

/// How much work waits, as it was within the last seconds.
#[derive(Serialize, ToSchema)]
struct QueueStatus {
    /// The queue's name.
    queue: String,
    /// Jobs that wait for a worker.
    waiting: u64,
    /// Jobs that were given up.
    dead: u64,
    /// Workers that take jobs.
    workers: u64,
}

/// How much work waits, and how many workers there are. Shown only where the platform is told to show its status.
#[utoipa::path(get, path = "/queue", operation_id = "queue_status", responses(
    (status = 200, description = "The queue", body = QueueStatus),
    (status = 404, description = "The platform does not show its status"),
    (status = 503, description = "The queue is unavailable"),
))]
async fn queue_status(State(state): State<AppState>) -> Result<Json<QueueStatus>, ApiError> {
    let seen = state.depth.ok_or_else(|| ApiError::not_found("The platform does not show its status"))?;
    let depth = *seen.borrow();
    let depth = depth.ok_or_else(|| ApiError::unavailable("The queue is unavailable"))?;
    Ok(Json(QueueStatus {
        queue: state.queue_name,
        waiting: depth.work,
        dead: depth.dead,
        workers: depth.consumers,
    }))
}

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(queue_status))
}
