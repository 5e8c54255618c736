use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use futures::{Stream, StreamExt, stream};
use serde_json::{Value, json};
use service_kit::{ApiError, ServiceContext};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, timeout_at},
};
use wire::{Fault, PollView};

use super::{
    PollStores,
    access::{Bearer, PollId},
};
use crate::{
    live::{Listener, News},
    polls::{PublicId, Role, TokenHash, view},
};

/// How long a stream lasts, and how much longer at most: below the time that a proxy waits for when it restarts.
const LIFE: (Duration, Duration) = (Duration::from_secs(180), Duration::from_secs(40));
/// After how many milliseconds a client comes again, and how many more at most.
const RETRY: (u64, u64) = (1_000, 3_000);

/// Streams need the service that ends them.
#[derive(Clone)]
pub(super) struct EventState {
    pub(super) stores: PollStores,
    pub(super) service: ServiceContext,
}

/// What happens to a poll, as server-sent events: `change` with what is different, `reset` where everything has to be read
/// again, `heartbeat` every 15 seconds, `gone`. An event's id is the poll's version. The stream ends by itself after a few
/// minutes; with `Last-Event-ID` it goes on where it was.
#[utoipa::path(get, path = "/polls/{id}/events", operation_id = "poll_events", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = Option<String>, Header, description = "Bearer and the organiser's or a participant's token"),
    ("Last-Event-ID" = Option<String>, Header, description = "The version that the client has"),
), responses(
    (status = 200, description = "The events", content_type = "text/event-stream", body = String),
    (status = 400, description = "Last-Event-ID is no version"),
    (status = 401, description = "The token is none of this poll"),
    (status = 404, description = "There is no such poll"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn events(
    State(EventState { stores, service }): State<EventState>,
    PollId(id): PollId,
    bearer: Bearer,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let since = last_event_id(&headers)?;
    let token = bearer.hash().cloned();
    let (poll, role) = stores.polls.find(&id, token.as_ref()).await?;
    let listener = stores.live.listen(&id, poll.version);
    let view = view(poll.content.visibility, &role);
    let end = Instant::now() + LIFE.0 + LIFE.1.mul_f64(rand::random());
    let version = since.unwrap_or(poll.version);
    let mut follower = Follower { stores, id, token, role, view, version, listener, end };
    // Also without `Last-Event-ID`: the poll may have been changed before anybody listened.
    let first = follower.difference().await?;
    if !matches!(first, News::Heartbeat { .. }) {
        follower.look_again().await?;
    }
    follower.version = first.version().unwrap_or(version);
    let retry = Duration::from_millis(RETRY.0 + rand::random::<u64>() % RETRY.1);
    let first = follower.event(&first).retry(retry);
    let events = stream::iter([first]).chain(follower.events()).map(Ok::<_, Infallible>);
    let headers = [(header::CACHE_CONTROL.as_str(), "no-store"), ("x-accel-buffering", "no")];
    Ok((StatusCode::OK, headers, Sse::new(service.until_stopping(events))).into_response())
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, ApiError> {
    let Some(given) = headers.get("last-event-id") else { return Ok(None) };
    let text = given.to_str().unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    let version = text.parse::<i64>().ok().filter(|version| *version >= 0);
    version.map(Some).ok_or_else(|| {
        let msg = "Give the id of an event, which is a version of the poll";
        ApiError::bad_request(vec![Fault::new(["header", "Last-Event-ID"], "value_error", msg)])
    })
}

/// Somebody who follows a poll.
struct Follower {
    stores: PollStores,
    id: PublicId,
    token: Option<TokenHash>,
    role: Role,
    view: PollView,
    /// What they know of.
    version: i64,
    listener: Listener,
    end: Instant,
}

impl Follower {
    fn events(self) -> impl Stream<Item = Event> {
        stream::unfold(Some(self), async |follower| {
            let mut follower = follower?;
            let news = follower.next().await?;
            let is_gone = matches!(*news, News::Gone);
            let sent = follower.event(&news);
            Some((sent, (!is_gone).then_some(follower)))
        })
    }

    /// The next news that the follower does not know; none when the stream is over.
    async fn next(&mut self) -> Option<Arc<News>> {
        let told = loop {
            match timeout_at(self.end, self.listener.news.recv()).await.ok()? {
                Ok(news) => match &*news {
                    News::Change(change) if change.version <= self.version => (),
                    _ => break Some(news),
                },
                Err(RecvError::Lagged(_)) => break None,
                Err(RecvError::Closed) => return None,
            }
        };
        let known = self.version;
        let told = told.filter(|news| match &**news {
            News::Change(change) => change.since <= known,
            // Others were told of a change before this one listened.
            News::Heartbeat { version } => *version <= known,
            News::Reset { .. } | News::Gone => true,
        });
        let (news, changes_view) = match told {
            Some(news) => {
                let changes_view = self.sees_otherwise_after(&news);
                (news, changes_view)
            }
            None => (Arc::new(self.difference().await.ok()?), true),
        };
        self.version = news.version().unwrap_or(self.version);
        if changes_view && self.look_again().await.ok()? {
            // What was hidden before is not in any difference.
            return Some(Arc::new(News::Reset { version: self.version }));
        }
        Some(news)
    }

    /// Whether the follower may see more or less of the poll after this.
    fn sees_otherwise_after(&self, news: &News) -> bool {
        match (news, &self.role) {
            (News::Reset { .. }, _) => true,
            (News::Change(change), Role::Participant { id, .. }) => change.is_about(id),
            _ => false,
        }
    }

    /// Reads anew what the follower may see; whether it is more than before.
    async fn look_again(&mut self) -> Result<bool, ApiError> {
        let (poll, role) = self.stores.polls.find(&self.id, self.token.as_ref()).await?;
        let seen = std::mem::replace(&mut self.view, view(poll.content.visibility, &role));
        self.role = role;
        Ok(self.view > seen)
    }

    /// What is different to what the follower knows.
    async fn difference(&self) -> Result<News, ApiError> {
        Ok(News::since(&self.stores.polls, &self.id, self.version).await?)
    }

    /// The news as this follower is sent them.
    fn event(&self, news: &News) -> Event {
        self.stores.live.sent(news);
        let data = match news {
            News::Heartbeat { version } | News::Reset { version } => json!({ "version": version }),
            News::Change(change) => change.seen(self.view).clone(),
            News::Gone => Value::Null,
        };
        let event = Event::default().event(news.name()).data(data.to_string());
        match news.version() {
            Some(version) => event.id(version.to_string()),
            None => event,
        }
    }
}
