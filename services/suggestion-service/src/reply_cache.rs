//! Replies that were made before: the same question about the same version has the same reply.

use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use moka::sync::Cache;
use peer_client::CacheLookups;
use service_kit::{ApiError, RequestContext};
use wire::Windows;

/// Bytes of replies that are kept.
const KEPT_BYTES: u64 = 32 * 1024 * 1024;

/// What a reply begins with when it has no Case-ID yet.
const BEGIN: &[u8] = br#"{"case_id":"""#;

/// The version of what the question is about, and the question.
pub(crate) type Question = (String, String);

#[derive(Clone)]
pub(crate) struct ReplyCache {
    /// Each without what it begins with.
    kept: Cache<Question, Bytes>,
    lookups: CacheLookups,
}

impl ReplyCache {
    pub(crate) fn new(lookups: CacheLookups) -> ReplyCache {
        let bytes = |question: &Question, reply: &Bytes| {
            u32::try_from(question.0.len() + question.1.len() + reply.len()).unwrap_or(u32::MAX)
        };
        ReplyCache { kept: Cache::builder().max_capacity(KEPT_BYTES).weigher(bytes).build(), lookups }
    }

    /// The reply with the request's Case-ID, made anew where it was not kept.
    pub(crate) async fn reply(
        &self,
        context: &RequestContext,
        question: Question,
        make: impl Future<Output = Result<Bytes, ApiError>>,
    ) -> Result<Response, ApiError> {
        let kept = self.kept.get(&question);
        self.lookups.count(kept.is_some());
        let reply = match kept {
            Some(reply) => reply,
            None => {
                let reply = make.await?;
                self.kept.insert(question, reply.clone());
                reply
            }
        };
        let case_id = context.case_id().as_str();
        let mut body = Vec::with_capacity(BEGIN.len() + case_id.len() + reply.len());
        body.extend_from_slice(&BEGIN[..BEGIN.len() - 1]);
        // A Case-ID has letters, digits and `._-` only.
        body.extend_from_slice(case_id.as_bytes());
        body.push(b'"');
        body.extend_from_slice(&reply);
        Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
    }
}

/// A reply as it is kept: JSON without its Case-ID.
pub(crate) fn without_case_id(reply: &Windows) -> Result<Bytes, ApiError> {
    let whole = serde_json::to_vec(&Windows { case_id: String::new(), ..reply.clone() });
    let whole = Bytes::from(whole.map_err(ApiError::internal)?);
    Ok(whole.slice(BEGIN.len()..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_whole_but_the_case_id() {
        let reply = Windows {
            case_id: "case-7".to_owned(),
            version: Some(3),
            total: 0,
            windows: Vec::new(),
            empty_reason: None,
            unlocks: Vec::new(),
            settled: false,
            awaited: None,
            rotation: None,
            burdens: None,
            errors: Vec::new(),
            tzdb: "2026b".to_owned(),
        };
        let kept = without_case_id(&reply).unwrap();
        let whole = [br#"{"case_id":"case-7""#, &kept[..]].concat();
        assert_eq!(serde_json::from_slice::<Windows>(&whole).unwrap(), reply);
    }
}
