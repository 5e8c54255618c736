//! Orders of jobs, for worker-service alone: `/job-orders`.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode, routing::post};
use service_kit::{ApiError, Body, RouteSettings, Routes, ServeArgs};
use utoipa_axum::router::OpenApiRouter;
use wire::{ClaimOrdersReply, ClaimOrdersRequest, TakenOrdersRequest, Timestamp};

use crate::db::{JobOrders, PollError};

/// For so long an order belongs to whoever has claimed it.
const LEASE: Duration = Duration::from_secs(30);

/// All operations on orders. None of them is at a gateway.
pub(super) fn routes(args: &ServeArgs, orders: JobOrders) -> Routes {
    let internal = OpenApiRouter::new()
        .route("/job-orders/claims", post(claim))
        .route("/job-orders/taken", post(taken))
        .with_state(orders);
    Routes::default().internal(RouteSettings::new(args), internal)
}

/// Gives away orders that are due: an [`ClaimOrdersRequest`] is answered by [`ClaimOrdersReply`]. What is not said to be taken within
/// half a minute is given away again.
async fn claim(
    State(orders): State<JobOrders>,
    Body(body): Body,
) -> Result<Json<ClaimOrdersReply>, ApiError> {
    let ClaimOrdersRequest { limit } = ClaimOrdersRequest::parse(&body).map_err(ApiError::bad_request)?;
    let now = Timestamp::now();
    let orders = orders.claim(now, now.plus(LEASE), limit).await.map_err(PollError::Sql)?;
    Ok(Json(ClaimOrdersReply { orders }))
}

/// Forgets the orders that [`TakenOrdersRequest`] names.
async fn taken(State(orders): State<JobOrders>, Body(body): Body) -> Result<StatusCode, ApiError> {
    let TakenOrdersRequest { ids } = TakenOrdersRequest::parse(&body).map_err(ApiError::bad_request)?;
    orders.delete(&ids).await.map_err(PollError::Sql)?;
    Ok(StatusCode::NO_CONTENT)
}
