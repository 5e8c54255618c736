use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use wire::Fault;

use super::Connection;
use crate::ApiError;

/// Has a port whose requests have no other middleware refuse what [`check`] refuses.
pub(crate) async fn host_of_this_machine(request: Request, next: Next) -> Response {
    match check(&request, &[]) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Refuses a request that does not say, or does not say clearly, which host it is for (RFC 9112 §3.2), and on a port that
/// only this machine can reach one for another host: there it comes from a page in a browser, whose name was made to
/// lead here (DNS rebinding).
pub(super) fn check(request: &Request, allowed_hosts: &[String]) -> Result<(), ApiError> {
    // Requests from within the process are for nobody else.
    let Some(connection) = request.extensions().get::<Connection>() else { return Ok(()) };
    let mut values = request.headers().get_all(header::HOST).iter();
    let stated = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => {
            Some(host_of(value.as_bytes()).ok_or_else(|| wrong("Input should be a host"))?)
        }
        (Some(_), Some(_)) => return Err(wrong("Give one host, not several")),
    };
    match request.uri().authority().or(stated.as_ref()) {
        None if request.version() == Version::HTTP_10 => Ok(()),
        None => Err(ApiError::bad_request(vec![Fault::missing("header", "host")])),
        Some(host) if connection.on_loopback && !is_here(host.host(), allowed_hosts) => {
            let msg = "This process listens for its own machine alone; --allowed-hosts names further hosts";
            Err(ApiError::http(StatusCode::MISDIRECTED_REQUEST, msg))
        }
        Some(_) => Ok(()),
    }
}

fn host_of(value: &[u8]) -> Option<Authority> {
    Authority::try_from(value).ok().filter(|host| !host.host().is_empty() && !host.as_str().contains('@'))
}

fn wrong(msg: &str) -> ApiError {
    ApiError::bad_request(vec![Fault::new(["header", "host"], "value_error", msg)])
}

fn is_here(host: &str, allowed_hosts: &[String]) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.is_ok_and(|address| address.to_canonical().is_loopback())
        || host.eq_ignore_ascii_case("localhost")
        || allowed_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
}
