use std::{fs, time::Duration};

use anyhow::Context;
use futures::{FutureExt, future::BoxFuture};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Certificate, Client, StatusCode, redirect::Policy};

use super::settings::ProviderSettings;

/// For so long one reply of a provider is waited for.
const DEADLINE: Duration = Duration::from_secs(5);
/// Most bytes of one.
const MOST_BYTES: usize = 512 * 1024;

/// How a provider is asked: within a deadline, as many bytes as are of use, and nowhere else than where it was said.
#[derive(Clone, Debug)]
pub(super) struct HttpClient(Client);

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// Without the URL, which has codes and tokens in it.
    #[error("there is no reply")]
    Request(#[source] reqwest::Error),
    #[error("its reply is longer than {MOST_BYTES} bytes")]
    TooLong,
    /// It is there, and cannot answer.
    #[error("it answers {0}")]
    Failing(StatusCode),
}

impl HttpClient {
    /// # Errors
    /// When TLS cannot be set up, or an authority's file is none.
    pub(super) fn new(settings: &ProviderSettings) -> anyhow::Result<HttpClient> {
        tls_provider::install();
        let mut builder = Client::builder()
            .user_agent(concat!("W2Meet/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .https_only(!settings.issuer.starts_with("http://"))
            .timeout(DEADLINE);
        if let Some(file) = &settings.ca_file {
            let place = || format!("OIDC: ca_file of {}: {}", settings.name, file.display());
            let pem = fs::read(file).with_context(place)?;
            builder = builder.tls_certs_merge(Certificate::from_pem_bundle(&pem).with_context(place)?);
        }
        Ok(HttpClient(builder.build().context("the providers of OIDC cannot be asked by https")?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let failed = |error: reqwest::Error| HttpError::Request(error.without_url());
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let mut response = self.0.execute(request).await.map_err(failed)?;
        if response.status().is_server_error() {
            return Err(HttpError::Failing(response.status()));
        }
        let mut reply = HttpResponse::new(Vec::new());
        *reply.status_mut() = response.status();
        *reply.headers_mut() = response.headers().clone();
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if piece.len() > MOST_BYTES - reply.body().len() {
                return Err(HttpError::TooLong);
            }
            reply.body_mut().extend_from_slice(&piece);
        }
        Ok(reply)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.send(request).boxed()
    }
}
