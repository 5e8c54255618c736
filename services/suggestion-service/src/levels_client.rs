//! Asks availability-service for bitmaps, and keeps by their version what it got.

use std::{collections::HashMap, sync::Arc};

use axum::http::{HeaderValue, StatusCode};
use domain::SlotRange;
use moka::sync::Cache;
use peer_client::{Answer, CacheLookups, Coalesced, Peer, PeerRequest, VersionedCacheMetrics};
use service_kit::{ApiError, ComputePool, RequestContext};
use wire::{
    AsText, Fault, LevelsReply, LevelsRequest, ParticipantsByEmailReply, ParticipantsByEmailRequest,
    PollLevels, PollView, WindowOptions,
};

use crate::group::GroupBitmaps;

/// Bytes of polls, and of groups of stored people, that are kept; each.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of an answer from which on it is read on a thread of its own.
const LARGE: usize = 64 * 1024;

/// What was got, and the version of it.
#[derive(Debug)]
pub(crate) struct Fetched<T> {
    pub(crate) etag: String,
    pub(crate) content: T,
}

/// A poll for somebody who may see so much of it.
#[derive(Clone, Debug)]
pub(crate) struct SeenPoll {
    pub(crate) poll: Arc<Fetched<GroupBitmaps>>,
    pub(crate) view: PollView,
}

/// For whom a poll is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asker {
    /// Somebody who has sent this `Authorization`.
    Caller(Option<HeaderValue>),
    /// The platform itself, which sees everything.
    Platform,
}

/// The id, and which weeks were asked for.
type PollKey = (String, String, String);
/// The same, and who asks.
type PollQuestion = (PollKey, Asker);
/// The addresses, and between which instants.
type GroupKey = (Vec<String>, SlotRange);

#[derive(Clone)]
pub(crate) struct LevelsClient {
    peer: Peer,
    compute: ComputePool,
    polls: Cache<PollKey, Arc<Fetched<GroupBitmaps>>>,
    coalesced_polls: Coalesced<PollQuestion, Result<SeenPoll, ApiError>>,
    coalesced_groups: Coalesced<GroupKey, Result<Arc<Fetched<LevelsReply>>, ApiError>>,
    groups: Cache<GroupKey, Arc<Fetched<LevelsReply>>>,
    poll_lookups: CacheLookups,
    group_lookups: CacheLookups,
}

impl LevelsClient {
    pub(crate) fn new(peer: Peer, compute: ComputePool, caches: &VersionedCacheMetrics) -> LevelsClient {
        let poll_bytes = |_: &PollKey, poll: &Arc<Fetched<GroupBitmaps>>| weight(poll.content.bytes());
        let group_bytes = |key: &GroupKey, group: &Arc<Fetched<LevelsReply>>| {
            let addresses: usize = key.0.iter().map(String::len).sum();
            weight(2 * addresses + group.content.people.len() * (key.1.len() / 8 * 3 + 256))
        };
        LevelsClient {
            peer,
            compute,
            coalesced_polls: Coalesced::default(),
            coalesced_groups: Coalesced::default(),
            polls: Cache::builder().max_capacity(KEPT_BYTES).weigher(poll_bytes).build(),
            groups: Cache::builder().max_capacity(KEPT_BYTES).weigher(group_bytes).build(),
            poll_lookups: caches.of("poll"),
            group_lookups: caches.of("people"),
        }
    }

    /// The poll as it is now, and what of it the asker may see. Those who ask with the same `Authorization` at the same time
    /// ask together.
    ///
    /// # Errors
    /// What is refused (400, 401, 403, 404); 503 when availability-service is unavailable or too much is to be computed; 502
    /// when its answer is of no use.
    pub(crate) async fn poll(
        &self,
        context: &RequestContext,
        id: &str,
        options: &WindowOptions,
        asker: Asker,
    ) -> Result<SeenPoll, ApiError> {
        let weeks = options.weeks.map(|weeks| weeks.to_string()).unwrap_or_default();
        let first_week = options.first_week.map(|date| date.to_text().into_owned()).unwrap_or_default();
        let key = (id.to_owned(), weeks, first_week);
        let question = (key.clone(), asker.clone());
        let (client, context) = (self.clone(), context.clone());
        let ask = async move { client.ask_poll(&context, key, &asker).await };
        self.coalesced_polls.ask(question, ask).await
    }

