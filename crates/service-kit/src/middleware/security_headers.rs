use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
};
use tower_http::set_header::SetResponseHeaderLayer;

use super::Connection;

type SetHeader = SetResponseHeaderLayer<HeaderValue>;

/// Says of each reply that a browser shall take it for what it says it is, show it in no frame, and load nothing for it.
/// A page that needs more says so itself.
pub(super) fn layer() -> (SetHeader, SetHeader, SetHeader) {
    let unless_present = |name: HeaderName, value| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    (
        unless_present(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        unless_present(header::X_FRAME_OPTIONS, "DENY"),
        unless_present(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    )
}

/// What `Strict-Transport-Security` says: browsers ask this host by `https` alone for a year.
pub(super) const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Whether the reply says [`HTTPS_ONLY`]: it is encrypted by this process, on a port that other machines reach. On
/// loopback it would keep browsers from whatever else this machine serves without TLS, since they do not tell ports apart.
pub(super) fn is_https_only(request: &Request) -> bool {
    let connection = request.extensions().get::<Connection>();
    connection.is_some_and(|connection| connection.is_tls && !connection.on_loopback)
}
