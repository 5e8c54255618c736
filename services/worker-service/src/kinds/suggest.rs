//! Suggestions for two people, by asking suggestion-service.

use axum::http::StatusCode;
use peer_client::{Peer, PeerError, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_kit::{RequestContext, chain};
use wire::{Fault, Fields, Query, Suggestions, parse_preference};

use super::{EffectOnce, JobKind};
use crate::outcome::Attempt;

pub struct Suggest {
    peer: Peer,
}

impl Suggest {
    pub fn new(peer: Peer) -> Suggest {
        Suggest { peer }
    }
}

#[derive(Debug, Deserialize, Serialize)]
pub struct SuggestPayload {
    #[serde(rename = "userId1")]
    pub user_id_1: String,
    #[serde(rename = "userId2")]
    pub user_id_2: String,
    /// `first`, `last` or `random`: overrides what the two prefer.
    pub preference: Option<String>,
}

impl JobKind for Suggest {
    const NAME: &'static str = "suggest";
    const ONCE: EffectOnce = EffectOnce::StoredResult;
    type Payload = SuggestPayload;

    fn parse(fields: &mut Fields) -> Option<SuggestPayload> {
        let user_id_1 = user_id(fields, "userId1");
        let user_id_2 = user_id(fields, "userId2");
        let preference =
            parse_preference(fields, "preference")?.map(|preference| preference.name().to_owned());
        Some(SuggestPayload { user_id_1: user_id_1?, user_id_2: user_id_2?, preference })
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: SuggestPayload) -> Attempt {
        let mut query = vec![("userId1", payload.user_id_1.as_str()), ("userId2", &payload.user_id_2)];
        query.extend(payload.preference.as_deref().map(|preference| ("preference", preference)));
        let request = PeerRequest::get("/suggestions").query(&query);
        let answer = match self.peer.send(context, request).await {
            Ok(answer) => answer,
            Err(error @ PeerError::Request(_)) => return Attempt::Refused(chain(&error).to_string()),
            Err(error) => return Attempt::faulty(&error),
        };
        match answer.status {
            StatusCode::OK => match answer.json::<Suggestions>() {
                Ok(reply) => Attempt::Done(serde_json::to_value(reply.suggestions).unwrap_or_default()),
                Err(error) => Attempt::faulty(&error),
            },
            StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => Attempt::Refused(reason(&answer.body)),
            _ if answer.is_refused_for_size() => Attempt::Refused(reason(&answer.body)),
            status => Attempt::Faulty(format!("suggestion-service answered {status}")),
        }
    }
}

fn user_id(fields: &mut Fields, name: &str) -> Option<String> {
    let value = fields.required(name)?;
    let text = fields.string(name, value)?;
    let fault = Query::check(&text).map(|(kind, msg)| Fault::new(["body", name], kind, msg));
    match fault {
        None => Some(text),
        Some(fault) => {
            fields.fault(fault);
            None
        }
    }
}

/// What the peer gave as the first reason.
fn reason(body: &[u8]) -> String {
    let said = serde_json::from_slice::<Value>(body).unwrap_or_default();
    said["detail"][0]["msg"].as_str().unwrap_or("suggestion-service refused without a reason").to_owned()
}