    async fn ask_poll(
        &self,
        context: &RequestContext,
        key: PollKey,
        asker: &Asker,
    ) -> Result<SeenPoll, ApiError> {
        let (id, weeks, first_week) = &key;
        let given = [("weeks", weeks.as_str()), ("first_week", first_week.as_str())];
        let given: Vec<_> = given.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let kept = self.polls.get(&key);
        let request = match asker {
            Asker::Caller(sent) => PeerRequest::get("/polls/{id}/levels").authorization(sent.as_ref()),
            Asker::Platform => PeerRequest::get("/polls/{id}/unrestricted-levels"),
        };
        let mut request = request.part("id", id).query(&given);
        if let Some(kept) = &kept {
            request = request.if_none_match(&kept.etag);
        }
        let answer = self.peer.ask(context, request).await?;
        let view = answer.headers.get(PollView::HEADER).and_then(|view| view.to_str().ok());
        let view: Option<PollView> = view.and_then(|view| view.parse().ok());
        let poll = match (answer.status, kept) {
            (StatusCode::NOT_MODIFIED, Some(kept)) => {
                self.poll_lookups.count(true);
                kept
            }
            (StatusCode::OK, _) => {
                self.poll_lookups.count(false);
                let poll = Arc::new(self.read(answer, of_poll).await?);
                self.polls.insert(key, poll.clone());
                poll
            }
            (StatusCode::BAD_REQUEST, _) => return Err(self.no_such_weeks(&answer)),
            _ => return Err(self.peer.refusal(&answer)),
        };
        let view = view.ok_or_else(|| self.peer.failed("it did not say what may be seen"))?;
        Ok(SeenPoll { poll, view })
    }

    /// The ids of the participants who have given these addresses, by address.
    ///
    /// # Errors
    /// That whoever sent this `Authorization` may not know (401, 403), or that there is no such poll (404); 503 when
    /// availability-service is unavailable; 502 when its answer is of no use.
    pub(crate) async fn participants_by_email(
        &self,
        context: &RequestContext,
        id: &str,
        emails: Vec<String>,
        authorization: Option<&HeaderValue>,
    ) -> Result<HashMap<String, Vec<String>>, ApiError> {
        let request = PeerRequest::post("/polls/{id}/participants-by-email")
            .part("id", id)
            .authorization(authorization);
        let asked = ParticipantsByEmailRequest { emails };
        let answer = self.peer.ask(context, request.json(&asked).repeatable()).await?;
        match answer.status {
            StatusCode::OK => {
                let ParticipantsByEmailReply { participants } =
                    answer.json().map_err(|error| self.peer.failed(error))?;
                Ok(asked.emails.into_iter().zip(participants).collect())
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let msg = "Only the organiser of the poll may name participants by their address";
                Err(ApiError::http(answer.status, msg))
            }
            _ => Err(self.peer.refusal(&answer)),
        }
    }

    /// The weeks are named at another place there.
    fn no_such_weeks(&self, answer: &Answer) -> ApiError {
        let said: serde_json::Value = answer.json().unwrap_or_default();
        match said["detail"][0]["msg"].as_str() {
            Some(msg) => ApiError::bad_request(vec![Fault::new(["body", "first_week"], "value_error", msg)]),
            None => self.peer.unexpected(answer.status),
        }
    }

    /// Bitmaps of the people with these addresses. Those who ask for the same people at the same time ask together.
    ///
    /// # Errors
    /// 503 when availability-service is unavailable or too much is to be computed; 502 when its answer is of no use.
    pub(crate) async fn group(
        &self,
        context: &RequestContext,
        emails: Vec<String>,
        range: SlotRange,
    ) -> Result<Arc<Fetched<LevelsReply>>, ApiError> {
        let question = (emails, range);
        let (client, context, key) = (self.clone(), context.clone(), question.clone());
        let ask = async move { client.ask_group(&context, key).await };
        self.coalesced_groups.ask(question, ask).await
    }

    async fn ask_group(
        &self,
        context: &RequestContext,
        (emails, range): GroupKey,
    ) -> Result<Arc<Fetched<LevelsReply>>, ApiError> {
        let body = LevelsRequest { emails, from: range.start(), to: range.end() };
        let mut request = PeerRequest::post("/levels").json(&body).repeatable();
        let key = (body.emails, range);
        let kept = self.groups.get(&key);
        if let Some(kept) = &kept {
            request = request.if_none_match(&kept.etag);
        }
        let answer = self.peer.ask(context, request).await?;
        match (answer.status, kept) {
            (StatusCode::NOT_MODIFIED, Some(kept)) => {
                self.group_lookups.count(true);
                Ok(kept)
            }
            (StatusCode::OK, _) => {
                self.group_lookups.count(false);
                let read = |answer: &Answer| answer.json().map_err(|error| error.into());
                let group = Arc::new(self.read(answer, read).await?);
                self.groups.insert(key, group.clone());
                Ok(group)
            }
            (status, _) => Err(self.peer.unexpected(status)),
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        answer: Answer,
        read: fn(&Answer) -> Result<T, Cause>,
    ) -> Result<Fetched<T>, ApiError> {
        let etag = answer.etag().map(str::to_owned);
        let etag = etag.ok_or_else(|| self.peer.failed("it sent no ETag"))?;
        let is_large = answer.body.len() >= LARGE;
        let read = move || read(&answer);
        let content = if is_large { self.compute.run(read).await? } else { read() };
        let content = content.map_err(|cause| self.peer.failed(cause))?;
        Ok(Fetched { etag, content })
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

fn of_poll(answer: &Answer) -> Result<GroupBitmaps, Cause> {
    let levels: PollLevels = answer.json()?;
    Ok(GroupBitmaps::of_poll(levels)?)
}

fn weight(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
