use std::time::Duration;

use lapin::Channel;
use retry::{Backoff, Pauses};
use tokio::sync::watch;
use tracing::{info, warn};

use super::link::LinkError;

/// Pauses between attempts to connect, before jitter, which at most doubles them. A broker that is back is noticed within
/// the longest.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_millis(500));

/// The channel that can be used, or the reason in words why there is none. Clones watch the same connection.
#[derive(Clone, Debug)]
pub(super) struct ChannelState(watch::Sender<Result<Channel, String>>);

impl ChannelState {
    pub(super) fn new() -> ChannelState {
        ChannelState(watch::Sender::new(Err("not connected yet".to_owned())))
    }

    pub(super) fn get(&self) -> Result<Channel, String> {
        self.0.borrow().clone()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.0.borrow().as_ref().map(|_| ()).map_err(Clone::clone)
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.borrow().is_ok()
    }

    pub(super) fn set(&self, state: Result<Channel, String>) {
        // What was before is of no interest.
        let _ = self.0.send_replace(state);
    }

    pub(super) async fn wait_until_up(&self) {
        // It fails only when the sender is gone, and this is one.
        let _ = self.0.subscribe().wait_for(Result::is_ok).await;
    }
}

/// Counts attempts to connect, says how long to wait between them, and logs what changed, once.
pub(super) struct Reconnect {
    role: &'static str,
    queue: String,
    pauses: Pauses,
    complaint: Option<String>,
}

impl Reconnect {
    pub(super) fn new(role: &'static str, queue: &str) -> Reconnect {
        Reconnect { role, queue: queue.to_owned(), pauses: BACKOFF.pauses(), complaint: None }
    }

    pub(super) fn succeeded(&mut self) {
        self.pauses = BACKOFF.pauses();
        if self.complaint.take().is_some() {
            info!(queue = self.queue, role = self.role, "the broker is back");
        }
    }

    pub(super) fn failed(&mut self, error: &LinkError) -> Duration {
        let complaint = error.to_string();
        if self.complaint.as_ref() != Some(&complaint) {
            warn!(
                queue = self.queue,
                role = self.role,
                error = complaint,
                "the broker cannot be used; trying on"
            );
            self.complaint = Some(complaint);
        }
        self.pauses.next().unwrap_or(BACKOFF.longest)
    }
}
