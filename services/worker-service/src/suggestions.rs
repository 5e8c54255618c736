//! The work itself: to ask suggestion-service.

use axum::http::StatusCode;
use domain::Preference;
use peer_client::Peer;
use serde_json::Value;
use service_kit::RequestContext;
use wire::Suggestions;

use crate::job::{Attempt, Order};

/// Asks suggestion-service for the pair of an order.
#[derive(Clone)]
pub struct Suggester {
    peer: Peer,
}

impl Suggester {
    /// On top of a way to ask suggestion-service.
    pub fn new(peer: Peer) -> Suggester {
        Suggester { peer }
    }

    /// One attempt at the order.
    pub async fn suggest(&self, order: &Order, context: &RequestContext) -> Attempt {
        let mut query = vec![("userId1", order.user_id_1.as_str()), ("userId2", &order.user_id_2)];
        query.extend(order.preference.map(|preference: Preference| ("preference", preference.name())));
        let answer = match self.peer.get("/suggestions", &query, || context.onward()).await {
            Ok(answer) => answer,
            Err(error) => return Attempt::faulty(&error),
        };
        match answer.status {
            StatusCode::OK => match answer.json::<Suggestions>() {
                Ok(reply) => Attempt::Done(serde_json::to_value(reply.suggestions).unwrap_or_default()),
                Err(error) => Attempt::faulty(&error),
            },
            StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => Attempt::Refused(reason(&answer.body)),
            status => Attempt::Faulty(format!("suggestion-service answered {status}")),
        }
    }
}

/// What the peer gave as the first reason.
fn reason(body: &[u8]) -> String {
    let said = serde_json::from_slice::<Value>(body).unwrap_or_default();
    said["detail"][0]["msg"].as_str().unwrap_or("suggestion-service refused without a reason").to_owned()
}
