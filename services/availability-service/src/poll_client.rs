//! Asks user-service for polls, and keeps by their version what it got.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode};
use moka::sync::Cache;
use peer_client::{Answer, CacheLookups, Coalesced, Peer, PeerRequest};
use service_kit::{ApiError, ComputePool, RequestContext};
use wire::{ParticipantsByEmailReply, ParticipantsByEmailRequest, PollAnswers, PollView};

/// Bytes of polls that are kept.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of an answer from which on it is read on a thread of its own.
const LARGE: usize = 64 * 1024;

/// A poll with all its answers.
#[derive(Debug)]
pub(crate) struct KeptPoll {
    etag: String,
    bytes: usize,
    pub(crate) answers: PollAnswers,
}

/// A poll for somebody who may see so much of it.
#[derive(Clone, Debug)]
pub(crate) struct SeenPoll {
    pub(crate) poll: Arc<KeptPoll>,
    pub(crate) view: PollView,
}

#[derive(Clone)]
pub(crate) struct PollClient {
    peer: Peer,
    compute: ComputePool,
    kept: Cache<String, Arc<KeptPoll>>,
    coalesced: Coalesced<Question, Result<SeenPoll, ApiError>>,
    lookups: CacheLookups,
}

/// An id, and who asks.
type Question = (String, Option<HeaderValue>);

impl KeptPoll {
    /// Whether computing for it takes long enough to be done on a thread of its own.
    pub(crate) fn is_large(&self) -> bool {
        self.bytes >= LARGE
    }

    /// The poll after a difference since its version.
    fn after(&self, etag: String, difference: PollAnswers) -> KeptPoll {
        let answers = self.answers.after(difference);
        // New participants take about as much as the others.
        let bytes = self.bytes / self.answers.participants.len().max(1) * answers.participants.len();
        KeptPoll { etag, bytes: bytes.max(self.bytes), answers }
    }
}

impl PollClient {
    pub(crate) fn new(peer: Peer, compute: ComputePool, lookups: CacheLookups) -> PollClient {
        let kept = Cache::builder()
            .max_capacity(KEPT_BYTES)
            .weigher(|_id: &String, poll: &Arc<KeptPoll>| u32::try_from(poll.bytes).unwrap_or(u32::MAX))
            .build();
        PollClient { peer, compute, kept, coalesced: Coalesced::default(), lookups }
    }

    /// The poll as it is now, which user-service is asked about each time, and what of it whoever sent this
    /// `Authorization` may see. Those who ask with the same at the same time ask together: a poll that has changed is looked
    /// at by many at once, whom the change was told.
    ///
    /// # Errors
    /// What user-service refuses (401, 404); 503 when it is unavailable or too much is to be computed; 502 when its answer
    /// is of no use.
    pub(crate) async fn poll(
        &self,
        context: &RequestContext,
        id: &str,
        authorization: Option<&HeaderValue>,
    ) -> Result<SeenPoll, ApiError> {
        let question = (id.to_owned(), authorization.cloned());
        let (client, context, asked) = (self.clone(), context.clone(), question.clone());
        let ask = async move { client.ask(&context, &asked.0, asked.1.as_ref()).await };
        self.coalesced.ask(question, ask).await
    }

    async fn ask(
        &self,
        context: &RequestContext,
        id: &str,
        authorization: Option<&HeaderValue>,
    ) -> Result<SeenPoll, ApiError> {
        let kept = self.kept.get(id);
        let mut request = PeerRequest::get("/polls/{id}/answers").part("id", id).authorization(authorization);
        if let Some(kept) = &kept {
            let since = kept.answers.version.to_string();
            request = request.if_none_match(&kept.etag).query(&[("since", &since)]);
        }
        let answer = self.peer.ask(context, request).await?;
        let poll = match (answer.status, kept) {
            (StatusCode::NOT_MODIFIED, Some(kept)) => {
                self.lookups.count(true);
                kept
            }
            (StatusCode::OK, kept) => {
                self.lookups.count(false);
                self.read(&answer, kept).await?
            }
            _ => return Err(self.peer.refusal(&answer)),
        };
        let view = answer.headers.get(PollView::HEADER).and_then(|view| view.to_str().ok());
        let view = view.and_then(|view| view.parse().ok());
        let view = view.ok_or_else(|| self.peer.failed("it did not say what may be seen"))?;
        Ok(SeenPoll { poll, view })
    }

    /// Which participants have given these addresses.
    ///
    /// # Errors
    /// What user-service refuses (401, 403, 404); 503 when it is unavailable; 502 when its answer is of no use.
    pub(crate) async fn participants_by_email(
        &self,
        context: &RequestContext,
        id: &str,
        asked: &ParticipantsByEmailRequest,
        authorization: Option<&HeaderValue>,
    ) -> Result<ParticipantsByEmailReply, ApiError> {
        let request = PeerRequest::post("/polls/{id}/participants-by-email")
            .part("id", id)
            .authorization(authorization);
        let answer = self.peer.ask(context, request.json(asked).repeatable()).await?;
        match answer.status {
            StatusCode::OK => answer.json().map_err(|error| self.peer.failed(error)),
            _ => Err(self.peer.refusal(&answer)),
        }
    }

    /// Keeps what came: a whole poll, or what is different in the one that was kept.
    async fn read(&self, answer: &Answer, kept: Option<Arc<KeptPoll>>) -> Result<Arc<KeptPoll>, ApiError> {
        let etag = answer.etag().map(str::to_owned);
        let etag = etag.ok_or_else(|| self.peer.failed("it sent no ETag"))?;
        let (bytes, answer) = (answer.body.len(), answer.clone());
        let read = move || answer.json::<PollAnswers>();
        let answers = if bytes < LARGE { read() } else { self.compute.run(read).await? };
        let answers = answers.map_err(|error| self.peer.failed(error))?;
        let poll = match (answers.since, kept) {
            (None, _) => KeptPoll { etag, bytes, answers },
            (Some(since), Some(kept)) if since == kept.answers.version => kept.after(etag, answers),
            (Some(_), _) => return Err(self.peer.failed("it sent a difference to another version")),
        };
        let poll = Arc::new(poll);
        self.kept.insert(poll.answers.id.clone(), poll.clone());
        Ok(poll)
    }
}

impl SeenPoll {
    /// That whoever asks may see numbers at least.
    ///
    /// # Errors
    /// 401 where nobody has said who they are, 403 where it is not enough.
    pub(crate) fn require_numbers(&self, authorization: Option<&HeaderValue>) -> Result<(), ApiError> {
        match (self.view, authorization) {
            (PollView::Nothing, None) => {
                let msg =
                    "Send a token of the poll as Authorization: Bearer …; not everybody may see its answers";
                Err(ApiError::http(StatusCode::UNAUTHORIZED, msg))
            }
            (PollView::Nothing, Some(_)) => {
                Err(ApiError::http(StatusCode::FORBIDDEN, "The token is right, but not enough for this"))
            }
            _ => Ok(()),
        }
    }
}
