use std::{
    error::Error,
    iter::successors,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use anyhow::{Context, anyhow};
use reqwest::{Method, Response, StatusCode, header::CONTENT_TYPE};
use retry::Backoff;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::{Progress, Target, line::GivenPerson};

/// How long a single attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(3));

/// What the service said about one person or poll.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Created,
    /// Was stored already, with the same content.
    Unchanged,
    /// Was stored with other content, and is stored with this one now.
    Replaced,
    /// Not stored, and another attempt would not change that.
    Refused(String),
}

/// Sends people to one platform.
pub(super) struct Client {
    http: reqwest::Client,
    users: Url,
    polls: Url,
    /// The first of them for messages: without the password that may stand in it.
    shown: String,
    /// The platform's address in the same way.
    pub(super) platform: String,
    deadline: Duration,
    pub(super) replace: bool,
    /// Whether it was told that the platform cannot be reached.
    told: AtomicBool,
}

/// Why an attempt may be repeated.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttemptError {
    /// Only the first cause, which says what happened; those around it repeat it.
    #[error("{0}")]
    Transport(String),
    #[error("the service answers {0}")]
    Status(StatusCode),
    #[error("the person comes and goes")]
    Removed,
    /// It may not: nobody takes people there.
    #[error("it answers {0}, so nobody takes people there; --url is the address before /users")]
    WrongUrl(StatusCode),
}

impl From<reqwest::Error> for AttemptError {
    fn from(error: reqwest::Error) -> AttemptError {
        AttemptError::Transport(root(&error))
    }
}

impl Client {
    pub(super) fn new(target: Target) -> anyhow::Result<Client> {
        tls_provider::install();
        let http = reqwest::Client::builder()
            .timeout(ATTEMPT)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("cannot set up the HTTP client")?;
        // Right at the service itself, and at gateways that take the first step off or leave it.
        let base = target.url.as_str().trim_end_matches('/');
        let at = |path: &str| {
            let url = format!("{base}{path}");
            url.parse::<Url>().with_context(|| format!("{url} is no URL"))
        };
        let (users, polls) = (at("/users/users")?, at("/users/polls")?);
        Ok(Client {
            http,
            shown: shown(&users),
            platform: shown(&target.url),
            users,
            polls,
            deadline: target.deadline,
            replace: target.replace,
            told: AtomicBool::new(false),
        })
    }

    /// Sends one person until the service has decided about it.
    ///
    /// # Errors
    /// As [`retry_until_decided`](Client::retry_until_decided).
    pub(super) async fn deliver(&self, given: &GivenPerson, progress: &Progress) -> anyhow::Result<Outcome> {
        let stored = self.retry_until_decided(progress, async || self.attempt(&given.body).await).await?;
        match &given.schedule {
            None => Ok(stored),
            Some(schedule) => {
                self.retry_until_decided(progress, async || self.schedule(schedule, stored.clone()).await)
                    .await
            }
        }
    }

    /// Tries again until the service has decided.
    ///
    /// # Errors
    /// When that takes longer than the deadline; the last attempt's trouble is named.
    pub(super) async fn retry_until_decided<T>(
        &self,
        progress: &Progress,
        attempt: impl AsyncFn() -> Result<T, AttemptError>,
    ) -> anyhow::Result<T> {
        let end = Instant::now() + self.deadline;
        let mut trouble = None;
        for pause in BACKOFF.pauses() {
            match timeout_at(end, attempt()).await {
                Ok(Ok(outcome)) => return Ok(outcome),
                Ok(Err(error @ AttemptError::WrongUrl(_))) => {
                    return Err(anyhow!(error).context(self.shown.clone()));
                }
                Ok(Err(error)) => {
                    if !self.told.swap(true, Ordering::Relaxed) {
                        let Client { shown, deadline, .. } = self;
                        progress.tell(&format!("{shown}: {error}; trying again for {deadline:?}"));
                    }
                    trouble = Some(error);
                }
                Err(_) => break,
            }
            if timeout_at(end, sleep(pause)).await.is_err() {
                break;
            }
        }
        let trouble = trouble.map_or_else(|| anyhow!("no answer"), Into::into);
        Err(trouble.context(format!("{} stored nothing within {:?}", self.shown, self.deadline)))
    }

    async fn attempt(&self, body: &[u8]) -> Result<Outcome, AttemptError> {
        let response = self.send(Method::POST, self.users.clone(), None, body).await?;
        Ok(match response.status() {
            StatusCode::CREATED => Outcome::Created,
            StatusCode::OK => Outcome::Unchanged,
            StatusCode::CONFLICT if self.replace => self.replace(body).await?,
            StatusCode::CONFLICT => {
                let reason = reason(&response.bytes().await?);
                Outcome::Refused(format!("conflict: {reason}; --replace replaces what is stored"))
            }
            status @ (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
                return Err(AttemptError::WrongUrl(status));
            }
            _ => refusal_of(response).await?,
        })
    }

    async fn replace(&self, body: &[u8]) -> Result<Outcome, AttemptError> {
        #[derive(Deserialize)]
        struct Addressed {
            email: String,
        }
        let Ok(Addressed { email }) = serde_json::from_slice(body) else {
            return Ok(Outcome::Refused("it has no email".to_owned()));
        };
        let response = self.send(Method::PUT, self.person(email.trim(), None), None, body).await?;
        match response.status() {
            StatusCode::OK => Ok(Outcome::Replaced),
            StatusCode::NOT_FOUND => Err(AttemptError::Removed),
            _ => refusal_of(response).await,
        }
    }

    /// Where a person is, or what they have.
    pub(super) fn person(&self, email: &str, what: Option<&str>) -> Url {
        below(&self.users, [email].into_iter().chain(what))
    }

    /// Where polls are, or what is below them.
    pub(super) fn polls(&self, steps: &[&str]) -> Url {
        below(&self.polls, steps.iter().copied())
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: Url,
        token: Option<&str>,
        body: &[u8],
    ) -> Result<Response, AttemptError> {
        let mut request = self.http.request(method, url).header(CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.body(body.to_vec()).send().await?;
        match response.status() {
            status @ (StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT) => Err(AttemptError::Status(status)),
            _ => Ok(response),
        }
    }
}

fn below<'a>(url: &Url, steps: impl Iterator<Item = &'a str>) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.extend(steps);
    }
    url
}

/// A URL without the password that may stand in it.
fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    // A URL that can have a password can be without one.
    let _ = shown.set_password(None).and_then(|()| shown.set_username(""));
    shown.into()
}

pub(super) async fn refusal_of(response: Response) -> Result<Outcome, AttemptError> {
    let status = response.status();
    Ok(Outcome::Refused(format!("{}: {}", status.as_u16(), reason(&response.bytes().await?))))
}

/// What the operating system says where there is no connection: reqwest's own words tell only the URL.
fn root(error: &reqwest::Error) -> String {
    let causes = successors(error.source(), |&cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
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
