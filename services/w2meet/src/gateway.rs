use std::sync::Arc;

use axum::{Router, extract::Request, routing::get};
use service_kit::{ServeArgs, ServiceContext, around, gateway_page};
use tower::ServiceExt;
use wire::{GATEWAY_HEALTH, Route};

/// The one public entry to `services`, each with its name: the route table chooses by the first segment of a path, and
/// the service gets the path as it came. `/health` says `ok` and `/` where to read on; anything else is a 404 in the shape of all errors.
pub fn gateway(
    service: &ServiceContext,
    args: &ServeArgs,
    services: impl IntoIterator<Item = (&'static str, Router)>,
) -> Router {
    let own = Router::new().route(GATEWAY_HEALTH, get(async || "ok"));
    let own = around(service, args, own.route("/", get(async || gateway_page())));
    let services: Arc<[(&str, Router)]> = services.into_iter().collect();
    Router::new().fallback(async move |request: Request| {
        let route = Route::of(request.uri().path());
        let chosen = route.and_then(|route| services.iter().find(|(name, _)| *name == route.service));
        let router = chosen.map_or_else(|| own.clone(), |(_, router)| router.clone());
        router.oneshot(request).await
    })
}
