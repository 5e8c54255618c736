//! Calendars that are fetched from where they are, and how worker-service does that for user-service, at
//! `/calendar-subscriptions`.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Fault,
    input::{integer, read_body, sentence},
};

/// How a calendar comes to be known, and how well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarState {
    /// It was sent, and stays as it is.
    Uploaded,
    /// It is to be fetched from its URL, and never was.
    Waiting,
    /// It was fetched when it was last tried.
    Fresh,
    /// It could not be fetched when it was last tried; what is known of it is older.
    Failing,
}

/// The body of `PUT /users/{email}/calendars/{name}` in JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSubscription {
    /// Where the calendar is, as it was given. It is a secret.
    pub url: String,
}

impl NewSubscription {
    /// Most characters of the URL.
    pub const MAX_URL: usize = 2_048;

    /// Reads the body. The faults do not repeat the URL.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<NewSubscription, Vec<Fault>> {
        read_body(body, |fields| {
            let url = fields.required("url", sentence(1..=Self::MAX_URL, false));
            Some(NewSubscription { url: url? })
        })
    }
}

impl fmt::Debug for NewSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewSubscription(***)")
    }
}

/// The reply of `GET /calendar-subscriptions/{id}`: what to fetch.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribedCalendar {
    /// Where the calendar is.
    pub url: String,
    /// What stands for the content that is known, if it need not be sent again.
    pub etag: Option<String>,
    /// Counts the times that it is fetched. What comes of one time is told with its number, and counts once.
    pub turn: u32,
}

impl fmt::Debug for SubscribedCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscribedCalendar").field("turn", &self.turn).finish_non_exhaustive()
    }
}

/// The body of `POST /calendar-subscriptions/{id}/outcome`: what came of a time, where that is no content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchOutcome {
    /// Which time.
    pub turn: u32,
    /// Why it could not be fetched, in words for whoever subscribed; without it, it has not changed.
    pub error: Option<String>,
}

impl FetchOutcome {
    /// Most characters of an error.
    pub const MAX_ERROR: usize = 500;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<FetchOutcome, Vec<Fault>> {
        read_body(body, |fields| {
            let turn = fields.required("turn", integer(0..=u32::MAX));
            let error = fields.nullable("error", sentence(1..=Self::MAX_ERROR, false));
            Some(FetchOutcome { turn: turn?, error: error? })
        })
    }
}

/// The reply to what came of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchNoted {
    /// How the calendar is known now.
    pub state: CalendarState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_and_debug_lines_do_not_repeat_the_url() {
        let secret = "https://example.com/secret";
        let long = format!("{{\"url\": \"{secret}{}\"}}", "x".repeat(2_048));
        for body in
            [long.as_str(), "{\"url\": \"https://example.com/secret\\u0000\"}", "{\"url\": [\"secret\"]}"]
        {
            let faults = NewSubscription::parse(body.as_bytes()).unwrap_err();
            assert!(!format!("{faults:?}").contains("secret"), "{faults:?}");
        }
        let read = NewSubscription::parse(format!("{{\"url\": \"{secret}\"}}").as_bytes()).unwrap();
        assert!(!format!("{read:?}").contains("secret"));
        let known = SubscribedCalendar { url: read.url, etag: None, turn: 1 };
        assert!(!format!("{known:?}").contains("secret"));
    }

    #[test]
    fn an_outcome_without_an_error_says_that_nothing_has_changed() {
        for (body, error) in
            [("{\"turn\": 3}", None), ("{\"turn\": 3, \"error\": \"Gone\"}", Some("Gone".to_owned()))]
        {
            assert_eq!(FetchOutcome::parse(body.as_bytes()), Ok(FetchOutcome { turn: 3, error }));
        }
        assert!(FetchOutcome::parse(b"{}").is_err());
    }
}
