use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// What is wrong with a request that was never sent.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The path or the query makes no URI, most likely by its length.
    #[error("it has no valid URI")]
    Uri(#[source] http::uri::InvalidUri),
    /// A header's value has characters that no header can have.
    #[error("it has a header that cannot be sent")]
    Header(#[source] http::header::InvalidHeaderValue),
    #[error("its body is no JSON")]
    Json(#[source] serde_json::Error),
    #[error("the HTTP client does not take it")]
    Client(#[source] axum::BoxError),
}

/// A request to a peer. What goes wrong while it is put together shows when it is sent.
#[derive(Debug)]
pub struct PeerRequest {
    pub(crate) method: Method,
    pub(crate) route: &'static str,
    pub(crate) repeatable: bool,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    error: Option<RequestError>,
}

impl PeerRequest {
    /// A request for `route`, such as `/users/{email}`, whose parts in braces come by [`PeerRequest::part`]. It is
    /// repeated after a failure where its method allows that (RFC 9110 §9.2.2).
    pub fn new(method: Method, route: &'static str) -> PeerRequest {
        PeerRequest {
            repeatable: method.is_idempotent(),
            method,
            route,
            path: route.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            error: None,
        }
    }

    pub fn get(route: &'static str) -> PeerRequest {
        PeerRequest::new(Method::GET, route)
    }

    pub fn post(route: &'static str) -> PeerRequest {
        PeerRequest::new(Method::POST, route)
    }

    pub fn put(route: &'static str) -> PeerRequest {
        PeerRequest::new(Method::PUT, route)
    }

    /// Puts any text in the place of the route's `{name}`.
    #[must_use]
    pub fn part(mut self, name: &str, text: &str) -> PeerRequest {
        let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        self.path = self.path.replace(&format!("{{{name}}}"), &encoded);
        self
    }

    #[must_use]
    pub fn query(mut self, pairs: &[(&str, &str)]) -> PeerRequest {
        self.query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self
    }

    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> PeerRequest {
        match serde_json::to_vec(body) {
            Ok(text) => self.body = text.into(),
            Err(error) => self.error = Some(RequestError::Json(error)),
        }
        self.header(header::CONTENT_TYPE, "application/json")
    }

    /// A body of another kind than JSON.
    #[must_use]
    pub fn content(mut self, content_type: &str, body: Bytes) -> PeerRequest {
        self.body = body;
        self.header(header::CONTENT_TYPE, content_type)
    }

    /// Asks for the reply only where it is another version than this; else the answer is 304.
    #[must_use]
    pub fn if_none_match(self, etag: &str) -> PeerRequest {
        self.header(header::IF_NONE_MATCH, etag)
    }

    /// Changes this version alone; else the answer is 412.
    #[must_use]
    pub fn if_match(self, etag: &str) -> PeerRequest {
        self.header(header::IF_MATCH, etag)
    }

    /// Asks as whoever sent this `Authorization`, or as nobody.
    #[must_use]
    pub fn authorization(mut self, sent: Option<&HeaderValue>) -> PeerRequest {
        if let Some(sent) = sent {
            let mut sent = sent.clone();
            sent.set_sensitive(true);
            self.headers.insert(header::AUTHORIZATION, sent);
        }
        self
    }

    /// Says that a `POST` or `PATCH` may be repeated after a failure, since it changes nothing, or nothing more.
    #[must_use]
    pub fn repeatable(mut self) -> PeerRequest {
        self.repeatable = true;
        self
    }

    fn header(mut self, name: header::HeaderName, value: &str) -> PeerRequest {
        match HeaderValue::from_str(value) {
            Ok(value) => _ = self.headers.insert(name, value),
            Err(error) => self.error = Some(RequestError::Header(error)),
        }
        self
    }

    /// The request to whoever is at `base`, which is empty within the process; without the headers of the context.
    pub(crate) fn build(self, base: &str) -> Result<http::Request<Bytes>, RequestError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mark = if self.query.is_empty() { "" } else { "?" };
        let uri: Uri =
            format!("{base}{}{mark}{}", self.path, self.query).parse().map_err(RequestError::Uri)?;
        let mut request = http::Request::new(self.body);
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) =
            (self.method, uri, self.headers);
        Ok(request)
    }
}
