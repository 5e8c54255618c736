use std::sync::Arc;

use axum::{Extension, Json, Router, extract::Request, middleware::from_fn_with_state, routing::get};
use prometheus::Registry;
use tower::{Layer, ServiceExt};
use tower_http::normalize_path::NormalizePathLayer;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::GATEWAY_HEALTH;

use crate::{
    Access, Allowances, AuditTrail, Callers, Probe, RouteSettings, Routes, ServeArgs, ServiceContext,
    access::{Authorisation, callers_route},
    audit::audit_route,
    docs,
    health::{self, HealthState},
    middleware::{Guard, PublicGuard, around, cors, limits},
    openapi::describe,
    rate_limits::{RequestLimits, allowances_route},
    routes::RouteParts,
};

/// Longest body of `POST /audit-entries` in bytes: a hundred entries about a thousand people with the longest addresses, each of
/// whose letters is escaped.
pub(crate) const AUDIT_BODY_LIMIT: usize = 2 * 1024 * 1024;

/// What a service knows its callers by.
#[derive(Clone)]
pub struct AccessControl {
    /// Who is signed in.
    pub callers: Callers,
    /// How often they may ask.
    pub allowances: Allowances,
    /// Where it is noted what they do.
    pub audit: AuditTrail,
}

/// A service ready to be served, or to be asked in the same process.
#[derive(Clone)]
pub struct App {
    pub name: &'static str,
    /// All of its API, on its own paths and under its prefix: for other services in the same process.
    pub router: Router,
    /// The same for other processes, which have to share a secret if there is one.
    pub internal: Router,
    /// What a gateway passes on: its API under its prefix alone, without what is for other services, what it has at the
    /// root, the gateway's own health, and `/docs`, which leads to the documents of all services.
    pub public: Router,
    /// What it answers on the second port, beside the probes and metrics that every service has there.
    pub operations: Router,
    pub registry: Registry,
    pub probe: Arc<dyn Probe>,
}

impl App {
    /// A service of these `routes`. They answer as they are and under `prefix` (such as `/users`), so that a gateway
    /// may pass paths on unchanged; `/`, `/health`, `/openapi.json` and `/docs` are added, a slash at the end of a path is
    /// ignored, and everything else is a 404 in the shape of all errors. `access` says who is signed in, how often
    /// they may ask, and where it is noted what they do.
    ///
    /// Where nothing says who may use the API it is open; then no port opens that other machines reach.
    pub fn new(
        service: &ServiceContext,
        args: &ServeArgs,
        prefix: &'static str,
        routes: impl Into<Routes>,
        probe: Arc<dyn Probe>,
        access: AccessControl,
    ) -> App {
        let state = Extension(HealthState::new(service.name, probe.clone()));
        let health = OpenApiRouter::new().routes(routes!(health::health)).layer(state);
        let routes = routes.into().with(RouteSettings::new(args), health);
        let RouteParts { public, openapi, internal, at_root } = routes.into_parts(args);
        let description = describe(&openapi, service.name, prefix);
        let (page, index) = (docs::page(&description, prefix), docs::index(service.name, prefix));
        let routes = public
            .route("/openapi.json", get(async move || Json(description)))
            .route("/docs", get(async move || page))
            .route("/", get(async move || index));

        let prefixed = Router::new().nest(prefix, routes.clone());
        let root = Router::new()
            .route(GATEWAY_HEALTH, get(async || "ok"))
            .route("/docs", get(async || docs::gateway_page()))
            .merge(at_root);
        let public = prefixed.clone().merge(root);
        let AccessControl { callers, allowances, audit } = access;
        let of_audit = RouteSettings { body_limit: AUDIT_BODY_LIMIT, ..RouteSettings::new(args) };
        let for_services = callers_route(callers.clone())
            .merge(allowances_route(allowances.clone()))
            .merge(audit_route(audit.sink()).layer(from_fn_with_state(of_audit, limits)));
        let router = prefixed.merge(routes).merge(internal).merge(for_services);
        let access = args.access.unwrap_or(Access::Open);
        let authorisation = Authorisation::new(access, callers);
        let request_limits = RequestLimits::new(&args.rates, access, allowances);
        let guard = Arc::new(PublicGuard { authorisation, limits: request_limits, audit });
        let services = args.service_secret.clone().map_or(Guard::Open, Guard::Services);
        let internal = without_slash(around(service, args, services, router.clone()));
        let router = without_slash(around(service, args, Guard::Open, router));
        let public = without_slash(around(service, args, Guard::Public(guard), public));
        let public = cors(&args.cors_origins, public);
        App {
            name: service.name,
            router,
            internal,
            public,
            operations: Router::new(),
            registry: service.registry.clone(),
            probe,
        }
    }

    /// The same service with routes of its own on the second port, which gateways do not reach. No description has them, and
    /// whoever reaches that port may ask them.
    #[must_use]
    pub fn with_operations(self, operations: Router) -> App {
        App { operations, ..self }
    }
}

/// No route ends with a slash, so a path that does is looked for again without it. Slashes at its beginning stay: by them
/// a gateway may have chosen another service.
fn without_slash(router: Router) -> Router {
    let (as_it_is, again) = (router.clone(), NormalizePathLayer::trim_trailing_slash().layer(router.clone()));
    router.fallback(async move |request: Request| match request.uri().path() {
        path if path.starts_with("//") => as_it_is.oneshot(request).await,
        _ => again.oneshot(request).await,
    })
}
