use std::{cell::RefCell, time::Duration};

use anyhow::Context;
use backon::{ExponentialBuilder, Retryable};
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use super::Target;

/// How long a single attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// First pause between two attempts; it doubles, with jitter, up to the last one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(3);

/// What the service said about one person.
pub(super) enum Outcome {
    /// Stored now.
    Created,
    /// Was stored already, with the same content.
    Unchanged,
    /// Not stored, and another attempt would not change that.
    Refused(String),
}

/// Sends people to one platform.
pub(super) struct Client {
    http: reqwest::Client,
    users: Url,
    deadline: Duration,
}

/// Why an attempt may be repeated.
#[derive(Debug, thiserror::Error)]
enum Unavailable {
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    #[error("the service answers {0}")]
    Status(StatusCode),
}

impl Client {
    pub(super) fn new(target: Target) -> anyhow::Result<Client> {
        // It fails only when a provider is set already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(ATTEMPT)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("cannot set up the HTTP client")?;
        // Right at the service itself, and at gateways that take the first step off or leave it.
        let users = format!("{}/users/users", target.url.as_str().trim_end_matches('/'));
        let users = users.parse().with_context(|| format!("{users} is no URL"))?;
        Ok(Client { http, users, deadline: target.deadline })
    }

    /// Posts one body until the service has decided about it.
    ///
    /// # Errors
    /// When that takes longer than the deadline; the last attempt's trouble is named.
    pub(super) async fn deliver(&self, body: Vec<u8>) -> anyhow::Result<Outcome> {
        let trouble = RefCell::new(None);
        let attempts = (|| self.attempt(body.clone()))
            .retry(
                ExponentialBuilder::default()
                    .with_min_delay(FIRST_PAUSE)
                    .with_max_delay(LAST_PAUSE)
                    .without_max_times()
                    .with_jitter(),
            )
            .notify(|error, _pause| {
                trouble.replace(Some(anyhow::Error::msg(format!("{error:#}"))));
            });
        if let Ok(outcome) = timeout(self.deadline, attempts).await {
            return Ok(outcome?);
        }
        let trouble = trouble.into_inner().unwrap_or_else(|| anyhow::anyhow!("no answer"));
        Err(trouble.context(format!("{} stored nothing within {:?}", self.users, self.deadline)))
    }

    async fn attempt(&self, body: Vec<u8>) -> Result<Outcome, Unavailable> {
        let request = self.http.post(self.users.clone()).header(CONTENT_TYPE, "application/json").body(body);
        let response = request.send().await?;
        Ok(match response.status() {
            StatusCode::CREATED => Outcome::Created,
            StatusCode::OK => Outcome::Unchanged,
            status @ (StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT) => return Err(Unavailable::Status(status)),
            StatusCode::CONFLICT => {
                Outcome::Refused(format!("conflict: {}", reason(&response.bytes().await?)))
            }
            status => Outcome::Refused(format!("{}: {}", status.as_u16(), reason(&response.bytes().await?))),
        })
    }
}

/// The faults that an error's body names; its text when it is of another shape.
fn reason(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct ErrorBody {
        detail: Vec<Fault>,
    }
    #[derive(Deserialize)]
    struct Fault {
        loc: Vec<Value>,
        msg: String,
    }
    let Ok(error) = serde_json::from_slice::<ErrorBody>(body) else {
        return String::from_utf8_lossy(body).chars().take(200).collect();
    };
    let faults = error.detail.iter().map(|fault| {
        let place: Vec<String> = fault.loc.iter().skip(1).map(plain).collect();
        if place.is_empty() { fault.msg.clone() } else { format!("{}: {}", place.join("."), fault.msg) }
    });
    faults.collect::<Vec<_>>().join("; ")
}

fn plain(step: &Value) -> String {
    step.as_str().map_or_else(|| step.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn names_each_fault_at_its_place() {
        let body = br#"{"case_id":"c","detail":[
            {"loc":["body","availabilities","monday",1],"msg":"24 is not an hour","type":"value_error"},
            {"loc":["internal"],"msg":"Stored otherwise","type":"http_error"}]}"#;
        assert_eq!(reason(body), "availabilities.monday.1: 24 is not an hour; Stored otherwise");
    }

    #[test]
    fn shows_any_other_body_in_part() {
        assert_eq!(reason(b"<html>"), "<html>");
        assert_eq!(reason("é".repeat(300).as_bytes()).chars().count(), 200);
    }
}
