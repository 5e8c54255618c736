use axum::http::StatusCode;
use domain::{Preference, WeekHours};
use peer_client::Peer;
use service_kit::{ApiError, RequestContext};
use wire::{Attendees, GroupAvailability, PairAvailability};

/// What availability-service says that people share.
#[derive(Clone)]
pub(crate) struct SharedHours {
    availability: Peer,
}

impl SharedHours {
    pub(crate) fn new(availability: Peer) -> SharedHours {
        SharedHours { availability }
    }

    /// The hours on which everybody is free, and each person's preference.
    ///
    /// # Errors
    /// 404 when somebody is unknown; 503 when availability-service is unavailable; 502 when its answer is of no use.
    pub(crate) async fn of(
        &self,
        attendees: &Attendees,
        context: &RequestContext,
    ) -> Result<(WeekHours, Vec<Preference>), ApiError> {
        let asked =
            self.availability.get("/availabilities", &attendees.parameters(), || context.onward()).await;
        let answer = asked
            .map_err(|error| ApiError::unavailable("Availability service is unavailable").because(error))?;
        match answer.status {
            StatusCode::OK => (),
            StatusCode::NOT_FOUND => return Err(ApiError::not_found(attendees.not_found())),
            status => return Err(broken(format!("availability-service answered {status}"))),
        }
        match attendees {
            Attendees::Pair(_) => {
                let pair: PairAvailability = answer.json().map_err(broken)?;
                Ok((pair.common_availabilities.0, vec![pair.user1preference, pair.user2preference]))
            }
            Attendees::Group(_) => {
                let group: GroupAvailability = answer.json().map_err(broken)?;
                let preferences = group.preferences.iter().map(|person| person.preference).collect();
                Ok((group.common_availabilities.0, preferences))
            }
        }
    }
}

fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ApiError {
    ApiError::http(StatusCode::BAD_GATEWAY, "Availability service error").because(cause)
}
