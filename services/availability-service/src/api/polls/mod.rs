//! What the participants of a poll share.

mod heat_map;
mod levels;
mod weeks;

use axum::routing::get;
use service_kit::{RouteSettings, Routes, ServeArgs};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

pub(super) fn routes(args: &ServeArgs, state: AppState) -> Routes {
    let public = OpenApiRouter::new().routes(routes!(heat_map::heat_map)).with_state(state.clone());
    let internal = OpenApiRouter::new().route("/polls/{id}/levels", get(levels::levels)).with_state(state);
    Routes::from(public).internal(RouteSettings::new(args), internal)
}
