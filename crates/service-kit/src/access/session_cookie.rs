//! The cookie by which a browser is signed in. It holds the token of a session, which is one of the account's.

use std::time::Duration;

use axum::http::{HeaderMap, header, request::Parts};

use super::Callers;

/// Browsers take a cookie of such a name only from the host itself, over an encrypted connection or on their own machine.
const NAME: &str = "__Host-w2meet";
/// Links from elsewhere lead to the page signed in; requests of other sites that change something come without it.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The header `Set-Cookie` for a session with this token.
pub fn started(token: &str, life: Duration) -> String {
    format!("{NAME}={token}; Max-Age={}; {ATTRIBUTES}", life.as_secs())
}

/// The header `Set-Cookie` that takes the session away from the browser.
pub fn ended() -> String {
    format!("{NAME}=; Max-Age=0; {ATTRIBUTES}")
}

/// The token that the request's cookies have.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().strip_prefix(NAME)?.strip_prefix('='))
        .find(|token| token.starts_with(Callers::PREFIX))
}

/// Whether a browser says that the request was made by a page of where it goes to. A page of another site cannot have it say so.
pub(super) fn is_of_own_page(parts: &Parts) -> bool {
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site") == Some("same-origin") {
        return true;
    }
    let host = text("host").or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    let origin = text("origin").and_then(|origin| Some(origin.split_once("://")?.1));
    host.zip(origin).is_some_and(|(host, origin)| host.eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let request =
            headers.iter().fold(Request::post("/"), |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let found = |cookies: &[&str]| {
            let headers: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
            token(&parts(&headers).headers).map(str::to_owned)
        };
        assert_eq!(found(&["a=b; __Host-w2meet=w2m_x"]).as_deref(), Some("w2m_x"));
        assert_eq!(found(&["a=b", "c=d;__Host-w2meet=w2m_x; e=f"]).as_deref(), Some("w2m_x"));
        for none in [
            "",
            "w2meet=w2m_x",
            "__Host-w2meet=",
            "__Host-w2meet=x",
            "x__Host-w2meet=w2m_x",
            "__Host-w2meet2=w2m_x",
        ] {
            assert_eq!(found(&[none]), None, "{none}");
        }
        let (start, end) = (started("w2m_x", Duration::from_secs(60)), ended());
        assert_eq!(start, "__Host-w2meet=w2m_x; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax");
        assert_eq!(end, "__Host-w2meet=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn what_another_site_sends_is_not_of_the_own_page() {
        let own = |headers: &[(&str, &str)]| is_of_own_page(&parts(headers));
        assert!(own(&[("host", "meet.example.com"), ("origin", "https://Meet.example.com")]));
        assert!(own(&[("host", "localhost:8080"), ("origin", "http://localhost:8080")]));
        assert!(own(&[("host", "behind:8000"), ("origin", "https://a"), ("sec-fetch-site", "same-origin")]));
        for foreign in [
            "https://evil.example",
            "https://meet.example.com.evil.example",
            "https://meet.example.com:444",
            "null",
            "",
        ] {
            assert!(!own(&[("host", "meet.example.com"), ("origin", foreign)]), "{foreign}");
        }
        assert!(!own(&[("host", "a")]) && !own(&[("origin", "https://a")]) && !own(&[]));
        assert!(!own(&[("host", "a"), ("origin", "https://b"), ("sec-fetch-site", "same-site")]));
    }
}
