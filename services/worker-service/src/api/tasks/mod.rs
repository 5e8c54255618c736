mod create;
mod export;
mod find;
mod list;
mod reply;

pub(super) use list::LARGEST_PAGE;

use utoipa_axum::{router::OpenApiRouter, routes};

use super::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create::create_task, list::list_tasks))
        .routes(routes!(find::find_task))
        .routes(routes!(export::export_own_jobs))
        .routes(routes!(export::export_jobs))
}
