//! The second port: `/livez`, `/readyz` and `/metrics`, and what services have there of their own.

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

/// The routes of the second port for all services of a process, with those of their own; `process` holds what is measured once for them all.
pub(crate) fn router(apps: Vec<App>, process: Vec<Registry>, stopping: CancellationToken) -> Router {
    let own = apps.iter().fold(Router::new(), |own, app| own.merge(app.operations.clone()));
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(Ops { apps: Arc::new(apps), process, stopping })
        .merge(own)
        .layer(from_fn(host_of_this_machine))
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use axum::{body::Body, extract::Request, routing::post};
    use tower::ServiceExt;

    use super::*;
    use crate::{Dependency, Probe, RequestContext};

    struct Ready;

    #[async_trait]
    impl Probe for Ready {
        async fn dependencies(&self, _: &RequestContext) -> Vec<Dependency> {
            Vec::new()
        }

        async fn ready(&self) -> Result<(), String> {
            Ok(())
        }
    }

    fn app(name: &'static str) -> App {
        App {
            name,
            router: Router::new(),
            internal: Router::new(),
            public: Router::new(),
            operations: Router::new(),
            registry: Registry::new(),
            probe: Arc::new(Ready),
        }
    }

    #[tokio::test]
    async fn a_service_has_routes_of_its_own_beside_those_of_all() {
        let with_route = app("thing").with_operations(Router::new().route("/wind", post(async || "wound")));
        let router = router(vec![with_route, app("other")], Vec::new(), CancellationToken::new());
        for (method, path, status) in
            [("POST", "/wind", 200), ("GET", "/wind", 405), ("GET", "/readyz", 200), ("POST", "/unwind", 404)]
        {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
            let reply = router.clone().oneshot(request).await.unwrap();
            assert_eq!(reply.status(), status, "{method} {path}");
        }
    }
}
