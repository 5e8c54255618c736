//! More is asked of a service than it can do: what is too much is refused early and by that name, and everybody else is
//! served.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod bodies;
mod connections;
mod http2;
mod requests;

use std::{net::IpAddr, time::Duration};

use prometheus_text::samples;
use reqwest::{Client, ClientBuilder, Response};
use serde_json::Value;
use testkit::ServiceProcess;

/// A client with an address of its own: `127.0.0.1`, `127.0.0.2`, …
fn client(number: u8) -> reqwest::Result<Client> {
    let address = IpAddr::from([127, 0, 0, number]);
    builder().local_address(address).timeout(Duration::from_secs(20)).build()
}

fn builder() -> ClientBuilder {
    tls_provider::install();
    Client::builder()
}

/// Whether a reply says that there is too much to do, in the shape of all errors. Anything else that is no success fails
/// the test.
async fn is_refused(response: Response) -> anyhow::Result<bool> {
    if response.status().is_success() {
        return Ok(false);
    }
    let (status, headers) = (response.status(), response.headers().clone());
    let body: Value = response.json().await?;
    assert_eq!((status.as_u16(), body["detail"][0]["code"].as_str()), (503, Some("overloaded")), "{body}");
    assert_eq!(headers["retry-after"], "1");
    assert_eq!(body["case_id"].as_str(), headers["case-id"].to_str().ok());
    Ok(true)
}

async fn refused(service: &ServiceProcess, reason: &str) -> anyhow::Result<f64> {
    let page = client(9)?.get(format!("http://{}/metrics", service.ops())).send().await?.text().await?;
    let mut refused = samples(&page).filter(|sample| sample.name == "http_server_requests_refused_total");
    Ok(refused.find(|sample| sample.label("reason") == Some(reason)).unwrap().value)
}
