//! What happens to polls, as it happens: to whoever listens, on whichever replica.
//!
//! A change is announced by a hint: the poll and its version. Redis carries it to the other replicas, and a process alone
//! needs nobody for that. A hint may be lost: every room also looks at its poll's version at each heartbeat. What is
//! different is always read from the database, once for all who listen to the poll on this replica.

mod hints;
mod metrics;
mod news;
mod room;

pub(crate) use hints::Hints;
pub(crate) use news::News;

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
    time::Duration,
};

use ::metrics::Counted;
use parking_lot::{Mutex, MutexGuard};
use service_kit::ServiceContext;
use tokio::sync::broadcast;

use self::metrics::LiveMetrics;
use crate::{db::Polls, polls::PublicId};
use room::Room;

/// From one heartbeat to the next.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long changes are gathered into one event.
const GATHER: Duration = Duration::from_millis(300);
/// News that a slow listener may be behind with before it asks the database itself.
const BEHIND: usize = 16;

/// The polls that somebody on this replica listens to. Clones are the same.
#[derive(Clone)]
pub(crate) struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    polls: Polls,
    hints: Hints,
    rooms: Mutex<HashMap<PublicId, Weak<Room>>>,
    service: ServiceContext,
    metrics: LiveMetrics,
}

/// Somebody listens to a poll as long as this lives.
pub(crate) struct Listener {
    pub(crate) news: broadcast::Receiver<Arc<News>>,
    _room: Arc<Room>,
    _counted: Counted,
}

impl Live {
    /// Listens for hints of other replicas until the service says stop.
    pub(crate) fn new(
        service: &ServiceContext,
        polls: Polls,
        hints: Hints,
    ) -> Result<Live, prometheus::Error> {
        let metrics = LiveMetrics::register(&service.registry)?;
        let shared = Shared { polls, hints, rooms: Mutex::default(), service: service.clone(), metrics };
        let live = Live { shared: Arc::new(shared) };
        live.shared.hints.listen(service, live.clone());
        Ok(live)
    }

    /// Counts that a listener was sent this.
    pub(crate) fn sent(&self, news: &News) {
        self.shared.metrics.sent(news);
    }

    /// Says on every replica that a poll has another version.
    pub(crate) fn changed(&self, poll: &PublicId) {
        self.wake(poll);
        self.shared.hints.send(poll);
    }

    /// Whoever listens here to this poll hears of what is different.
    pub(crate) fn wake(&self, poll: &PublicId) {
        let room = self.rooms().get(poll).and_then(Weak::upgrade);
        room.into_iter().for_each(|room| room.wake());
    }

    /// News of a poll from this version on.
    pub(crate) fn listen(&self, poll: &PublicId, version: i64) -> Listener {
        let mut rooms = self.rooms();
        let room = rooms.get(poll).and_then(Weak::upgrade).unwrap_or_else(|| {
            rooms.retain(|_, room| room.strong_count() > 0);
            let room = Room::open(&self.shared.service, self.shared.polls.clone(), poll.clone(), version);
            rooms.insert(poll.clone(), Arc::downgrade(&room));
            room
        });
        Listener { news: room.subscribe(), _room: room, _counted: self.shared.metrics.listens() }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<PublicId, Weak<Room>>> {
        self.shared.rooms.lock()
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("rooms", &self.rooms().len()).finish_non_exhaustive()
    }
}
