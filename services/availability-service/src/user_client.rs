use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use service_kit::{ApiError, ComputePool, RequestContext};
use wire::{Attendees, PeopleBatch, PeopleRequest, Person};

/// People from whom on the answer is read on a thread of its own: that takes some microseconds for each of them.
const LARGE_GROUP: usize = 25;

#[derive(Clone)]
pub(crate) struct UserClient {
    pub(crate) peer: Peer,
    pub(crate) compute: ComputePool,
}

impl UserClient {
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
        let answer = self.peer.ask(context, request).await?;
        if answer.status != StatusCode::OK {
            return Err(self.peer.unexpected(answer.status));
        }
        let batch: PeopleBatch = match attendees.ids().len() {
            LARGE_GROUP.. => self.compute.run(move || answer.json()).await?,
            _ => answer.json(),
        }
        .map_err(|error| self.peer.failed(error))?;
        if batch.people.len() != attendees.ids().len() {
            return Err(self.peer.failed("it answered for another number of people"));
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
