//! What stands around every handler, a file each.
//!
//! A middleware is an async function of a request and of what comes `next`. They are put together by calls, so that a
//! request passes all of them in one future: as a layer each, axum would copy and box everything inside once per layer.

mod case_id;
mod catch_panic;
mod client_address;
mod cors;
mod drain_body;
mod error_body;
mod host;
mod limits;
mod request_log;
mod security_headers;
mod trace;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};

pub(crate) use case_id::CASE_ID;
pub(crate) use catch_panic::message as panic_message;
pub(crate) use client_address::client_address;
pub use client_address::{Connection, Network};
pub use cors::Origin;
pub(crate) use cors::cors;
pub(crate) use host::host_of_this_machine;
pub(crate) use limits::limits;
pub use limits::{BODY_LIMIT, Body, RouteSettings};

use case_id::case_id;
use drain_body::drain_body;
use error_body::error_body;
use request_log::Sample;
use wire::AccessRule;

use crate::{
    ApiError, RequestContext, ServeArgs, ServiceContext, ServiceSecret,
    access::{Authorisation, rule_of, session_cookie},
    audit::{AuditTrail, AuditedRequest},
    rate_limits::{Asked, RateHeaders, RequestLimits},
};

/// What the middleware of a service knows besides the request.
struct MiddlewareState {
    service: ServiceContext,
    trusted_proxies: Vec<Network>,
    allowed_hosts: Vec<String>,
    sample: Sample,
    guard: Guard,
}

/// Who may come in.
#[derive(Clone)]
pub(crate) enum Guard {
    /// Whoever is in this process.
    Open,
    /// Services that share a secret, for everything.
    Services(ServiceSecret),
    /// Everybody, for what they may and as often as they may.
    Public(Arc<PublicGuard>),
}

/// What stands before public operations.
pub(crate) struct PublicGuard {
    pub(crate) authorisation: Authorisation,
    pub(crate) limits: RequestLimits,
    pub(crate) audit: AuditTrail,
}

/// Puts around `router` what stands around everything that answers, for paths and methods that it does not know too.
/// What differs by route, see [`RouteSettings`], is inside of it.
pub(crate) fn around(service: &ServiceContext, args: &ServeArgs, guard: Guard, router: Router) -> Router {
    let state = Arc::new(MiddlewareState {
        service: service.clone(),
        trusted_proxies: args.trusted_proxies.clone(),
        allowed_hosts: args.allowed_hosts.clone(),
        sample: Sample::new(args),
        guard,
    });
    router
        .fallback(async || ApiError::not_found("Not Found"))
        .method_not_allowed_fallback(async || {
            ApiError::http(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .layer((security_headers::layer(), from_fn_with_state(state, around_request), catch_panic::layer()))
}

/// The first one stands outermost.
async fn around_request(State(state): State<Arc<MiddlewareState>>, request: Request, next: Next) -> Response {
    let is_of_session = session_cookie::token(request.headers()).is_some();
    let is_https_only = security_headers::is_https_only(&request);
    let handler = async |request| {
        let (audited, request) = audited(&state.guard, request).await;
        let mut limits = RateHeaders::default();
        let mut response = match let_in(&state, request, &mut limits).await {
            Ok(request) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        };
        limits.add_to(response.headers_mut());
        if let Some(audited) = audited {
            audited.end(response.status());
        }
        response
    };
    let logged = async |request| request_log::request_log(&state, request, handler).await;
    let traced = async |request| trace::trace(&state, request, logged).await;
    let mut response = answer_in_shape(request, traced).await;
    if is_of_session {
        // Proxies know a token by its header and keep nothing that came by it; of a cookie they may not know.
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-cache"));
    }
    if is_https_only {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, security_headers::HTTPS_ONLY);
    }
    response
}

/// The request, and what the audit trail has to say of it when it has ended.
async fn audited(guard: &Guard, request: Request) -> (Option<AuditedRequest>, Request) {
    let Guard::Public(guard) = guard else { return (None, request) };
    let is_audited =
        |rule: &&AccessRule| rule.is_audited() && (rule.signs_in() || guard.authorisation.asks_who(rule));
    match rule_of(&request).filter(is_audited) {
        Some(rule) => {
            let (audited, request) = AuditedRequest::begin(&guard.audit, rule, request).await;
            (Some(audited), request)
        }
        None => (None, request),
    }
}

async fn let_in(
    state: &MiddlewareState,
    mut request: Request,
    limits: &mut RateHeaders,
) -> Result<Request, ApiError> {
    host::check(&request, &state.allowed_hosts)?;
    match &state.guard {
        Guard::Open => Ok(request),
        Guard::Services(secret) => secret.check(&mut request).map(|()| request),
        Guard::Public(guard) => let_in_public(guard, request, limits).await,
    }
}

/// The client is limited before anybody looks up whose token came along.
async fn let_in_public(
    guard: &PublicGuard,
    request: Request,
    limits: &mut RateHeaders,
) -> Result<Request, ApiError> {
    let asked = Asked::of(&request, rule_of(&request));
    guard.limits.before(&asked, limits).await?;
    match guard.authorisation.check(request).await {
        Ok(request) => {
            let context = RequestContext::of_request(&request);
            guard.limits.of_account(&context, &asked, limits).await?;
            Ok(request)
        }
        Err(error) => {
            if error.status() == StatusCode::UNAUTHORIZED {
                guard.limits.wrong_token(&asked).await;
            }
            Err(error)
        }
    }
}

/// Gives whatever `next` answers its Case-ID and, if it is an error, its body.
pub(crate) async fn answer_in_shape(
    request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let with_body = async |request| error_body(request, next).await;
    let drained = async |request| drain_body(request, with_body).await;
    case_id(request, drained).await
}
