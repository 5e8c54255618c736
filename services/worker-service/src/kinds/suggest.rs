//! Suggestions, by asking suggestion-service: an hour of the week for two people, or windows for a poll.

use axum::http::StatusCode;
use peer_client::{Answer, Peer, PeerError, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service_kit::{RequestContext, chain};
use wire::{Fault, Fields, Query, Suggestions, WindowOptions, parse_preference};

use super::{EffectOnce, JobKind};
use crate::{job::JobOrder, outcome::Attempt};

/// The kind `suggest`.
pub struct Suggest {
    peer: Peer,
}

impl Suggest {
    /// On top of a way to ask suggestion-service.
    pub fn new(peer: Peer) -> Suggest {
        Suggest { peer }
    }
}

/// What to suggest something for.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum SuggestPayload {
    Poll(PollPayload),
    Pair(PairPayload),
}

/// A poll, and how its windows are ranked.
#[derive(Debug, Deserialize, Serialize)]
pub struct PollPayload {
    /// The poll's id.
    pub poll: String,
    /// The body of the question: options of [`WindowOptions`].
    pub options: Value,
}

/// Two people.
#[derive(Debug, Deserialize, Serialize)]
pub struct PairPayload {
    /// The first person's address.
    #[serde(rename = "userId1")]
    pub user_id_1: String,
    /// The second person's address.
    #[serde(rename = "userId2")]
    pub user_id_2: String,
    /// `first`, `last` or `random`: overrides what the two prefer.
    pub preference: Option<String>,
}

impl JobKind for Suggest {
    const NAME: &'static str = "suggest";
    /// Somebody waits for it, and nobody for a mail.
    const PRIORITY: u8 = JobOrder::URGENT;
    const IS_PUBLIC: bool = true;
    const ONCE: EffectOnce = EffectOnce::StoredResult;
    type Payload = SuggestPayload;

    fn parse(fields: &mut Fields) -> Option<SuggestPayload> {
        if fields.has("poll") {
            let poll = named(fields, "poll");
            let options = WindowOptions::of_fields(fields)?;
            let options = serde_json::to_value(options).ok()?;
            return Some(SuggestPayload::Poll(PollPayload { poll: poll?, options }));
        }
        let user_id_1 = named(fields, "userId1");
        let user_id_2 = named(fields, "userId2");
        let preference =
            parse_preference(fields, "preference")?.map(|preference| preference.name().to_owned());
        let pair = PairPayload { user_id_1: user_id_1?, user_id_2: user_id_2?, preference };
        Some(SuggestPayload::Pair(pair))
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: SuggestPayload) -> Attempt {
        let request = match &payload {
            SuggestPayload::Pair(pair) => pair.request(),
            SuggestPayload::Poll(poll) => poll.request(),
        };
        let answer = match self.peer.send(context, request).await {
            Ok(answer) => answer,
            Err(error @ PeerError::Request(_)) => return Attempt::Refused(chain(&error).to_string()),
            Err(error) => return Attempt::faulty(&error),
        };
        match answer.status {
            StatusCode::OK => {
                let result = match payload {
                    SuggestPayload::Pair(_) => pair_result(&answer),
                    SuggestPayload::Poll(_) => answer.json(),
                };
                result.map_or_else(|error| Attempt::faulty(&error), Attempt::Done)
            }
            // A poll may not be for everybody: asking again would not help.
            StatusCode::NOT_FOUND
            | StatusCode::BAD_REQUEST
            | StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN => Attempt::Refused(reason(&answer.body)),
            _ if answer.is_refused_for_size() => Attempt::Refused(reason(&answer.body)),
            status => Attempt::Faulty(format!("suggestion-service answered {status}")),
        }
    }
}

impl PairPayload {
    fn request(&self) -> PeerRequest {
        let mut query = vec![("userId1", self.user_id_1.as_str()), ("userId2", &self.user_id_2)];
        query.extend(self.preference.as_deref().map(|preference| ("preference", preference)));
        PeerRequest::get("/suggestions").query(&query)
    }
}

impl PollPayload {
    /// Asks as nobody: whoever looks the job up sees what everybody may see.
    fn request(&self) -> PeerRequest {
        PeerRequest::post("/polls/{id}/suggestions").part("id", &self.poll).json(&self.options).repeatable()
    }
}

fn pair_result(answer: &Answer) -> Result<Value, PeerError> {
    let reply: Suggestions = answer.json()?;
    Ok(serde_json::to_value(reply.suggestions).unwrap_or_default())
}

/// A text that names somebody or something.
fn named(fields: &mut Fields, name: &str) -> Option<String> {
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
