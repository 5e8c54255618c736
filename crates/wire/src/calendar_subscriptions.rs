//! Calendars that are fetched from where they are, and how worker-service does that for user-service, at
//! `/calendar-subscriptions`.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    AsText, Fault,
    input::{integer, parsed, read_body, sentence},
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

/// Why a calendar could not be fetched, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarErrorCode {
    /// It leads to an address that is not public.
    NotPublic,
    /// There is no server of this name.
    UnknownServer,
    /// The server cannot be reached, or not by TLS.
    Unreachable,
    /// The server broke off its reply.
    BrokenOff,
    /// The server says that there is no such calendar.
    Gone,
    /// The server answered with another status than a calendar has.
    Status,
    /// It redirects too often, or to where nothing is asked.
    Redirects,
    /// The calendar is too large.
    TooLarge,
    /// The calendar did not arrive in time.
    TooSlow,
    /// What was fetched is no calendar.
    NoCalendar,
}

impl CalendarErrorCode {
    /// Every code.
    pub const ALL: [CalendarErrorCode; 10] = [
        CalendarErrorCode::NotPublic,
        CalendarErrorCode::UnknownServer,
        CalendarErrorCode::Unreachable,
        CalendarErrorCode::BrokenOff,
        CalendarErrorCode::Gone,
        CalendarErrorCode::Status,
        CalendarErrorCode::Redirects,
        CalendarErrorCode::TooLarge,
        CalendarErrorCode::TooSlow,
        CalendarErrorCode::NoCalendar,
    ];

    /// Its name in the table and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            CalendarErrorCode::NotPublic => "not_public",
            CalendarErrorCode::UnknownServer => "unknown_server",
            CalendarErrorCode::Unreachable => "unreachable",
            CalendarErrorCode::BrokenOff => "broken_off",
            CalendarErrorCode::Gone => "gone",
            CalendarErrorCode::Status => "status",
            CalendarErrorCode::Redirects => "redirects",
            CalendarErrorCode::TooLarge => "too_large",
            CalendarErrorCode::TooSlow => "too_slow",
            CalendarErrorCode::NoCalendar => "no_calendar",
        }
    }

    /// The code of that name.
    pub fn from_name(name: &str) -> Option<CalendarErrorCode> {
        CalendarErrorCode::ALL.into_iter().find(|code| code.name() == name)
    }
}

impl AsText for CalendarErrorCode {
    fn to_text(&self) -> Cow<'static, str> {
        self.name().into()
    }

    fn from_text(text: &str) -> Result<CalendarErrorCode, String> {
        CalendarErrorCode::from_name(text).ok_or_else(|| format!("{text:?} is no code of a calendar's error"))
    }
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
    /// The number of this fetch. What comes of it is told with its number, and counts once.
    #[serde(rename = "turn")]
    pub fetch_number: u32,
}

impl fmt::Debug for SubscribedCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubscribedCalendar").field("fetch_number", &self.fetch_number).finish_non_exhaustive()
    }
}

/// The body of `POST /calendar-subscriptions/{id}/outcome`: what came of a fetch, where that is no content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FetchOutcome {
    /// Which fetch.
    #[serde(rename = "turn")]
    pub fetch_number: u32,
    /// Why it could not be fetched, in words for whoever subscribed; without it, it has not changed.
    pub error: Option<String>,
    /// The same for programs.
    pub error_code: Option<CalendarErrorCode>,
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
            let fetch_number = fields.required("turn", integer(0..=u32::MAX));
            let error = fields.nullable("error", sentence(1..=Self::MAX_ERROR, false));
            let error_code = fields.nullable("error_code", parsed);
            Some(FetchOutcome { fetch_number: fetch_number?, error: error?, error_code: error_code? })
        })
    }
}

/// The reply to what came of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchOutcomeReply {
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
        let known = SubscribedCalendar { url: read.url, etag: None, fetch_number: 1 };
        assert!(!format!("{known:?}").contains("secret"));
    }

    #[test]
    fn an_outcome_without_an_error_says_that_nothing_has_changed() {
        let gone = Some(CalendarErrorCode::Gone);
        for (body, error, error_code) in [
            ("{\"turn\": 3}", None, None),
            ("{\"turn\": 3, \"error\": \"Gone\"}", Some("Gone".to_owned()), None),
            ("{\"turn\": 3, \"error\": \"Gone\", \"error_code\": \"gone\"}", Some("Gone".to_owned()), gone),
        ] {
            let read = FetchOutcome::parse(body.as_bytes());
            assert_eq!(read, Ok(FetchOutcome { fetch_number: 3, error, error_code }));
        }
        assert!(FetchOutcome::parse(b"{}").is_err());
        assert!(FetchOutcome::parse(b"{\"turn\": 3, \"error_code\": \"lost\"}").is_err());
    }

    #[test]
    fn a_code_has_the_same_name_in_the_table_and_on_the_wire() {
        for code in CalendarErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
            assert_eq!(CalendarErrorCode::from_name(code.name()), Some(code));
        }
    }
}
