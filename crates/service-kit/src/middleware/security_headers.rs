use axum::http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

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
