//! On the second port: whoever is about to end this process lets it take no messages before.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use serde::Serialize;

use crate::{consumer::Pause, metrics::JobMetrics};

#[derive(Clone)]
pub(crate) struct PauseState {
    pub(crate) pause: Pause,
    pub(crate) metrics: JobMetrics,
}

#[derive(Serialize)]
struct Paused {
    /// Messages that are being processed; no more are taken until the pause is over.
    active: u64,
}

pub(crate) fn routes(state: PauseState) -> Router {
    Router::new().route("/pause", post(pause)).with_state(state)
}

/// Not for pages of a browser, which say where they are from.
async fn pause(
    State(PauseState { pause, metrics }): State<PauseState>,
    headers: HeaderMap,
) -> Result<Json<Paused>, StatusCode> {
    if headers.contains_key(header::ORIGIN) {
        return Err(StatusCode::FORBIDDEN);
    }
    pause.begin().await;
    Ok(Json(Paused { active: metrics.in_flight() }))
}
