//! Reminders of a poll's deadline, which user-service turns into mails.

use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service_kit::RequestContext;

use super::{EffectOnce, JobKind, outlook::outlook};
use crate::outcome::{Attempt, RetryPolicy};

/// More attempts than usual: people are reminded a day before, so that half a day without suggestion-service keeps nobody from it.
const ATTEMPTS: u32 = 320;

/// The kind `remind`.
pub struct Remind {
    users: Peer,
    suggestions: Peer,
}

/// Which deadline of which poll.
#[derive(Debug, Deserialize, Serialize)]
pub struct RemindPayload {
    /// The poll's id.
    pub poll: String,
    /// The deadline, as an instant.
    pub deadline: String,
}

impl Remind {
    /// On top of ways to ask user-service and suggestion-service.
    pub fn new(users: Peer, suggestions: Peer) -> Remind {
        Remind { users, suggestions }
    }
}

impl JobKind for Remind {
    const NAME: &'static str = "remind";
    /// user-service reminds nobody of the same deadline twice.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = RemindPayload;

    fn retry(usual: RetryPolicy) -> RetryPolicy {
        RetryPolicy { max_attempts: usual.max_attempts.max(ATTEMPTS), ..usual }
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: RemindPayload) -> Attempt {
        let awaited = match outlook(&self.suggestions, context, &payload.poll).await {
            // Nobody's answer changes anything.
            Ok(Some(outlook)) if outlook.settled => Some(Vec::new()),
            // Several answers together may, though none of them alone.
            Ok(Some(outlook)) => outlook.awaited.filter(|awaited| !awaited.is_empty()),
            Ok(None) => None,
            Err(attempt) => return attempt,
        };
        let request = PeerRequest::post("/polls/{id}/reminders")
            .part("id", &payload.poll)
            .json(&json!({"deadline": payload.deadline, "awaited": awaited}))
            .repeatable();
        match self.users.send(context, request).await {
            Ok(answer) if answer.status == StatusCode::OK => {
                answer.json::<Value>().map_or_else(|error| Attempt::faulty(&error), Attempt::Done)
            }
            Ok(answer) if answer.status == StatusCode::BAD_REQUEST => {
                Attempt::Refused("user-service does not know such a reminder".to_owned())
            }
            Ok(answer) => Attempt::Faulty(format!("user-service answered {}", answer.status)),
            Err(error) => Attempt::faulty(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_attempts_outlast_half_a_day() {
        let (base, max_pause) = (Duration::from_millis(1), Duration::from_secs(300));
        let policy = Remind::retry(RetryPolicy { max_attempts: 1, base, max_pause });
        let shortest: Duration = (1..policy.max_attempts).map(|attempt| policy.pause(attempt, 0.0)).sum();
        assert!(shortest > Duration::from_secs(12 * 60 * 60), "{shortest:?}");
    }
}
