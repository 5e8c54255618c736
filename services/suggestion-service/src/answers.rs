//! Answers that were given before: the same question about the same version has the same answer.

use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use moka::sync::Cache;
use service_kit::{ApiError, RequestContext};
use wire::Windows;

use crate::metrics::{Kept, KeptMetrics};

/// Bytes of answers that are kept.
const KEPT_BYTES: u64 = 32 * 1024 * 1024;

/// What an answer begins with when it has no Case-ID yet.
const BEGIN: &[u8] = br#"{"case_id":"""#;

/// The version of what the question is about, and the question.
pub(crate) type Question = (String, String);

#[derive(Clone)]
pub(crate) struct Answers {
    /// Each without what it begins with.
    kept: Cache<Question, Bytes>,
    metrics: KeptMetrics,
}

impl Answers {
    pub(crate) fn new(metrics: KeptMetrics) -> Answers {
        let bytes = |question: &Question, answer: &Bytes| {
            u32::try_from(question.0.len() + question.1.len() + answer.len()).unwrap_or(u32::MAX)
        };
        Answers { kept: Cache::builder().max_capacity(KEPT_BYTES).weigher(bytes).build(), metrics }
    }

    /// The answer with the request's Case-ID, made anew where it was not kept.
    pub(crate) async fn answer(
        &self,
        context: &RequestContext,
        question: Question,
        make: impl Future<Output = Result<Bytes, ApiError>>,
    ) -> Result<Response, ApiError> {
        let kept = self.kept.get(&question);
        self.metrics.count(Kept::Answer, kept.is_some());
        let answer = match kept {
            Some(answer) => answer,
            None => {
                let answer = make.await?;
                self.kept.insert(question, answer.clone());
                answer
            }
        };
        let case_id = context.case_id().as_str();
        let mut body = Vec::with_capacity(BEGIN.len() + case_id.len() + answer.len());
        body.extend_from_slice(&BEGIN[..BEGIN.len() - 1]);
        // A Case-ID has letters, digits and `._-` only.
        body.extend_from_slice(case_id.as_bytes());
        body.push(b'"');
        body.extend_from_slice(&answer);
        Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
    }
}

/// An answer as it is kept: JSON without its Case-ID.
pub(crate) fn without_case_id(answer: &Windows) -> Result<Bytes, ApiError> {
    let whole = serde_json::to_vec(&Windows { case_id: String::new(), ..answer.clone() });
    let whole = Bytes::from(whole.map_err(ApiError::internal)?);
    Ok(whole.slice(BEGIN.len()..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_whole_but_the_case_id() {
        let answer = Windows {
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
        let kept = without_case_id(&answer).unwrap();
        let whole = [br#"{"case_id":"case-7""#, &kept[..]].concat();
        assert_eq!(serde_json::from_slice::<Windows>(&whole).unwrap(), answer);
    }
}
