//! Subscribed calendars: fetches one of them once, for user-service, which orders the next fetch.

use axum::http::StatusCode;
use calendar_fetch::{FetchError, Fetched, Fetcher, UrlRefusal};
use peer_client::{Answer, Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::RequestContext;
use wire::{CalendarErrorCode, FetchOutcome, FetchOutcomeReply, SubscribedCalendar};

use super::{EffectOnce, JobKind};
use crate::{metrics::CalendarMetrics, outcome::Attempt};

/// The kind `refresh-calendar`.
pub struct RefreshCalendar {
    users: Peer,
    fetcher: Fetcher,
    metrics: CalendarMetrics,
}

impl RefreshCalendar {
    /// On top of a way to ask user-service, and of one to fetch calendars.
    pub fn new(users: Peer, fetcher: Fetcher, metrics: CalendarMetrics) -> RefreshCalendar {
        RefreshCalendar { users, fetcher, metrics }
    }
}

/// Which fetch of which calendar. Where the calendar is, is a secret of user-service: jobs can be looked up.
#[derive(Debug, Deserialize, Serialize)]
pub struct RefreshPayload {
    pub subscription: String,
    #[serde(rename = "turn")]
    pub fetch_number: u32,
}

impl JobKind for RefreshCalendar {
    const NAME: &'static str = "refresh-calendar";
    /// user-service knows each fetch by its number, and notes what came of it once.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = RefreshPayload;

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: RefreshPayload) -> Attempt {
        let question = PeerRequest::get("/calendar-subscriptions/{id}").part("id", &payload.subscription);
        let known: SubscribedCalendar = match self.users.send(context, question).await {
            Ok(answer) if answer.status == StatusCode::OK => match answer.json() {
                Ok(known) => known,
                Err(error) => return Attempt::faulty(&error),
            },
            Ok(answer) => return ended(&answer),
            Err(error) => return Attempt::faulty(&error),
        };
        if known.fetch_number != payload.fetch_number {
            return Attempt::Done(json!({"state": "passed"}));
        }
        let request = self.fetch(&payload, &known).await;
        match self.users.send(context, request).await {
            Ok(answer) if answer.status == StatusCode::OK => match answer.json::<FetchOutcomeReply>() {
                Ok(noted) => Attempt::Done(json!(noted)),
                Err(error) => Attempt::faulty(&error),
            },
            Ok(answer) => ended(&answer),
            Err(error) => Attempt::faulty(&error),
        }
    }
}

impl RefreshCalendar {
    /// Fetches the calendar; what to tell user-service of that. Nothing here ends the attempt: what goes wrong with
    /// somebody's server is what came of this fetch.
    async fn fetch(&self, payload: &RefreshPayload, known: &SubscribedCalendar) -> PeerRequest {
        let fetched = self.fetcher.fetch(&known.url, known.etag.as_deref()).await;
        let outcome_name = match &fetched {
            Ok(Fetched::Content { .. }) => "content",
            Ok(Fetched::NotModified) => "unchanged",
            Err(_) => "failed",
        };
        self.metrics.fetches.with_label_values(&[outcome_name]).inc();
        match fetched {
            Ok(Fetched::Content { body, etag }) => {
                let fetch_number = payload.fetch_number.to_string();
                let mut query = vec![("turn", fetch_number.as_str())];
                query.extend(etag.as_deref().map(|etag| ("etag", etag)));
                PeerRequest::put("/calendar-subscriptions/{id}/content")
                    .part("id", &payload.subscription)
                    .query(&query)
                    .content("text/calendar", body)
            }
            Ok(Fetched::NotModified) => outcome(payload, None),
            Err(error) => outcome(payload, Some(&error)),
        }
    }
}

/// It may be told again: it counts once.
fn outcome(payload: &RefreshPayload, error: Option<&FetchError>) -> PeerRequest {
    let outcome = FetchOutcome {
        fetch_number: payload.fetch_number,
        error: error.map(ToString::to_string),
        error_code: error.map(code),
    };
    PeerRequest::post("/calendar-subscriptions/{id}/outcome")
        .part("id", &payload.subscription)
        .json(&outcome)
        .repeatable()
}

fn code(error: &FetchError) -> CalendarErrorCode {
    match error {
        FetchError::Address | FetchError::Url(UrlRefusal::Address) => CalendarErrorCode::NotPublic,
        FetchError::Name => CalendarErrorCode::UnknownServer,
        FetchError::Unreachable => CalendarErrorCode::Unreachable,
        FetchError::BrokenOff => CalendarErrorCode::BrokenOff,
        FetchError::Gone(_) => CalendarErrorCode::Gone,
        FetchError::Status(_) => CalendarErrorCode::Status,
        FetchError::Url(_) | FetchError::TooManyRedirects(_) | FetchError::NoLocation => {
            CalendarErrorCode::Redirects
        }
        FetchError::TooLarge(_) => CalendarErrorCode::TooLarge,
        FetchError::TooSlow(_) => CalendarErrorCode::TooSlow,
    }
}

/// What another answer than 200 means.
fn ended(answer: &Answer) -> Attempt {
    match answer.status {
        // Nobody wants it any more.
        StatusCode::NOT_FOUND => Attempt::Done(json!({"state": "gone"})),
        StatusCode::CONFLICT => Attempt::Done(json!({"state": "passed"})),
        status => Attempt::Faulty(format!("user-service answered {status}")),
    }
}
