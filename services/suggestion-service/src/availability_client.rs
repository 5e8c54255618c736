use axum::http::StatusCode;
use domain::{Preference, WeekHours};
use peer_client::{Answer, Peer, PeerRequest};
use serde_json::Value;
use service_kit::{ApiError, RequestContext};
use wire::{Attendees, GroupAvailability, PairAvailability};

#[derive(Clone)]
pub(crate) struct AvailabilityClient {
    pub(crate) peer: Peer,
}

impl AvailabilityClient {
    /// The hours on which everybody is free, and each person's preference.
    ///
    /// # Errors
    /// 404 when somebody is unknown; 503 when availability-service is unavailable; 502 when its answer is of no use.
    pub(crate) async fn common_hours(
        &self,
        context: &RequestContext,
        attendees: &Attendees,
    ) -> Result<(WeekHours, Vec<Preference>), ApiError> {
        let request = match attendees {
            Attendees::Pair([first, second]) => {
                PeerRequest::get("/availabilities").query(&[("userId1", first), ("userId2", second)])
            }
            Attendees::Group(group) => PeerRequest::post("/availabilities").json(group.people()).repeatable(),
        };
        let answer = self.peer.ask(context, request).await?;
        match answer.status {
            StatusCode::OK => (),
            StatusCode::NOT_FOUND => return Err(self.not_found(attendees, &answer)),
            status => return Err(self.peer.unexpected(status)),
        }
        let failed = |error| self.peer.failed(error);
        match attendees {
            Attendees::Pair(_) => {
                let pair: PairAvailability = answer.json().map_err(failed)?;
                Ok((pair.common_availabilities.0, vec![pair.user1preference, pair.user2preference]))
            }
            Attendees::Group(_) => {
                let group: GroupAvailability = answer.json().map_err(failed)?;
                let preferences = group.preferences.iter().map(|person| person.preference).collect();
                Ok((group.common_availabilities.0, preferences))
            }
        }
    }

    /// The same people are unknown, at the places where this service was asked for them.
    fn not_found(&self, attendees: &Attendees, answer: &Answer) -> ApiError {
        let said: Value = answer.json().unwrap_or_default();
        let faults = said["detail"].as_array().map_or(&[][..], Vec::as_slice);
        let positions = faults.iter().filter_map(|fault| fault["loc"][2].as_u64()?.try_into().ok());
        let unknown = attendees.not_found(positions);
        if unknown.is_empty() {
            return self.peer.failed("it did not find something else than people");
        }
        ApiError::invalid(StatusCode::NOT_FOUND, unknown)
    }
}
