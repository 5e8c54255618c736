//! Schedules of people who were just stored, or were before.

use reqwest::{Method, StatusCode};
use wire::{Schedule, parse_schedule};

use super::{
    client::{AttemptError, Client, Outcome, refusal_of},
    line::GivenSchedule,
};

impl Client {
    /// Stores the schedule of a person of whom this became: their own goes before it, unless they have none yet or are
    /// to be replaced.
    pub(super) async fn schedule(
        &self,
        given: &GivenSchedule,
        person: Outcome,
    ) -> Result<Outcome, AttemptError> {
        let url = self.person(&given.email, Some("schedule"));
        let outcome = match person {
            Outcome::Refused(_) => return Ok(person),
            Outcome::Unchanged => {
                let stored = self.send(Method::GET, url.clone(), None, &[]).await?;
                if stored.status() != StatusCode::OK {
                    return refusal_of(stored).await;
                }
                match relation(&stored.bytes().await?, &given.body) {
                    Relation::Same => return Ok(Outcome::Unchanged),
                    Relation::Unset => Outcome::Created,
                    Relation::Other if self.replace => Outcome::Replaced,
                    Relation::Other => {
                        let reason =
                            "conflict: stored with another schedule; --replace replaces what is stored";
                        return Ok(Outcome::Refused(reason.to_owned()));
                    }
                }
            }
            Outcome::Created | Outcome::Replaced => person,
        };
        let put = self.send(Method::PUT, url, None, &given.body).await?;
        match put.status() {
            StatusCode::OK => Ok(outcome),
            StatusCode::NOT_FOUND => Err(AttemptError::Removed),
            _ => refusal_of(put).await,
        }
    }
}

/// How a schedule that is stored stands to the one that was given.
#[derive(Debug, PartialEq, Eq)]
enum Relation {
    Same,
    /// Nobody has said one yet.
    Unset,
    Other,
}

fn relation(stored: &[u8], given: &[u8]) -> Relation {
    let Ok(stored) = parse_schedule(stored) else { return Relation::Other };
    let one_form = |schedule: &Schedule| domain::Schedule::try_from(schedule).ok();
    // A given one that cannot be read is sent, for the service to say why.
    let Ok(given) = parse_schedule(given) else { return Relation::Unset };
    if one_form(&stored) == one_form(&given) {
        return Relation::Same;
    }
    let is_said = !stored.overrides.is_empty() || !stored.working_hours.is_empty();
    if !is_said && stored.time_zone == domain::Zone::utc() { Relation::Unset } else { Relation::Other }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schedules_are_compared_in_their_one_form() {
        let rule = |from: &str, to: &str| json!({"day": "monday", "from": from, "to": to, "level": "yes"});
        let schedule = |zone: &str, weekly: serde_json::Value| {
            json!({"time_zone": zone, "weekly": weekly}).to_string().into_bytes()
        };
        let berlin = schedule("Europe/Berlin", json!([rule("09:00", "11:00")]));
        let in_parts = schedule("Europe/Berlin", json!([rule("10:00", "11:00"), rule("09:00", "10:00")]));
        let unset = schedule("UTC", json!([rule("09:00", "11:00")]));
        assert_eq!(relation(&berlin, &in_parts), Relation::Same);
        assert_eq!(relation(&unset, &berlin), Relation::Unset);
        assert_eq!(relation(&schedule("Asia/Tokyo", json!([])), &berlin), Relation::Other);
        assert_eq!(relation(&berlin, b"{}"), Relation::Unset);
    }
}
