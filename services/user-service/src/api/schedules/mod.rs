//! Schedules of people: `/users/{email}/schedule`, `/users/{email}/freebusy`.

mod batch;
mod free_busy;
mod read;
mod replace;
mod vfreebusy;

pub(super) use free_busy::free_busy_text;

use axum::routing::post;
use service_kit::{RouteSettings, Routes, ServeArgs};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::directory::Directory;

/// Largest body of a batch: a thousand of the longest names that may be asked for, whatever their letters.
const BATCH_LIMIT: usize = 2 * 1024 * 1024;
/// Largest body of a schedule: as many rules and overrides as one may have.
const SCHEDULE_LIMIT: usize = 4 * 1024 * 1024;

/// All operations on schedules.
pub(crate) fn routes(args: &ServeArgs, directory: Directory) -> Routes {
    let batch =
        OpenApiRouter::new().route("/schedules/batch", post(batch::batch)).with_state(directory.clone());
    let of_batch = RouteSettings { body_limit: BATCH_LIMIT, ..RouteSettings::new(args) };
    let schedules =
        OpenApiRouter::new().routes(routes!(read::read, replace::replace)).with_state(directory.clone());
    let of_schedules = RouteSettings { body_limit: SCHEDULE_LIMIT, ..RouteSettings::new(args) };
    let free_busy = OpenApiRouter::new().routes(routes!(free_busy::free_busy)).with_state(directory);
    Routes::from(free_busy).with(of_schedules, schedules).internal(of_batch, batch)
}
