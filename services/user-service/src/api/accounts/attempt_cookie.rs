//! The cookie of an attempt to sign in by a provider: only the browser that went there can come back from it.

use std::time::Duration;

use axum::http::{HeaderMap, header};

use crate::identity::AttemptSecret;

/// Browsers take a cookie of such a name only from the host itself, over an encrypted connection or on their own machine.
const NAME: &str = "__Host-w2meet-sign-in";
/// The way back is a link from another site, with which a stricter cookie would not come.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The header `Set-Cookie` for an attempt that ends after so long.
pub(super) fn begun(secret: &AttemptSecret, life: Duration) -> String {
    format!("{NAME}={}; Max-Age={}; {ATTRIBUTES}", secret.expose(), life.as_secs())
}

/// The header `Set-Cookie` that takes it away again.
pub(super) fn ended() -> String {
    format!("{NAME}=; Max-Age=0; {ATTRIBUTES}")
}

/// The secret that the request's cookies have.
pub(super) fn secret(headers: &HeaderMap) -> Option<AttemptSecret> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().strip_prefix(NAME)?.strip_prefix('='))
        .find_map(AttemptSecret::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_comes_back_among_other_cookies() {
        let begun_with = AttemptSecret::fresh();
        let cookie = begun(&begun_with, Duration::from_secs(60));
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, "Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax");
        let found = |cookies: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())]);
            secret(&headers).map(|secret| secret.expose().to_owned())
        };
        let expected = Some(begun_with.expose().to_owned());
        assert_eq!(found(&format!("a=b; __Host-w2meet=w2m_x; {pair}; c=d")), expected);
        for none in [
            "",
            "__Host-w2meet-sign-in=",
            "__Host-w2meet-sign-in=x",
            &format!("x{pair}"),
            &format!("{pair}="),
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
