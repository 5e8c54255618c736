use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use wire::BaseUrl;

use crate::{
    RequestError, TransportError,
    transport::{Exchange, Transport},
};

/// Idle connections are closed before the peer does it (its limit is 75 s), so that none is used while it closes.
const IDLE: Duration = Duration::from_secs(30);

/// Over pooled connections to a base URL without a slash at its end.
pub(crate) struct Http {
    client: reqwest::Client,
    base: String,
}

impl Http {
    pub(crate) fn new(base: &BaseUrl, connect: Duration) -> Result<Http, TransportError> {
        tls_provider::install();
        let client = reqwest::Client::builder()
            .connect_timeout(connect)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .build()
            .map_err(|error| TransportError::Client(error.into()))?;
        Ok(Http { client, base: base.as_str().to_owned() })
    }
}

impl Transport for Http {
    fn base(&self) -> &str {
        &self.base
    }

    fn prepare(&self, request: Request<Bytes>) -> Result<Exchange, RequestError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|error| RequestError::Client(error.without_url().into()))?;
        let client = self.client.clone();
        Ok(Exchange::new(async move {
            let response = client.execute(request).await;
            let response =
                response.map_err(|error| TransportError::Connection(error.without_url().into()))?;
            let response = Response::<reqwest::Body>::from(response);
            Ok(response.map(|body| Body::new(body.map_err(reqwest::Error::without_url))))
        }))
    }
}
