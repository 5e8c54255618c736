//! When stored people are free and busy.

mod free_busy;
mod levels;

use axum::routing::post;
use service_kit::{RouteSettings, Routes, ServeArgs};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

/// Largest body in bytes: a thousand addresses of any length that there can be.
pub(super) const BODY_LIMIT: usize = 512 * 1024;

pub(super) fn routes(args: &ServeArgs, state: AppState) -> Routes {
    let settings = RouteSettings { body_limit: BODY_LIMIT, ..RouteSettings::new(args) };
    let public = OpenApiRouter::new().routes(routes!(free_busy::free_busy)).with_state(state.clone());
    let internal = OpenApiRouter::new().route("/levels", post(levels::levels)).with_state(state);
    Routes::default().with(settings, public).internal(settings, internal)
}
