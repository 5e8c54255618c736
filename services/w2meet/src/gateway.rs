use std::sync::Arc;

use axum::{Router, extract::Request};
use tower::ServiceExt;
use wire::{DEFAULT_BACKEND, Route};

/// The one public entry to `services`, each with its name: the route table chooses by the first segment of a path, and
/// the service gets the path as it came. What no route has goes to the default backend.
pub fn gateway(services: impl IntoIterator<Item = (&'static str, Router)>) -> Router {
    let services: Arc<[(&str, Router)]> = services.into_iter().collect();
    Router::new().fallback(async move |request: Request| {
        let name = Route::of(request.uri().path()).map_or(DEFAULT_BACKEND, |route| route.service);
        let chosen = services.iter().find(|(service, _)| *service == name);
        chosen.map_or_else(Router::new, |(_, router)| router.clone()).oneshot(request).await
    })
}
