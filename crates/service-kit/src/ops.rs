//! The second port: `/livez`, `/readyz` and `/metrics`.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    middleware::from_fn,
    response::{IntoResponse, Response},
    routing::get,
};
use futures::future::join_all;
use prometheus::Registry;
use tokio_util::sync::CancellationToken;

use crate::{App, chain, encode, middleware::host_of_this_machine};

#[derive(Clone)]
struct Ops {
    apps: Arc<Vec<App>>,
    process: Vec<Registry>,
    stopping: CancellationToken,
}

/// The routes of the second port for all services of a process; `process` holds what is measured once for them all.
pub(crate) fn router(apps: Vec<App>, process: Vec<Registry>, stopping: CancellationToken) -> Router {
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .layer(from_fn(host_of_this_machine))
        .with_state(Ops { apps: Arc::new(apps), process, stopping })
}

async fn readyz(State(ops): State<Ops>) -> (StatusCode, String) {
    if ops.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    let checks = join_all(ops.apps.iter().map(|app| async { (app.name, app.probe.ready().await) })).await;
    let reasons: Vec<String> =
        checks.into_iter().filter_map(|(name, ready)| Some(format!("{name}: {}\n", ready.err()?))).collect();
    if reasons.is_empty() {
        (StatusCode::OK, "ok\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, reasons.concat())
    }
}

async fn metrics(State(ops): State<Ops>) -> Response {
    let registries = ops.apps.iter().map(|app| &app.registry).chain(&ops.process);
    match encode(registries) {
        Ok(page) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], page).into_response(),
        Err(error) => {
            tracing::error!(error = %chain(&error), "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
