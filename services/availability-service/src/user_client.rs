use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use service_kit::{ApiError, ComputePool, RequestContext};
use wire::{Attendees, PeopleBatch, PeopleRequest, Person};

/// People from whom on the answer is read on a thread of its own: that takes some microseconds for each of them.
const LARGE_GROUP: usize = 25;

#[derive(Clone)]
pub(crate) struct UserClient {
    peer: Peer,
    compute: ComputePool,
}

impl UserClient {
    pub(crate) fn new(peer: Peer, compute: ComputePool) -> UserClient {
        UserClient { peer, compute }
    }

    /// The attendees' records in the order given, from one call.
    ///
    /// # Errors
    /// 404 when somebody is unknown; 503 when user-service is unavailable or too many large groups wait; 502 when its answer is of no use.
    pub(crate) async fn people(
        &self,
        context: &RequestContext,
        attendees: &Attendees,
    ) -> Result<Vec<Person>, ApiError> {
        let body = PeopleRequest { emails: attendees.ids().to_vec() };
        let request = PeerRequest::post("/user-avail/batch").json(&body).repeatable();
        let sent = self.peer.send(context, request).await;
        let answer = sent.map_err(|error| error.into_reply("User service is unavailable"))?;
        if let Some(refusal) = answer.refused_for_size() {
            return Err(refusal);
        }
        if answer.status != StatusCode::OK {
            return Err(broken(format!("user-service answered {}", answer.status)));
        }
        let batch: PeopleBatch = match attendees.ids().len() {
            LARGE_GROUP.. => self.compute.run(move || answer.json()).await?,
            _ => answer.json(),
        }
        .map_err(broken)?;
        if batch.people.len() != attendees.ids().len() {
            return Err(broken("user-service answered for another number of people".to_owned()));
        }
        let positions = batch.people.iter().enumerate();
        let unknown: Vec<usize> =
            positions.filter(|(_, person)| person.is_none()).map(|(index, _)| index).collect();
        if unknown.is_empty() {
            Ok(batch.people.into_iter().flatten().collect())
        } else {
            Err(ApiError::invalid(StatusCode::NOT_FOUND, attendees.not_found(unknown)))
        }
    }
}

fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
    ApiError::http(StatusCode::BAD_GATEWAY, "User service error").because(cause)
}
