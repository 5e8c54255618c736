use std::time::Duration;

use anyhow::Context;
use reqwest::Method;
use serde_json::Value;

use crate::Reply;

/// Longest wait for a reply: above every deadline of the services, so that theirs are the ones that are seen.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Somebody who answers HTTP: the gateway, or one service. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    http: reqwest::Client,
}

impl Api {
    /// Whoever is at the URL `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: impl Into<String>) -> anyhow::Result<Api> {
        Api::with_client(base, reqwest::Client::builder())
    }

    /// The same at an `https` URL, where this certificate (PEM) is trusted and no other.
    pub fn trusting(base: impl Into<String>, certificate: &str) -> anyhow::Result<Api> {
        let certificate = reqwest::Certificate::from_pem(certificate.as_bytes())?;
        Api::with_client(base, reqwest::Client::builder().tls_certs_only([certificate]))
    }

    fn with_client(base: impl Into<String>, client: reqwest::ClientBuilder) -> anyhow::Result<Api> {
        tls_provider::install();
        let client = client.timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        Ok(Api { base: base.into(), http: client.build().context("no HTTP client")? })
    }

    /// Another one with the same client.
    pub fn at(&self, base: impl Into<String>) -> Api {
        Api { base: base.into(), http: self.http.clone() }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request for `path_and_query`, to be sent with [`Call::send`].
    pub fn call(&self, method: Method, path_and_query: &str) -> Call {
        let request = format!("{method} {path_and_query}");
        let builder = self.http.request(method, format!("{}{path_and_query}", self.base));
        Call { request, builder }
    }

    pub async fn get(&self, path_and_query: &str) -> anyhow::Result<Reply> {
        self.call(Method::GET, path_and_query).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.call(Method::POST, path).json(body).send().await
    }

    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Reply> {
        self.call(Method::PUT, path).json(body).send().await
    }

    pub async fn delete(&self, path: &str) -> anyhow::Result<Reply> {
        self.call(Method::DELETE, path).send().await
    }
}

/// A request that is being put together.
#[derive(Debug)]
pub struct Call {
    request: String,
    builder: reqwest::RequestBuilder,
}

impl Call {
    /// Adds a header; the value may be any bytes that HTTP allows.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Call {
        Call { builder: self.builder.header(name, value.as_ref()), ..self }
    }

    pub fn json(self, body: &Value) -> Call {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub fn body(self, body: impl Into<reqwest::Body>) -> Call {
        Call { builder: self.builder.body(body), ..self }
    }

    /// The reply, which is asserted to be in shape: see [`Reply::check_shape`].
    pub async fn send(self) -> anyhow::Result<Reply> {
        let reply = self.send_unchecked().await?;
        if let Err(fault) = reply.check_shape() {
            panic!("{fault:#}");
        }
        Ok(reply)
    }

    /// The reply up to the end of its first server-sent event, or the whole reply where it has none.
    pub async fn first_event(self) -> anyhow::Result<Reply> {
        let Call { request, builder } = self;
        let mut response = builder.send().await.with_context(|| format!("{request}: no reply"))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while !body.ends_with(b"\n\n") {
            let Some(piece) = response.chunk().await.with_context(|| format!("{request}: it broke off"))?
            else {
                break;
            };
            body.extend_from_slice(&piece);
        }
        Ok(Reply { request, status, headers, body })
    }

    /// The reply, whatever it looks like: for those who are no service, such as the gateway itself.
    pub async fn send_unchecked(self) -> anyhow::Result<Reply> {
        let Call { request, builder } = self;
        let response = builder.send().await.with_context(|| format!("{request}: no reply"))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.with_context(|| format!("{request}: the reply broke off"))?;
        Ok(Reply { request, status, headers, body: body.to_vec() })
    }
}
