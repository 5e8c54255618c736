use std::sync::Arc;

use axum::{Router, extract::Request, routing::get};
use service_kit::{App, Kit, ServeArgs, around};
use tower::ServiceExt;

/// The one public entry: the first segment of a path chooses the service, which gets the path as it came, since it
/// answers under its own prefix. `/health` says `ok`; anything else is a 404 in the shape of all errors.
pub fn gateway(kit: &Kit, args: &ServeArgs, services: &[(&'static str, &App)]) -> Router {
    let own = around(kit, args, Router::new().route("/health", get(async || "ok")));
    let services: Arc<[(&str, Router)]> =
        services.iter().map(|(segment, app)| (*segment, app.router.clone())).collect();
    Router::new().fallback(async move |request: Request| {
        let segment = request.uri().path().split('/').nth(1);
        let chosen = services.iter().find(|(name, _)| segment == Some(name));
        let router = chosen.map_or_else(|| own.clone(), |(_, router)| router.clone());
        router.oneshot(request).await
    })
}
