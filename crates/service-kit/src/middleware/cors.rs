use std::{str::FromStr, time::Duration};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, Uri, header},
};
use tower_http::cors::CorsLayer;

/// For so long a browser need not ask again what it may do.
const KNOWN: Duration = Duration::from_secs(3_600);
const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// What a page may send, of that which the API reads.
const SENT: [HeaderName; 8] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("case-id"),
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("w2meet-token"),
];
/// What a page may read of a reply besides its body.
const SHOWN: [HeaderName; 6] = [
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("case-id"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
];

/// Where a page of another site comes from, as browsers say it: `https://app.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Origin, String> {
        let text = text.trim();
        let uri = text.parse::<Uri>().ok();
        let says_it = uri.is_some_and(|uri| {
            let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority());
            let authority = authority.map_or("", |authority| authority.as_str());
            let origin = format!("{scheme}://{authority}");
            matches!(scheme, "http" | "https")
                && text == origin.to_ascii_lowercase()
                && !authority.contains('@')
        });
        let value = HeaderValue::from_str(text).ok().filter(|_| says_it);
        value.map(Origin).ok_or_else(|| {
            "give an origin as browsers say it: https://app.example.com, in small letters, without a path"
                .to_owned()
        })
    }
}

/// Lets pages of these origins use what `router` serves; without any nothing changes. They get no cookie: who is signed in
/// by a session is so on the platform's own page alone.
pub(crate) fn cors(origins: &[Origin], router: Router) -> Router {
    if origins.is_empty() {
        return router;
    }
    let origins = origins.iter().map(|origin| origin.0.clone());
    let layer = CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_methods(METHODS)
        .allow_headers(SENT)
        .expose_headers(SHOWN)
        .max_age(KNOWN);
    router.layer(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_browsers_say() {
        for fine in ["https://app.example.com", "http://localhost:5173", "https://[2001:db8::1]:8443"] {
            assert!(fine.parse::<Origin>().is_ok(), "{fine}");
        }
        for wrong in [
            "*",
            "null",
            "app.example.com",
            "https://App.example",
            "https://a.example/",
            "ftp://a.example",
            "https://",
            "https://me@a.example",
            "https://a.example/x?y",
        ] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
    }
}
