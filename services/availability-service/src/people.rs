use axum::http::StatusCode;
use peer_client::Peer;
use service_kit::{ApiError, RequestContext};
use wire::{Attendees, PeopleBatch, Person};

/// The people that user-service knows.
#[derive(Clone)]
pub(crate) struct People {
    users: Peer,
}

impl People {
    pub(crate) fn new(users: Peer) -> People {
        People { users }
    }

    /// The attendees' records in the order given, from one call.
    ///
    /// # Errors
    /// 404 when somebody is unknown; 503 when user-service is unavailable; 502 when its answer is of no use.
    pub(crate) async fn records(
        &self,
        attendees: &Attendees,
        context: &RequestContext,
    ) -> Result<Vec<Person>, ApiError> {
        let query: Vec<(&str, &str)> = attendees.ids().iter().map(|id| ("email", id.as_str())).collect();
        let answer = self
            .users
            .get("/user-avail/batch", &query, || context.onward())
            .await
            .map_err(|error| ApiError::unavailable("User service is unavailable").because(error))?;
        if answer.status != StatusCode::OK {
            return Err(broken(format!("user-service answered {}", answer.status)));
        }
        let batch: PeopleBatch = answer.json().map_err(broken)?;
        if batch.people.len() != attendees.ids().len() {
            return Err(broken("user-service answered for another number of people".to_owned()));
        }
        let known: Option<Vec<Person>> = batch.people.into_iter().collect();
        known.ok_or_else(|| ApiError::not_found(attendees.not_found()))
    }
}

fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
    ApiError::http(StatusCode::BAD_GATEWAY, "User service error").because(cause)
}
