//! What stands around every handler, a file each.

mod case_id;
mod catch_panic;
mod client_address;
mod drain_body;
mod error_body;
mod host;
mod limits;
mod request_log;
mod security_headers;
mod trace;

use std::sync::Arc;

use axum::{Router, http::StatusCode, middleware::from_fn, middleware::from_fn_with_state};

pub(crate) use case_id::{CASE_ID, case_id};
pub(crate) use catch_panic::message as panic_message;
pub(crate) use client_address::client_address;
pub use client_address::{Connection, Network};
pub(crate) use drain_body::drain_body;
pub(crate) use error_body::error_body;
pub(crate) use host::host_of_this_machine;
pub(crate) use limits::limits;
pub use limits::{Body, RouteSettings};

use request_log::Sample;

use crate::{ApiError, ServeArgs, ServiceContext};

/// What the middleware of a service knows besides the request.
struct MiddlewareState {
    service: ServiceContext,
    trusted_proxies: Vec<Network>,
    allowed_hosts: Vec<String>,
    sample: Sample,
}

/// Puts around `router` what stands around everything that answers, for paths and methods that it does not know too.
/// The first one stands outermost. What differs by route, see [`RouteSettings`], is inside of it.
pub fn around(service: &ServiceContext, args: &ServeArgs, router: Router) -> Router {
    let state = Arc::new(MiddlewareState {
        service: service.clone(),
        trusted_proxies: args.trusted_proxies.clone(),
        allowed_hosts: args.allowed_hosts.clone(),
        sample: Sample::new(args),
    });
    router
        .fallback(async || ApiError::not_found("Not Found"))
        .method_not_allowed_fallback(async || {
            ApiError::http(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .layer((
            security_headers::layer(),
            from_fn(case_id),
            from_fn(drain_body),
            from_fn(error_body),
            from_fn_with_state(state.clone(), trace::trace),
            from_fn_with_state(state.clone(), request_log::request_log),
            from_fn_with_state(state, host::host),
            catch_panic::layer(),
        ))
}
