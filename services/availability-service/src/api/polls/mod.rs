//! What the participants of a poll share.

mod heat_map;
mod levels;
mod participants_by_email;
mod weeks;

use axum::routing::{get, post};
use service_kit::{RouteSettings, Routes, ServeArgs};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

/// Largest body of internal requests: as many addresses as can be named.
const ADDRESSES_LIMIT: usize = 1024 * 1024;

pub(super) fn routes(args: &ServeArgs, state: AppState) -> Routes {
    let public = OpenApiRouter::new().routes(routes!(heat_map::heat_map)).with_state(state.clone());
    let internal = OpenApiRouter::new()
        .route("/polls/{id}/levels", get(levels::levels))
        .route("/polls/{id}/unrestricted-levels", get(levels::unrestricted))
        .route("/polls/{id}/participants-by-email", post(participants_by_email::participants_by_email))
        .with_state(state);
    let settings = RouteSettings { body_limit: ADDRESSES_LIMIT, ..RouteSettings::new(args) };
    Routes::from(public).internal(settings, internal)
}
