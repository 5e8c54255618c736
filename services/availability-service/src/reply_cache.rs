//! Replies about polls that were made before, by what they follow from.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use moka::sync::Cache;
use peer_client::CacheLookups;
use service_kit::{ApiError, EntityTags};
use wire::PollView;

/// Bytes of replies that are kept.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Clone)]
pub(crate) struct ReplyCache {
    kept: Cache<(String, String), Bytes>,
    lookups: CacheLookups,
}

impl ReplyCache {
    pub(crate) fn new(lookups: CacheLookups) -> ReplyCache {
        let bytes = |key: &(String, String), body: &Bytes| {
            u32::try_from(key.0.len() + key.1.len() + body.len()).unwrap_or(u32::MAX)
        };
        ReplyCache { kept: Cache::builder().max_capacity(KEPT_BYTES).weigher(bytes).build(), lookups }
    }

    /// The reply about the poll with this entity tag: 304 where the client has it, or else the body, made anew where it was
    /// not kept.
    pub(crate) async fn reply(
        &self,
        headers: &HeaderMap,
        poll: &str,
        tag: String,
        make: impl Future<Output = Result<Vec<u8>, ApiError>>,
    ) -> Result<Response, ApiError> {
        let known = EntityTags::of_header(headers, &header::IF_NONE_MATCH)?;
        if known.is_some_and(|known| known.contain(&tag)) {
            return Ok(marked(&tag, StatusCode::NOT_MODIFIED.into_response()));
        }
        let key = (poll.to_owned(), tag);
        let kept = self.kept.get(&key);
        self.lookups.count(kept.is_some());
        let body = match kept {
            Some(body) => body,
            None => {
                let body = Bytes::from(make.await?);
                self.kept.insert(key.clone(), body.clone());
                body
            }
        };
        let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        Ok(marked(&key.1, (json, body).into_response()))
    }
}

/// What a reply says depends on who asks, so nothing but their own cache may keep it.
fn marked(tag: &str, mut response: Response) -> Response {
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Authorization"));
    response
}

/// Says to the other service what whoever asks may see.
pub(crate) fn viewed(view: PollView, mut response: Response) -> Response {
    response.headers_mut().insert(PollView::HEADER, HeaderValue::from_static(view.name()));
    response
}
