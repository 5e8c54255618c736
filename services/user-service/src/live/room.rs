use std::sync::{Arc, Weak};

use service_kit::{ServiceContext, chain};
use tokio::{
    sync::{Notify, broadcast},
    time::{Instant, sleep, sleep_until},
};
use tracing::debug;

use super::{BEHIND, GATHER, HEARTBEAT, News};
use crate::{
    db::{PollError, Polls},
    polls::PublicId,
};

/// Those who listen to one poll on this replica.
pub(super) struct Room {
    sender: broadcast::Sender<Arc<News>>,
    wake: Notify,
}

impl Room {
    /// Opens a room for a poll of which this version is known. It lasts as long as anybody has it.
    pub(super) fn open(service: &ServiceContext, polls: Polls, poll: PublicId, version: i64) -> Arc<Room> {
        let room = Arc::new(Room { sender: broadcast::Sender::new(BEHIND), wake: Notify::new() });
        // The poll may have been changed between the reading of its version and now.
        room.wake();
        let watch = watch(Arc::downgrade(&room), polls, poll, version);
        service.spawn(service.stopping.clone().run_until_cancelled_owned(watch));
        room
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<News>> {
        self.sender.subscribe()
    }

    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }
}

/// Tells what is different when the room is woken, and at each heartbeat.
async fn watch(room: Weak<Room>, polls: Polls, poll: PublicId, mut version: i64) {
    let mut heartbeat = Instant::now() + HEARTBEAT;
    loop {
        let Some(open) = room.upgrade() else { return };
        let woken = tokio::select! {
            () = open.wake.notified() => true,
            () = sleep_until(heartbeat) => false,
        };
        drop(open);
        if woken {
            sleep(GATHER).await;
        } else {
            heartbeat = Instant::now() + HEARTBEAT;
        }
        let news = match News::since(&polls, &poll, version).await {
            Ok(news) => news,
            Err(PollError::UnknownPoll) => News::gone(),
            Err(error) => {
                debug!(error = %chain(&error), "a poll cannot be looked at");
                continue;
            }
        };
        let Some(open) = room.upgrade() else { return };
        let is_new = news.version().is_none_or(|new| new != version);
        version = news.version().unwrap_or(version);
        if is_new || !woken {
            // Nobody listens just now.
            let _ = open.sender.send(Arc::new(news));
        }
    }
}
